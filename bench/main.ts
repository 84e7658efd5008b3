import { benchNotifications } from "./notifications.ts";
import { benchOrderFile } from "./order-file.ts";

const benches = { notifications: benchNotifications, "order-file": benchOrderFile };
const wanted = process.argv[2];
for (const [name, run] of Object.entries(benches)) if (wanted === undefined || wanted === name) await run();
process.exit(0);
