export { rehearseOrders } from "./rehearse-orders.ts";
export type { DryLine, DryReceipt } from "./dry-receipt.ts";
export { listDryRuns, readShadow } from "./read-shadow.ts";
export type { DryRunRow, ShadowCounts, ShadowRow, Verdict } from "./read-shadow.ts";
