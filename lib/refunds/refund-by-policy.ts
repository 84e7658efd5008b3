import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { isPayableLifecycle } from "@/lib/orders/states.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { blockOf } from "./blocks.ts";
import { createRefund } from "./create-refund.ts";
import { lockForRefund } from "./lock-for-refund.ts";
import { refundableOf, surplusOf } from "./refundable.ts";

/**
 * After a capture: what the shop's settings say of money for an order that may not be paid any more (`lateSuccessPolicy`, LOST-05) and
 * of a second payment (`autoRefundDoublePayment`, LOST-06). By default nothing: people decide, with the alert that the capture raised.
 * Never with a dispute or a sum in doubt. Twice for one fact changes nothing.
 */
export async function refundByPolicy(ctx: Ctx, factId: string): Promise<void> {
  const { sql } = ctx.database;
  const [fact] = await sql<{ orderId: string | null; isOnline: boolean }[]>`
    select (select a.order_id from allocations a where a.fact_id = f.id order by a.created_at, a.id limit 1) as order_id, f.provider_payment_id is not null as is_online
      from money_facts f where f.id = ${factId} and f.kind = 'payment_captured'`;
  if (!fact?.orderId || !fact.isOnline) return;
  const { orderId } = fact;
  const [late, double] = [await readSetting(sql, "lateSuccessPolicy"), await readSetting(sql, "autoRefundDoublePayment")];
  if (late === "manual" && !double) return;
  await inTransaction(ctx, async (tx) => {
    const { order, payments } = await lockForRefund(tx, { orderId, paymentFactId: null });
    const payment = payments.find((each) => each.factId === factId);
    if (!order || !payment) return;
    const isLate = !isPayableLifecycle(order.lifecycle);
    if (isLate && late === "reactivate") {
      // 1C is the master of the order: the policy only tells people what to do.
      await raiseAlert(ctx, tx, {
        code: "ALR-05", objectKey: `order:${orderId}:late`, orderId, severity: "P1", amountKopecks: payment.amountKopecks,
        title: `Деньги за ${order.lifecycle === "deleted" ? "удалённый" : "отменённый"} заказ №${NBSP}${order.number}, ${formatMoney(payment.amountKopecks)}`,
        advice: "По правилу магазина такой заказ восстанавливают: снимите отмену в 1С, обмен вернёт его в работу. Иначе верните деньги.",
      });
      return;
    }
    const online = payments.filter((each) => each.providerPaymentId !== null);
    // Only the later payment is the extra one, whichever of the two jobs comes first.
    const isSecond = !isLate && online.length > 1 && online[0] === payment;
    if (!(isLate && late === "auto_refund") && !(isSecond && double)) return;
    const [freeKopecks, surplusKopecks] = [await refundableOf(tx, { payment, order }), await surplusOf(tx, order)];
    const amountKopecks = surplusKopecks < freeKopecks ? surplusKopecks : freeKopecks;
    const [known] = await tx`select 1 from refunds where order_id = ${orderId} and form_key = ${`auto:${factId}`}`;
    if (known || amountKopecks <= 0n || (await blockOf(tx, payment, order))) return;
    await createRefund(ctx, tx, {
      payment, order, amountKopecks, method: "instrument", reason: isLate ? "late_payment" : "double_payment", reasonText: "по правилу магазина", source: "auto", state: "approved",
      formKey: `auto:${factId}`, isTest: payment.isTest,
    });
  });
  ctx.hint(orderId);
}
