export { receiptWrites } from "./plan-receipt.ts";
export { repeatReceipt } from "./repeat-receipt.ts";
export { canReceiptMove, notRequiredReasons, receiptStateLabels, receiptStates } from "./states.ts";
export type { NotRequiredReason, ReceiptState } from "./states.ts";
export { workReceipt } from "./work-receipt.ts";
export { failureCause } from "./failure-causes.ts";
export type { FailureCause } from "./failure-causes.ts";
export { RECEIPTS_PER_PAGE, countReceipts, countReceiptsToDecide, groupFailures, listReceipts, receiptTabLabels, receiptTabs } from "./list-receipts.ts";
export type { FailedGroup, ReceiptCounts, ReceiptRow, ReceiptScope, ReceiptTab } from "./list-receipts.ts";
