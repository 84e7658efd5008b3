import type { Ctx } from "@/lib/context.ts";
import { conflict, invalid, notFound } from "@/lib/kit/errors.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { parseRubles, rublesText } from "@/lib/kit/money.ts";
import { requestRefundFromOnec } from "@/lib/refunds/index.ts";
import { refundReasons } from "@/lib/refunds/states.ts";
import type { RefundReason } from "@/lib/refunds/states.ts";
import { baseSettings } from "../base-settings.ts";
import { findOrderId, whyNotFound } from "./find-order.ts";
import { journal } from "./journal.ts";
import { orderLinesOf } from "./order-lines-of.ts";
import type { Call, Reply } from "./operation.ts";
import { readObject, readOne } from "./read-package.ts";
import { readRefunds, toldRefundLabels } from "./read-refunds.ts";
import type { ToldRefundState } from "./read-refunds.ts";
import { RefundRequest } from "./schema-money.ts";
import type { RefundAnswer } from "./schema-money.ts";
import { readGuid } from "./values.ts";

const REASON_MAX = 500;

/** POST /refunds: 1C asks us to pay back (2.5, LOST-12). Nothing goes out before people approve it; the same id asks once. */
export async function requestRefundCall(call: Call): Promise<Reply> {
  const { ctx, base, bytes } = call;
  const started = performance.now();
  const { value: request, warnings } = readOne(bytes, RefundRequest);
  const { id, amount } = request;
  if (!id) throw invalid("id: нет GUID документа возврата", { field: "id" });
  const known = await findKnown(ctx, base.id, id);
  // Where its payment stands now says nothing of what was asked for then.
  const orderId = known && !request.orderId && !request.orderNumber ? known.orderId : await orderOf(ctx, base.id, request);
  if (known) {
    if (known.orderId !== orderId) throw conflict("Возврат с таким id уже запрошен по другому заказу");
    if (request.paymentId && known.paymentFactId !== null && known.paymentFactId !== request.paymentId) throw conflict("Возврат с таким id уже запрошен по другому платежу");
    if (amount != null && amount !== known.amountKopecks) throw conflict(`Возврат с таким id уже запрошен на ${formatMoney(known.amountKopecks)}`);
  } else {
    if (amount == null && !request.items?.length) throw invalid("amount: укажите сумму или items", { field: "amount" });
    const { reason, reasonText } = reasonOf(request);
    await requestRefundFromOnec(ctx, {
      orderId, paymentFactId: request.paymentId ?? null, amountKopecks: amount ?? null, documentKey: id, documentNumber: request.number ?? null, reason, reasonText, method: request.method ?? "instrument",
      ...(request.items?.length && { lines: await orderLinesOf(ctx, orderId, request.items) }),
    });
  }
  const json = await answer(call, id, warnings);
  if (!known) await journal(ctx, base.id, [{ kind: "refund", guid: id, number: request.number ?? "", orderId, summary: `1С просит вернуть ${formatMoney(parseRubles(json.amount))} по заказу №${NBSP}${json.orderNumber}: ждёт одобрения`, refusal: null, raw: readObject(bytes).value }], performance.now() - started);
  return { json, summary: known ? "Повтор просьбы о возврате денег" : `Просьба вернуть деньги${amount == null ? "" : ` ${formatMoney(amount)}`}` };
}

/** GET /refunds/{guid}: what became of it; a refusal is told here, money that went by `refund.succeeded`. */
export async function readRefundCall(call: Call): Promise<Reply> {
  const id = readGuid(call.params["guid"] ?? "");
  if (id === null || !(await findKnown(call.ctx, call.base.id, id))) throw notFound("Возврата с таким id нет");
  return { json: await answer(call, id, []), summary: "Состояние возврата денег" };
}

/** `paymentFactId`: null when it goes back from several payments. */
type Known = { orderId: string; amountKopecks: bigint; paymentFactId: string | null };

async function findKnown(ctx: Ctx, connectionId: string, id: string): Promise<Known | null> {
  const [row] = await ctx.database.sql<Known[]>`
    select r.order_id, sum(r.amount_kopecks)::bigint as amount_kopecks, case when count(*) = 1 then (array_agg(r.payment_fact_id))[1] end as payment_fact_id from refunds r join orders o on o.id = r.order_id
     where o.onec_connection_id = ${connectionId} and (r.document_key = ${id} or starts_with(r.document_key, ${`${id}#`})) group by r.order_id limit 1`;
  return row ?? null;
}

async function orderOf(ctx: Ctx, connectionId: string, { orderId, orderNumber, paymentId }: RefundRequest): Promise<string> {
  const { sql } = ctx.database;
  if (orderId || orderNumber) {
    const found = await findOrderId(sql, connectionId, { guid: orderId ?? null, number: orderNumber ?? null });
    if (found === null) throw notFound(await whyNotFound(sql, connectionId, orderNumber ?? null));
    return found;
  }
  if (!paymentId) throw invalid("orderId: укажите заказ или paymentId", { field: "orderId" });
  const rows = await sql<{ orderId: string }[]>`
    select a.order_id from allocations a join orders o on o.id = a.order_id where a.fact_id = ${paymentId} and o.onec_connection_id = ${connectionId} group by a.order_id having sum(a.amount_kopecks) > 0 limit 2`;
  if (rows.length === 0) throw notFound("Оплаты с таким id у этой базы нет");
  if (rows.length > 1) throw conflict("Эта оплата стоит на нескольких заказах: укажите orderId");
  return rows[0]!.orderId;
}

function reasonOf({ reason, items, number }: RefundRequest): { reason: RefundReason; reasonText: string | null } {
  const code = refundReasons.find((known) => known === reason);
  if (code && code !== "other") return { reason: code, reasonText: null };
  const text = (reason && !code ? reason : `По документу 1С ${number ?? "без номера"}`).slice(0, REASON_MAX);
  return { reason: items?.length ? "goods_return" : "other", reasonText: text };
}

async function answer({ ctx, base }: Call, id: string, warnings: string[]): Promise<RefundAnswer> {
  const { sql } = ctx.database;
  const asked: ReturnType<typeof sql> = sql`select w.id from refunds w join orders o on o.id = w.order_id and o.onec_connection_id = ${base.id} where w.document_key = ${id} or starts_with(w.document_key, ${`${id}#`})`;
  const [refunds, [order]] = await Promise.all([
    readRefunds(ctx, asked, baseSettings(base).zone ?? ctx.zone),
    sql<{ onecGuid: string | null; number: string }[]>`select o.onec_guid, o.number from refunds r join orders o on o.id = r.order_id where r.id in (${asked}) limit 1`,
  ]);
  const states = [...new Set(refunds.map(({ state }) => state as ToldRefundState))];
  const status = states.length === 1 ? states[0]! : null;
  const total = refunds.reduce((sum, { amount }) => sum + parseRubles(amount), 0n);
  return { id, orderId: order!.onecGuid ?? "", orderNumber: order!.number, amount: rublesText(total), status: status ?? "mixed", statusText: status ? toldRefundLabels[status] : "Части в разных состояниях", refunds, warnings, msg: "" };
}
