import { benchChanges } from "./changes.ts";
import { benchInvariants } from "./invariants.ts";
import { largeDatabaseMade } from "./large-database.ts";
import { benchJsonOrders } from "./json-orders.ts";
import { benchNotifications } from "./notifications.ts";
import { benchOrderFile } from "./order-file.ts";
import { benchOrderPage } from "./order-page.ts";
import { benchPush } from "./push.ts";
import { benchReconciliation } from "./reconciliation.ts";

const benches = { notifications: benchNotifications, "order-file": benchOrderFile, "json-orders": benchJsonOrders, reconciliation: benchReconciliation, "order-page": benchOrderPage, invariants: benchInvariants, changes: benchChanges, push: benchPush };
const wanted = process.argv.slice(2);
for (const [name, run] of Object.entries(benches)) if (wanted.length === 0 || wanted.includes(name)) await run();
await (await largeDatabaseMade())?.stop();
process.exit(0);
