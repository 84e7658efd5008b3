import { recordAudit } from "@/lib/audit/index.ts";
import { can, scopeOf } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, notFound } from "@/lib/kit/errors.ts";

/** «Взять в работу»: the alert stays open with a name on it until its cause is gone. */
export async function acknowledgeAlert(ctx: Ctx, alertId: string): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== "staff" || !can(actor.role, "alerts.acknowledge")) throw forbidden();
  const ownOnly = scopeOf(actor.role, "alerts.acknowledge") === "own";
  await inTransaction(ctx, async (tx) => {
    const [row] = await tx<{ state: string; storeId: string | null }[]>`
      select a.state, o.store_id from alerts a left join orders o on o.id = a.order_id where a.id = ${alertId} for update of a`;
    if (!row || (ownOnly && row.storeId !== actor.storeId)) throw notFound("Событие не найдено");
    if (row.state === "acknowledged") throw conflict("Событие уже взяли в работу");
    if (row.state !== "firing") throw conflict("Событие уже закрыто: причины больше нет");
    await tx`update alerts set state = 'acknowledged', acknowledged_by = ${actor.userId}, acknowledged_at = ${ctx.now()} where id = ${alertId}`;
    await recordAudit(ctx, tx, { action: "alert.acknowledged", objectType: "alert", objectId: alertId, before: { state: row.state }, after: { state: "acknowledged" } });
  });
}
