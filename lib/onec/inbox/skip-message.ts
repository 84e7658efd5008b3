import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { stopTellingEvent } from "@/lib/feed/index.ts";
import { lockFeed } from "@/lib/feed/lock-feed.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";

/**
 * «Пропустить» with a reason: the refused document is set aside, and 1C is told that it is taken when it sends it again (CML-23); what 1C refused,
 * and is no money, is told no more. Throws `forbidden`,
 * `invalid` (details.field), `not_found`, `conflict`.
 */
export async function skipMessage(ctx: Ctx, input: { messageId: string; reason: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "onec.repeat")) throw forbidden();
  const reason = input.reason.trim();
  if (reason.length < 5 || reason.length > 300) throw invalid("Напишите, почему документ не нужен", { field: "reason" });
  await inTransaction(ctx, async (tx) => {
    // Only what we tell belongs to a feed. A document of 1C must not: its next upload holds this row and takes the feed for what it proves.
    const [told] = await tx<{ connectionId: string }[]>`select connection_id from onec_messages where id = ${uuidOrNull(input.messageId)} and direction = 'out'`;
    if (told) await lockFeed(tx, told.connectionId);
    const [row] = await tx<{ id: string; result: string; direction: string }[]>`select id, result, direction from onec_messages where id = ${uuidOrNull(input.messageId)} for update`;
    if (!row) throw notFound("Сообщение не найдено");
    const [money] = await tx`select 1 from export_messages where id = ${row.id}`;
    if (money) throw conflict("Деньги не пропускают: их повторяют или отмечают учтёнными");
    if (row.result !== "error") throw conflict("Пропустить можно только то, что не принято");
    await tx`update onec_messages set result = 'skipped', result_text = ${`Пропущено: ${reason}`}, handled_by = ${actorText(ctx.actor)}, handled_at = ${ctx.now()} where id = ${row.id}`;
    await tx`update onec_conflicts set state = 'settled', decided_at = ${ctx.now()}, decided_by = ${actorText(ctx.actor)}, reason = ${reason} where message_id = ${row.id} and state = 'open' and object_type = 'document'`;
    if (row.direction === "out") await stopTellingEvent(ctx, tx, row.id);
    await recordAudit(ctx, tx, { action: "message.skipped", objectType: "onec_message", objectId: row.id, reason, before: { result: row.result }, after: { result: "skipped" } });
  });
}
