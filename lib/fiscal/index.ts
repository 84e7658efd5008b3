export { planReceipt } from "./plan-receipt.ts";
export { repeatReceipt } from "./repeat-receipt.ts";
export { canReceiptMove, notRequiredReasons, receiptStateLabels, receiptStates } from "./states.ts";
export type { NotRequiredReason, ReceiptState } from "./states.ts";
export { workReceipt } from "./work-receipt.ts";
