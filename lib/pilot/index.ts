export { changeStoreMode } from "./change-store-mode.ts";
export { addToBatch, closeBatch, removeFromBatch } from "./change-batch.ts";
export { readExitRule } from "./exit-rule.ts";
export type { ExitCondition } from "./exit-rule.ts";
export { makeBatch } from "./make-batch.ts";
export type { NewBatch } from "./make-batch.ts";
export { resumePayments, stopPayments } from "./stop-payments.ts";
export { tickItem } from "./tick-item.ts";
export * from "./states.ts";
