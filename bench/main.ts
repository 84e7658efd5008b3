import { benchNotifications } from "./notifications.ts";
import { benchOrderFile } from "./order-file.ts";
import { benchReconciliation } from "./reconciliation.ts";

const benches = { notifications: benchNotifications, "order-file": benchOrderFile, reconciliation: benchReconciliation };
const wanted = process.argv[2];
for (const [name, run] of Object.entries(benches)) if (wanted === undefined || wanted === name) await run();
process.exit(0);
