/** What intake tells the rest of the program about one order (event `orders.taken`). */
import type { OnecOperation, OnecState } from "@/lib/onec/wire/order-draft.ts";

export type TakenOrder = {
  orderId: string;
  isNew: boolean;
  revisionNo: number;
  /** What may be asked for now; 0 when nothing is due or the order may not be paid. */
  payableDueKopecks: bigint;
  /** Until when, where 1C or the shop said so. */
  payUntil: Date | null;
  /** Payments, closings and other documents that 1C reported with it, its times in `zone`; null = none. */
  reported: { paid: OnecState["paid"]; operations: OnecOperation[]; zone: string } | null;
  /** By our books paid in full, and 1C's whole posted document names no payment: it did not book what it had been given. */
  namesNoPayment: boolean;
  /** Its document was written before this moment. */
  saidAt?: Date;
  /** It had called the order paid, and its whole posted document does so no more. */
  takesPaymentBack?: boolean;
  /** 1C says that nothing is left to ship; null = it does not. `byFlag`: by «Отгружен» true, not by its status table or a number alone. */
  shipped: { number: string | null; at: Date; byFlag: boolean } | null;
  /** It says in so many words that something is left to ship. */
  unshipped?: boolean;
  /** «Отгружен» is false, and a status or a number of the same document says that nothing is left to ship. */
  flagDisagrees?: boolean;
};
