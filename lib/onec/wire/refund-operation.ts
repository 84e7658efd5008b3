/** Documents by which 1C pays a buyer back (LOST-12). Pure. */
import type { OnecOperation } from "./order-draft.ts";
import { plainWord } from "./read-values.ts";

/** Money that 1C itself paid back, by the name of its document. */
export const refundNames = new Map<string, "bank_transfer" | "cash">([
  ["возврат безналичных денег", "bank_transfer"],
  ["возврат наличных денег", "cash"],
]);

export const isRefund = ({ marks, operation }: Pick<OnecOperation, "marks" | "operation">): boolean => marks.refund === true || refundNames.has(plainWord(operation));
