import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { paymentKey } from "./undecided-news.ts";

/**
 * Authentic money whose order we do not know: recorded as an advance without an owner, never refused (LOST-20,
 * acquirers/README rule 7), with an alert for a person. `known`: booked before; `currency`: not in roubles, which is no fact of
 * ours and only alerted (NUM-01).
 */
export async function recordUnmatchedCapture(
  ctx: Ctx,
  tx: Tx,
  connection: OpenConnection,
  payment: SeenPayment & { providerPaymentId: string; amountKopecks: bigint },
): Promise<"recorded" | "known" | "currency"> {
  if (payment.currency !== "RUB") {
    await raiseAlert(ctx, tx, {
      code: "ALR-16",
      objectKey: paymentKey(connection.id, payment.providerPaymentId),
      severity: "P1",
      title: `Платёж в валюте ${payment.currency.slice(0, 8)} без заказа («${connection.name}», № ${payment.providerPaymentId})`,
      advice: "Платёж не учтён: магазин принимает только рубли. Свяжитесь с банком.",
      detail: { class: "CURRENCY_MISMATCH", reference: payment.reference },
    });
    return "currency";
  }
  const fact = await recordFact(ctx, tx, {
    kind: "payment_captured",
    amountKopecks: payment.amountKopecks,
    method: "card",
    connectionId: connection.id,
    providerPaymentId: payment.providerPaymentId,
    captureNo: 1,
    occurredAt: payment.paidAt ?? ctx.now(),
    fiscalOwner: "site",
    isTest: connection.environment === "test",
    note: payment.reference === null ? "уведомление без номера заказа" : `номер в уведомлении: ${payment.reference.slice(0, 80)}`,
    allocations: [{ orderId: null, counterpartyId: null, amountKopecks: payment.amountKopecks }],
  });
  if (!fact) return "known";
  await Promise.all([
    ctx.announce(ctx, tx, { type: "money.captured", fact, order: null, revisionNo: null, contact: null }),
    raiseAlert(ctx, tx, {
      code: "ALR-16",
      objectKey: paymentKey(connection.id, payment.providerPaymentId),
      severity: "P1",
      amountKopecks: payment.amountKopecks,
      title: `Платёж ${formatMoney(payment.amountKopecks)} без заказа («${connection.name}», № ${payment.providerPaymentId})`,
      advice: "Деньги учтены как аванс. Найдите заказ и привяжите платёж или верните деньги.",
      detail: { class: "MISSING_IN_LEDGER", reference: payment.reference },
    }),
  ]);
  return "recorded";
}
