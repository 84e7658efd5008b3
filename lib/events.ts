/** What verbs announce; `reactions.ts` alone says what follows. Payloads carry what reactions need, so that they read nothing. */
import type { Write } from "@/db/index.ts";
import type { PayerKind } from "@/db/schema/index.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import type { RecordedFact } from "@/lib/ledger/record-fact.ts";
import type { TakenOrder } from "@/lib/orders/intake/taken-order.ts";

export type DomainEvent =
  | {
      type: "money.captured";
      fact: RecordedFact;
      /** Null: money whose order we do not know. */
      order: LockedOrder | null;
      /** Lines the buyer saw and agreed to (FISC-37): those of this revision. */
      revisionNo: number | null;
      /** Contact for the receipt and the letter; null when nobody gave one. */
      contact: string | null;
      /** Whose advance it is, when no order is known but the payer is (LOST-23). */
      payerKind?: PayerKind;
      /** What the verb itself writes about this money and has not sent yet: it goes in one statement with what follows. */
      writes?: (Write | false | null)[];
      /** Updates that fail the whole statement when their row is not what the verb read (`writeTogether`). */
      mustChange?: Write[];
    }
  /** The bank holds money of an attempt (two-stage). `isLate`: the attempt had ended, the hold is in nobody's way and must go (LOST-05). */
  | { type: "money.held"; attemptId: string; amountKopecks: bigint; order: LockedOrder; isLate: boolean }
  /** Money went back to the buyer (`refund_succeeded`): the return receipt is due now and not before (LOST-25). */
  | { type: "money.returned"; fact: RecordedFact; order: LockedOrder | null; refundId: string | null; contact: string | null }
  /** `payment_reversed`, `chargeback`, `chargeback_reversed`, `refund_reversed`: 1C learns of it, no receipt goes out by itself (FISC-26). */
  | { type: "money.undone"; fact: RecordedFact; order: LockedOrder | null }
  /** Money without an order found its order: its receipt can be planned now (LOST-20). `byDocument`: a document of 1C named it, so that 1C knows. */
  | { type: "money.bound"; factId: string; amountKopecks: bigint; order: LockedOrder; contact: string | null; byDocument?: true }
  /** A person put money that we had on this order. */
  | { type: "money.arrived"; factId: string; amountKopecks: bigint; order: LockedOrder }
  /** Money of this order of which 1C was never told (`MISSING_IN_1C`). */
  | { type: "money.untold"; factId: string; order: LockedOrder }
  /** Goods were handed over: the closing receipt is due (FISC-10 … FISC-24). The shipment and its lines are written. */
  | { type: "goods.shipped"; order: LockedOrder; shipmentId: string }
  /** 1C gave codes of marked goods after their hand-over was recorded; they are written. */
  | { type: "goods.marked"; order: LockedOrder; shipmentId: string }
  /** 1C took a hand-over back on which nothing stands; it is written. */
  | { type: "goods.withdrawn"; order: LockedOrder; shipmentId: string }
  /** A receipt came to its end at the register: registered, or in need of a person. */
  | { type: "receipt.settled"; receiptId: string; orderId: string; isRegistered: boolean }
  /** The bank declined a try to pay. */
  | { type: "attempt.failed"; attemptId: string; orderId: string }
  /** The time of a pay link ran out with money still due (2.3). */
  | { type: "link.expired"; linkId: string; orderId: string }
  /** Its shop took an unpaid order back; it is written. */
  | { type: "order.cancelled"; order: LockedOrder }
  /** An acquirer's registry was stored; its new lines stand in `registry_entries`. */
  | { type: "registry.stored"; registryId: string }
  /** Orders of one 1C base were created or changed by its upload; their rows are written and locked. */
  | { type: "orders.taken"; orders: TakenOrder[] }
  /** A file of 1C stands on an order where its buyer sees it: a new one, another version, or it has found its order. */
  | { type: "document.shown"; documentId: string; versionNo: number; orderId: string }
  /** 1C must learn the present state of the order. */
  | { type: "order.changed"; order: LockedOrder; reason: string };
