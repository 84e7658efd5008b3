import { actingAs, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import type { Role } from "@/lib/auth/roles.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { openDispute } from "@/lib/disputes/index.ts";
import { DAY_MS, HOUR_MS, addDays, addMs, localDate } from "@/lib/kit/time.ts";
import { recordUnmatchedCapture } from "@/lib/payments/record-unmatched-capture.ts";
import { approveRefund, confirmBankRefund, readRefundable, requestRefund } from "@/lib/refunds/index.ts";
import type { RefundReason } from "@/lib/refunds/index.ts";
import { at, receipt } from "./story.ts";

/** Orders of the demo, paid online some days ago, that something happened to afterwards. */
export type PaidStories = { returned: string; toApprove: string; toPayOut: string; disputed: string };

/**
 * Money after the payment, by the verbs that the pages use: a return that is over, one that waits for a second person, one that waits
 * for the accountant, a dispute with its deadline, a payment without an order. Refunds go by transfer: the sandbox bank does not know
 * the payments of made-up history.
 */
export async function seedMoneyBack(ctx: Ctx, acquirerId: string, orders: PaidStories): Promise<void> {
  const now = ctx.now();
  const [manager, accountant, director] = await Promise.all([staff(ctx, "manager"), staff(ctx, "accountant"), staff(ctx, "director")]);
  const hoursAgo = (hours: number) => addMs(now, -hours * HOUR_MS);

  const returned = await ask(at(manager, hoursAgo(52)), orders.returned, "goods_return", "Покупатель вернул товар в магазин");
  await approveRefund(at(director, hoursAgo(51)), { refundId: returned });
  await confirmBankRefund(at(accountant, hoursAgo(28)), { refundId: returned, documentNumber: "1190", documentDate: localDate(hoursAgo(28), ctx.zone) });
  await receipt(at(ctx, hoursAgo(28)), orders.returned, "registered");

  await ask(at(manager, hoursAgo(3)), orders.toApprove, "goods_return", "Не подошёл цвет", localDate(hoursAgo(27), ctx.zone));
  const toPayOut = await ask(at(manager, hoursAgo(26)), orders.toPayOut, "order_reduction", "Одной позиции не оказалось на складе");
  await approveRefund(at(accountant, hoursAgo(25)), { refundId: toPayOut });

  const [paid] = (await readRefundable(ctx, orders.disputed))!.payments;
  await openDispute(at(accountant, hoursAgo(20)), {
    payment: { factId: paid!.factId }, providerDisputeId: "CB-20417", amountKopecks: paid!.amountKopecks, occurredAt: hoursAgo(22), reasonText: "Покупатель сообщил банку, что не совершал покупку", deadlineOn: addDays(localDate(now, ctx.zone), 6),
  });

  const seen = at(actingAs(ctx, { kind: "provider", ip: null }), hoursAgo(5));
  const connection = await loadConnection(ctx, acquirerId);
  await inTransaction(seen, (tx) =>
    recordUnmatchedCapture(seen, tx, connection, {
      state: "paid", rawState: "success", reference: "Предоплата за сервиз", providerInvoiceId: null, providerPaymentId: "40990017", amountKopecks: 1_284_900n, refundedKopecks: null, currency: "RUB", payerId: null, paidAt: addMs(now, -DAY_MS / 4),
      instrument: "Мир •••• 2204", rrn: null, declineCode: null, declineClass: null, acknowledged: true,
    }),
  );
}

async function staff(ctx: Ctx, role: Role): Promise<Ctx> {
  const [person] = await ctx.database.sql<{ id: string; storeId: string | null }[]>`select id, store_id from staff_users where role = ${role} limit 1`;
  if (!person) throw new Error(`the demo has no ${role}`);
  return actingAs(ctx, { kind: "staff", userId: person.id, role, storeId: person.storeId, ip: null });
}

/** One piece of the order's first line, by transfer. */
async function ask(ctx: Ctx, orderId: string, reason: RefundReason, reasonText: string, demandedOn: string | null = null): Promise<string> {
  const [line] = (await readRefundable(ctx, orderId))!.lines;
  const [refund] = await requestRefund(ctx, { orderId, paymentFactId: null, amountKopecks: null, lines: [{ orderLineId: line!.orderLineId, quantity: "1" }], reason, reasonText, method: "bank_transfer", demandedOn });
  return refund!.refundId;
}
