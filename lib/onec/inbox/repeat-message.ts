import type { Sql } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import type { MessageDirection, MessageDoor, MessageKind, MessageResult, PayloadFormat } from "@/lib/onec-messages/index.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import type { TakenResult } from "@/lib/orders/take-orders.ts";
import type { ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import { baseSettings } from "../base-settings.ts";
import { listOfKind } from "../json/objects.ts";
import { bindDocument } from "./bind-document.ts";
import { readPayload } from "./read-payload.ts";
import { repeatObject } from "./repeat-object.ts";

/** A message as it must be to be done again. */
export type Repeatable = { door: MessageDoor; direction: MessageDirection; kind: MessageKind; result: MessageResult; payloadFormat: PayloadFormat | null; payloadCut: boolean; handledBy: string | null; handledAt: Date | null; /** A later document of the same object was taken. */ isOutdated: boolean };
export type Stored = Repeatable & { id: string; connectionId: string; payload: string | null; source: string | null };

/** Wants `m` = onec_messages. */
export const outdatedSql = (sql: Sql) => sql`exists (
  select 1 from onec_messages n where n.connection_id = m.connection_id and n.object_guid = m.object_guid and n.kind = m.kind and n.direction = 'in' and n.result in ('applied', 'noop') and n.at > m.at and n.last_at > m.last_at)`;

/** Null when it can be done again, else why not, for people. */
export function whyNotAgain(message: Repeatable): string | null {
  if (message.direction !== "in" || (message.result !== "error" && message.result !== "skipped")) return "Повторить можно только то, что не принято";
  // Nobody but 1C itself has closed it, or 1C has sent it anew since a person did: what is here now is newer.
  if (message.isOutdated || (message.result === "skipped" && message.handledAt !== null && message.handledBy === null)) return "1С уже прислала этот документ заново: прежний не повторяют, чтобы не вернуть старое";
  if (message.payloadFormat === null || message.payloadCut) return "Документ целиком не сохранён: повторите обмен из 1С";
  if (message.payloadFormat === "json" && (message.door !== "json" || listOfKind(message.kind) === null)) return "Этот документ повторяют из 1С";
  return null;
}

/**
 * «Повторить»: the document of a refused message goes through the same verb once more; what comes of it stands in its row. Throws `forbidden`,
 * `not_found`, `conflict` (nothing to repeat).
 */
export async function repeatMessage(ctx: Ctx, messageId: string): Promise<TakenResult> {
  return again(ctx, messageId, "message.repeated", { bindTo: "", number: "" });
}

/** What a person corrects in a refused document. */
export type Correction = {
  /** «Это тот же заказ»: the document belongs to our order with this number. */
  bindToNumber?: string;
  /** Another number instead of one that is taken; only where 1C knows orders by their GUID. */
  number?: string;
};
/** Empty: as it came. */
export type Corrected = { bindTo: string; number: string };

/** «Применить вручную»: the same document with a field corrected by a person. Throws as `repeatMessage`, and `invalid` (details.field). */
export async function applyByHand(ctx: Ctx, messageId: string, correction: Correction): Promise<TakenResult> {
  const bindTo = correction.bindToNumber?.trim() ?? "";
  const number = correction.number?.trim() ?? "";
  if (bindTo === "" && number === "") throw invalid("Укажите заказ или новый номер", { field: "bindToNumber" });
  if (bindTo !== "" && number !== "") throw invalid("Укажите что-то одно", { field: "number" });
  if (number.length > 255) throw invalid("Номер длиннее 255 знаков", { field: "number" });
  return again(ctx, messageId, "message.applied_by_hand", { bindTo, number });
}

/** The older document that a person has chosen (conflict `version`): it is taken now, since its version is ours again. */
export async function takeLate(ctx: Ctx, messageId: string): Promise<void> {
  const [message] = await ctx.database.sql<Stored[]>`${storedSql(ctx)} where id = ${messageId} and payload is not null and not payload_cut`;
  if (!message) return;
  const base = await loadConnection(ctx, message.connectionId);
  await takeAgain(ctx, base, message, { bindTo: "", number: "" });
  await ctx.database.sql`update onec_messages set handled_by = ${actorText(ctx.actor)}, handled_at = ${ctx.now()} where id = ${message.id}`;
}

const storedSql = (ctx: Ctx) => ctx.database.sql`select id, connection_id, door, direction, kind, result, payload, payload_format, payload_cut, source, handled_by, handled_at, ${outdatedSql(ctx.database.sql)} as is_outdated from onec_messages m`;
const takeAgain = (ctx: Ctx, base: OpenConnection, message: Stored, correction: Corrected): Promise<TakenResult> => (message.payloadFormat === "json" ? repeatObject : repeatDocument)(ctx, base, message, correction);

async function again(ctx: Ctx, messageId: string, action: string, correction: Corrected): Promise<TakenResult> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "onec.repeat")) throw forbidden();
  const [message] = await ctx.database.sql<Stored[]>`${storedSql(ctx)} where id = ${uuidOrNull(messageId)}`;
  if (!message) throw notFound("Сообщение не найдено");
  const reason = whyNotAgain(message);
  if (reason !== null) throw conflict(reason);
  const base = await loadConnection(ctx, message.connectionId);
  if (correction.number !== "" && baseSettings(base).moneyChannel !== "json") throw conflict("Стандартный обмен узнаёт заказы по номеру: исправьте «Номер заказа на сайте» в 1С", { field: "number" });
  const result = await takeAgain(ctx, base, message, correction);
  await inTransaction(ctx, async (tx) => {
    if (result.outcome === "unchanged") await tx`update onec_messages set result = 'noop', result_text = ${result.reason ?? "Ничего нового в документе нет"} where id = ${message.id} and result in ('error', 'skipped')`;
    await tx`update onec_messages set handled_by = ${actorText(ctx.actor)}, handled_at = ${ctx.now()} where id = ${message.id} and result not in ('error', 'skipped')`;
    const after = correction.bindTo === "" && correction.number === "" ? {} : correction;
    await recordAudit(ctx, tx, { action, objectType: "onec_message", objectId: message.id, before: { result: message.result }, after: { ...after, outcome: result.outcome, reason: result.reason ?? null, orderId: result.orderId } });
  });
  return result;
}

async function repeatDocument(ctx: Ctx, base: OpenConnection, message: Stored, correction: Corrected): Promise<TakenResult> {
  const [document, second] = await readPayload(ctx, base, message.payload!);
  if (!document || second) throw conflict("В сообщении не один документ: повторите обмен из 1С");
  const corrected = await correct(ctx, base, document, correction);
  await ctx.database.sql`update onec_messages set handled_by = null, handled_at = null where id = ${message.id}`;
  const [result] = await takeOrders(ctx, base, [corrected], { door: message.door, source: message.source, messageId: message.id });
  return result!;
}

async function correct(ctx: Ctx, base: OpenConnection, document: ReadOrder, { bindTo, number }: Corrected): Promise<ReadOrder> {
  if (bindTo === "" && number === "") return document;
  if (document.kind === "refused") throw conflict(`Документ не читается: ${document.reason}. Исправьте его в 1С`);
  if (number !== "") {
    if (document.kind === "other") throw invalid("У этого документа номер не меняется", { field: "number" });
    return { ...document, number };
  }
  const order = await bindDocument(ctx, base, document.kind === "other" ? null : document.onecRef, bindTo);
  return document.kind === "other" ? { ...document, operation: { ...document.operation, baseRef: order.number } } : { ...document, number: order.number };
}
