import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { DomainError } from "@/lib/kit/errors.ts";
import { quantityFromMillis } from "@/lib/kit/quantity.ts";
import type { FiscalOwner, PayMethodCode } from "@/lib/ledger/index.ts";
import { awaitsRevision } from "@/lib/orders/awaiting-revision.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { isCompany } from "@/lib/payments/book-transfer.ts";
import { blockOf } from "./blocks.ts";
import { lockForRefund } from "./lock-for-refund.ts";
import { leftOf, returnedLines } from "./price-lines.ts";
import { refundableOf, surplusOf } from "./refundable.ts";

export type RefundablePayment = {
  factId: string;
  method: PayMethodCode;
  amountKopecks: bigint;
  occurredAt: Date;
  /** What may go back from it now; 0 when `blocked` says why not. */
  refundableKopecks: bigint;
  blocked: string | null;
  /** The provider can send it back the way it came. */
  byInstrument: boolean;
  /** Which receipt the return brings, in words. */
  receiptText: string;
};

export type Refundable = {
  refundableKopecks: bigint;
  /** Beyond the price and beyond what is promised to refunds. */
  surplusKopecks: bigint;
  payments: RefundablePayment[];
  lines: { orderLineId: string; name: string; quantityLeft: string; leftKopecks: bigint }[];
  /** Money went back and 1C has not sent the new sum yet (PAY-06). */
  awaitsRevision: boolean;
};

/** What the refund form of an order offers. Null when there is no such order. */
export async function readRefundable(ctx: Ctx, orderId: string): Promise<Refundable | null> {
  try {
    return await inTransaction(ctx, async (tx) => {
      const { order, payments } = await lockForRefund(tx, { orderId, paymentFactId: null });
      if (!order) return null;
      const seen: RefundablePayment[] = [];
      for (const payment of payments) {
        const block = await blockOf(tx, payment, order);
        seen.push({
          factId: payment.factId, method: payment.method, amountKopecks: payment.amountKopecks, occurredAt: payment.occurredAt,
          refundableKopecks: block ? 0n : await refundableOf(tx, { payment, order }), blocked: block?.message ?? null, byInstrument: payment.providerPaymentId !== null,
          receiptText: receiptText(payment.fiscalOwner, payment.method, order),
        });
      }
      const returned = await returnedLines(tx, order);
      const lines = order.lines.map((line) => ({ line, ...leftOf(line, returned) })).filter(({ leftMillis, leftKopecks }) => leftMillis > 0n && leftKopecks > 0n);
      return {
        refundableKopecks: await refundableOf(tx, { payment: null, order }),
        surplusKopecks: await surplusOf(tx, order),
        payments: seen,
        lines: lines.map(({ line, leftMillis, leftKopecks }) => ({ orderLineId: line.lineId, name: line.name, quantityLeft: quantityFromMillis(leftMillis), leftKopecks })),
        awaitsRevision: await awaitsRevision(tx, orderId),
      };
    });
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found") return null;
    throw error;
  }
}

function receiptText(owner: FiscalOwner, method: PayMethodCode, order: LockedOrder): string {
  if (owner !== "site") return owner === "none" ? "Чек не нужен" : "Чек возврата пробивает не сайт, а тот, кто пробил чек оплаты";
  if (isCompany(order) && method === "bank_transfer") return "Чек не нужен: расчёт с организацией по счёту";
  return "После исполнения возврата касса пробьёт чек «возврат прихода» на эту сумму";
}
