export { rehearseOrders } from "./rehearse-orders.ts";
export type { DryLine, DryReceipt } from "./dry-receipt.ts";
