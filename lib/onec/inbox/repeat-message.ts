import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import type { MessageDoor, PayloadFormat } from "@/lib/onec-messages/index.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import type { TakenResult } from "@/lib/orders/take-orders.ts";
import type { ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import { readPayload } from "./read-payload.ts";

type Stored = { id: string; connectionId: string; door: MessageDoor; direction: string; result: string; objectGuid: string | null; orderId: string | null; payload: string | null; payloadFormat: PayloadFormat | null; payloadCut: boolean; source: string | null };

/**
 * «Повторить»: the document of a refused message goes through the same verb once more; what comes of it stands in its row. Throws `forbidden`,
 * `not_found`, `conflict` (nothing to repeat).
 */
export async function repeatMessage(ctx: Ctx, messageId: string): Promise<TakenResult> {
  return again(ctx, messageId, "message.repeated", (document) => document);
}

/** What a person corrects in a refused document. */
export type Correction = {
  /** «Это тот же заказ»: the document belongs to our order with this number. */
  bindToNumber?: string;
  /** Another number instead of one that is taken; only where 1C knows orders by their GUID. */
  number?: string;
};

/** «Применить вручную»: the same document with a field corrected by a person. Throws as `repeatMessage`, and `invalid` (details.field). */
export async function applyByHand(ctx: Ctx, messageId: string, correction: Correction): Promise<TakenResult> {
  const bindTo = correction.bindToNumber?.trim() ?? "";
  const number = correction.number?.trim() ?? "";
  if (bindTo === "" && number === "") throw invalid("Укажите заказ или новый номер", { field: "bindToNumber" });
  if (bindTo !== "" && number !== "") throw invalid("Укажите что-то одно", { field: "number" });
  if (number.length > 255) throw invalid("Номер длиннее 255 знаков", { field: "number" });
  return again(ctx, messageId, "message.applied_by_hand", async (document, base) => {
    if (document.kind === "refused") throw conflict(`Документ не читается: ${document.reason}. Исправьте его в 1С`);
    if (number !== "") {
      if (document.kind === "other") throw invalid("У этого документа номер не меняется", { field: "number" });
      if ((base.settings["moneyChannel"] ?? "commerceml") !== "json") throw conflict("Стандартный обмен узнаёт заказы по номеру: исправьте «Номер заказа на сайте» в 1С", { field: "number" });
      return { ...document, number };
    }
    const order = await bind(ctx, base, document, bindTo);
    if (document.kind === "other") return { ...document, operation: { ...document.operation, baseRef: order.number } };
    return { ...document, number: order.number };
  }, { bindTo, number });
}

/** The order takes over the document's GUID, so that 1C's next uploads of it find the order. */
async function bind(ctx: Ctx, base: OpenConnection, document: Exclude<ReadOrder, { kind: "refused" }>, number: string): Promise<{ number: string }> {
  return inTransaction(ctx, async (tx) => {
    const [order] = await tx<{ id: string; number: string; onecGuid: string | null }[]>`select id, number, onec_guid from orders where onec_connection_id = ${base.id} and number = ${number} for no key update`;
    if (!order) throw invalid(`Заказа №\u00A0${number} этой базы на сайте нет`, { field: "bindToNumber" });
    if (document.kind === "other" || order.onecGuid === document.onecRef) return order;
    const [twin] = await tx`select 1 from orders where onec_connection_id = ${base.id} and onec_guid = ${document.onecRef} and id <> ${order.id}`;
    if (twin) throw conflict("Этот документ 1С уже стал другим заказом на сайте", { field: "bindToNumber" });
    await tx`update orders set onec_guid = ${document.onecRef}, updated_at = ${ctx.now()} where id = ${order.id}`;
    await recordAudit(ctx, tx, { action: "order.rebound", objectType: "order", objectId: order.id, before: { onecGuid: order.onecGuid }, after: { onecGuid: document.onecRef } });
    return order;
  });
}

async function again(ctx: Ctx, messageId: string, action: string, correct: (document: ReadOrder, base: OpenConnection) => ReadOrder | Promise<ReadOrder>, after: Record<string, unknown> = {}): Promise<TakenResult> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "onec.repeat")) throw forbidden();
  const { sql } = ctx.database;
  const [message] = await sql<Stored[]>`
    select id, connection_id, door, direction, result, object_guid, order_id, payload, payload_format, payload_cut, source from onec_messages where id = ${uuidOrNull(messageId)}`;
  if (!message) throw notFound("Сообщение не найдено");
  if (message.direction !== "in" || (message.result !== "error" && message.result !== "skipped")) throw conflict("Повторить можно только то, что не принято");
  if (message.payload === null || message.payloadFormat === null || message.payloadCut) throw conflict("Документ целиком не сохранён: повторите обмен из 1С");
  const base = await loadConnection(ctx, message.connectionId);
  const [document, second] = await readPayload(ctx, base, { format: message.payloadFormat, text: message.payload });
  if (!document || second) throw conflict("В сообщении не один документ: повторите обмен из 1С");
  const corrected = await correct(document, base);
  await sql`update onec_messages set handled_by = null, handled_at = null where id = ${message.id}`;
  const [result] = await takeOrders(ctx, base, [corrected], { door: message.door, source: message.source, messageId: message.id });
  await inTransaction(ctx, async (tx) => {
    await tx`update onec_messages set handled_by = ${actorText(ctx.actor)}, handled_at = ${ctx.now()} where id = ${message.id} and result not in ('error', 'skipped')`;
    await recordAudit(ctx, tx, { action, objectType: "onec_message", objectId: message.id, before: { result: message.result }, after: { ...after, outcome: result!.outcome, reason: result!.reason ?? null, orderId: result!.orderId } });
  });
  return result!;
}

/**
 * «Пропустить» with a reason: the refused document is set aside, and 1C is told that it is taken when it sends it again (CML-23). Throws `forbidden`,
 * `invalid` (details.field), `not_found`, `conflict`.
 */
export async function skipMessage(ctx: Ctx, input: { messageId: string; reason: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "onec.repeat")) throw forbidden();
  const reason = input.reason.trim();
  if (reason.length < 5 || reason.length > 300) throw invalid("Напишите, почему документ не нужен", { field: "reason" });
  await inTransaction(ctx, async (tx) => {
    const [row] = await tx<{ id: string; result: string; direction: string }[]>`select id, result, direction from onec_messages where id = ${uuidOrNull(input.messageId)} for update`;
    if (!row) throw notFound("Сообщение не найдено");
    if (row.direction !== "in") throw conflict("Деньги не пропускают: их повторяют или отмечают учтёнными");
    if (row.result !== "error") throw conflict("Пропустить можно только то, что не принято");
    await tx`update onec_messages set result = 'skipped', result_text = ${`Пропущено: ${reason}`}, handled_by = ${actorText(ctx.actor)}, handled_at = ${ctx.now()} where id = ${row.id}`;
    await tx`update onec_conflicts set state = 'settled', decided_at = ${ctx.now()}, decided_by = ${actorText(ctx.actor)}, reason = ${reason} where message_id = ${row.id} and state = 'open' and object_type = 'document'`;
    await recordAudit(ctx, tx, { action: "message.skipped", objectType: "onec_message", objectId: row.id, reason, before: { result: row.result }, after: { result: "skipped" } });
  });
}
