import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { fieldOf } from "@/lib/conflicts/index.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { sha256Hex, uuidOrNull } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { lockBuyerOrders } from "@/lib/orders/set-terms.ts";
import { closeMessages } from "./close-messages.ts";
import { CLOSING } from "../payment-taken-back.ts";
import { takeLate } from "./repeat-message.ts";
import { takeTheirs } from "./take-theirs.ts";

export type OpenConflict = { id: string; connectionId: string; objectType: string; objectKey: string; orderId: string | null; counterpartyId: string | null; field: string; state: string; ours: string | null; theirs: string | null; messageId: string | null };

export type DecideConflict = {
  conflictId: string;
  side: "ours" | "theirs";
  /** `seenOf` of what the person looked at: 1C may have said another thing meanwhile. */
  seen: string;
  /** «Для этого поля всегда так»: a rule of the base (not for every field). */
  always?: boolean;
};

/** What a decision is about, as its form carries it. */
export const seenOf = ({ ours, theirs }: { ours: string | null; theirs: string | null }): string => sha256Hex(JSON.stringify([ours, theirs])).slice(0, 16);

/** Fields where «Оставить наше» and «Взять из 1С» both make sense; about money a person says how it was settled instead. */
export const isChoice = (field: string): boolean => field === "version" || (fieldOf(field).owner === "both" && field !== "number");

/** What stays ours is told to 1C; a count of its own, and a payment that it once named, are no words of ours. */
export const isOurWord = (field: string): boolean => field !== "version" && field !== CLOSING;

/**
 * «Оставить наше» or «Взять из 1С». Ours: the value stays, the base is told again by its next exchange, and the same word of 1C is no news. Theirs:
 * the value becomes 1C's through the verb that owns it. Throws `forbidden`, `not_found`, `invalid`, `conflict` (decided already, or 1C has said another thing).
 */
export async function decideConflict(ctx: Ctx, input: DecideConflict): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== "staff" || !can(actor.role, "conflict.decide")) throw forbidden();
  const { orderId, lateId } = await inTransaction(ctx, async (tx) => {
    const row = await lockConflict(ctx, tx, input.conflictId);
    if (!isChoice(row.field)) throw invalid("Здесь нечего выбирать: решите, что делать с деньгами, и напишите об этом");
    if (seenOf(row) !== input.seen) throw conflict("1С успела прислать другое значение: посмотрите ещё раз");
    if (input.side === "theirs") await takeTheirs(ctx, tx, row);
    else if (row.orderId !== null && isOurWord(row.field)) await tellAgain(ctx, tx, row.orderId);
    if (input.always && fieldOf(row.field).hasRule) await setRule(ctx, tx, row, input.side === "ours" ? "ours" : "onec");
    await tx`update onec_conflicts set state = ${input.side}, decided_at = ${ctx.now()}, decided_by = ${actorText(actor)} where id = ${row.id}`;
    await closeMessages(ctx, tx, row.messageId === null ? [] : [row.messageId], input.side === "ours" ? "Оставлено наше значение" : "Взято значение из 1С");
    await recordAudit(ctx, tx, { action: `conflict.${input.side}`, objectType: "conflict", objectId: row.id, before: { field: row.field, ours: row.ours, theirs: row.theirs }, after: { side: input.side, always: input.always ?? false, orderId: row.orderId } });
    return { orderId: row.orderId, lateId: row.field === "version" && input.side === "theirs" ? row.messageId : null };
  });
  if (orderId) ctx.hint(orderId);
  // Our count was taken back above, so 1C's next upload would be taken as well, should this one fail.
  if (lateId) await takeLate(ctx, lateId);
}

/**
 * «Разобрано»: a difference about money, or a disputed number, is dealt with, and the person says how. What it was about does not change by that. Throws
 * `forbidden`, `invalid` (details.field), `not_found`, `conflict`.
 */
export async function settleConflict(ctx: Ctx, input: { conflictId: string; reason: string }): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== "staff" || !can(actor.role, "onec.repeat")) throw forbidden();
  const reason = input.reason.trim();
  if (reason.length < 5 || reason.length > 500) throw invalid("Напишите, как это разобрали", { field: "reason" });
  const orderId = await inTransaction(ctx, async (tx) => {
    const row = await lockConflict(ctx, tx, input.conflictId);
    if (!fieldOf(row.field).isTechnical && !can(actor.role, "conflict.decide")) throw forbidden();
    if (isChoice(row.field)) throw invalid("Выберите, чьё значение верно", { field: "reason" });
    await tx`update onec_conflicts set state = 'settled', decided_at = ${ctx.now()}, decided_by = ${actorText(actor)}, reason = ${reason} where id = ${row.id}`;
    await closeMessages(ctx, tx, row.messageId === null ? [] : [row.messageId], `Разобрано: ${reason}`);
    await recordAudit(ctx, tx, { action: "conflict.settled", objectType: "conflict", objectId: row.id, reason, before: { field: row.field, ours: row.ours, theirs: row.theirs }, after: { state: "settled" } });
    return row.orderId;
  });
  if (orderId) ctx.hint(orderId);
}

/** The order's row first, as every verb takes it, or all orders of the buyer whose terms it is about; then the conflict's. */
async function lockConflict(ctx: Ctx, tx: Tx, conflictId: string): Promise<OpenConflict> {
  const id = uuidOrNull(conflictId);
  const [known] = await tx<{ orderId: string | null; termsOf: string | null }[]>`select order_id, case when field = 'terms' then counterparty_id end as terms_of from onec_conflicts where id = ${id}`;
  if (!known) throw notFound("Конфликт не найден");
  if (known.termsOf !== null) await lockBuyerOrders(tx, known.termsOf);
  if (known.orderId !== null) await lockOrder(tx, known.orderId);
  const [row] = await tx<OpenConflict[]>`select id, connection_id, object_type, object_key, order_id, counterparty_id, field, state, ours, theirs, message_id from onec_conflicts where id = ${id} for update`;
  if (!row) throw notFound("Конфликт не найден");
  if (row.state !== "open") throw conflict("Это уже решено");
  return row;
}

/** The stock exchange gives the order once more, with our value (`order.changed`); other channels have nothing that carries it. */
async function tellAgain(ctx: Ctx, tx: Tx, orderId: string): Promise<void> {
  await ctx.announce(ctx, tx, { type: "order.changed", order: await lockOrder(tx, orderId), reason: "conflict" });
}

async function setRule(ctx: Ctx, tx: Tx, row: OpenConflict, side: "ours" | "onec"): Promise<void> {
  await tx`
    insert into onec_field_rules (connection_id, field, side, set_by, set_at) values (${row.connectionId}, ${row.field}, ${side}, ${actorText(ctx.actor)}, ${ctx.now()})
    on conflict (connection_id, field) do update set side = excluded.side, set_by = excluded.set_by, set_at = excluded.set_at`;
  await recordAudit(ctx, tx, { action: "conflict.rule", objectType: "connection", objectId: row.connectionId, after: { field: row.field, side } });
}

/** Takes a rule back: from now on a person is asked again. Throws `forbidden`. */
export async function dropRule(ctx: Ctx, input: { connectionId: string; field: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "conflict.decide")) throw forbidden();
  await inTransaction(ctx, async (tx) => {
    const [gone] = await tx<{ side: string }[]>`delete from onec_field_rules where connection_id = ${uuidOrNull(input.connectionId)} and field = ${input.field} returning side`;
    if (gone) await recordAudit(ctx, tx, { action: "conflict.rule", objectType: "connection", objectId: input.connectionId, before: { field: input.field, side: gone.side }, after: { field: input.field, side: null } });
  });
}
