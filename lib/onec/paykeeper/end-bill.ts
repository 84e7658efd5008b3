import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import { recordTransfer, refreshOffer } from "@/lib/payments/index.ts";
import { billSettings } from "./door-settings.ts";
import { findBilledOrder } from "./find-order.ts";
import { revokedDraft } from "./bill-draft.ts";
import type { BillRow } from "./bill-rows.ts";
import { endedBecause, lockBill, orderName } from "./send-bill.ts";

export type Ended = { bill: BillRow; problem: string | null };

/**
 * `revoke`: 1C takes its bill back. An order that was born with it is cancelled; an order of another door lives on and is only not paid by
 * this bill any more. Money that is there already is not given back by a revoked bill. Null for an unknown number.
 */
export async function revokeBill(ctx: Ctx, base: OpenConnection, number: string): Promise<Ended | null> {
  const ended = await inTransaction(ctx, async (tx): Promise<Ended | null> => {
    const bill = await lockBill(ctx, tx, base, number);
    if (!bill || bill.status === "revoked") return bill && { bill, problem: null };
    const why = bill.status === "expired" ? null : endedBecause(bill);
    if (why) return { bill, problem: why };
    const order = await lockOrder(tx, bill.orderId);
    const { netPaidKopecks } = orderBalance(order);
    if (netPaidKopecks > 0n) return { bill, problem: `По счёту уже получено ${formatMoney(netPaidKopecks)}: сначала верните деньги покупателю` };
    const now = ctx.now();
    if (bill.closedAt === null) await tx`update bills set closed_at = ${now}, close_reason = 'revoked', updated_at = ${now} where id = ${bill.billId}`;
    await tx`update orders set pay_until = ${now}, updated_at = ${now} where id = ${bill.orderId}`;
    await refreshOffer(ctx, tx, bill.orderId);
    await recordEvent(ctx, tx, { orderId: bill.orderId, kind: "bill.revoked", subjectId: bill.billId, detail: { number } });
    return { bill, problem: null };
  });
  if (!ended || ended.problem !== null) return ended;
  const order = await findBilledOrder(ctx, base.id, ended.bill.orderRef || number);
  if (order?.isOwn && order.orderId === ended.bill.orderId && isPayableLifecycle(order.lifecycle)) await takeOrders(ctx, { ...base, byFile: false }, [revokedDraft(order.number)], { door: "paykeeper" });
  ctx.hint(ended.bill.orderId);
  return ended;
}

/**
 * `accept-cash`: the till has the money (domain 1.2: cash is born in 1C). Booked as money that 1C told us of, only where somebody has said that the
 * till prints its receipts: we print none, and without that word nobody would. Null for an unknown number.
 */
export async function acceptCash(ctx: Ctx, base: OpenConnection, number: string): Promise<Ended | null> {
  const isBooked = billSettings(base).cash === "book";
  const ended = await inTransaction(ctx, async (tx): Promise<Ended | null> => {
    const bill = await lockBill(ctx, tx, base, number);
    if (!bill) return null;
    // Late money is money: only a bill that is paid needs no more of it.
    if (bill.status === "paid") return { bill, problem: `${orderName(bill)} уже оплачен` };
    if (bill.status === "revoked") return { bill, problem: "Счёт отозван" };
    if (!isBooked) return { bill, problem: "Наличные по счёту сайт не принимает: проведите их в 1С, чек печатает касса магазина. Отметку о наличных можно включить в настройках базы" };
    const order = await lockOrder(tx, bill.orderId);
    const { dueKopecks } = orderBalance(order);
    if (dueKopecks === 0n) return { bill, problem: `${orderName(bill)}: оплаты не ждём` };
    await recordTransfer(ctx, tx, order, {
      amountKopecks: dueKopecks, method: "cash", documentKey: `bill:${bill.number}:cash`, documentNumber: bill.number.toString(), occurredAt: ctx.now(), fiscalOwner: "pos",
    });
    await refreshOffer(ctx, tx, bill.orderId);
    return { bill, problem: null };
  });
  if (ended && ended.problem === null) ctx.hint(ended.bill.orderId);
  return ended;
}
