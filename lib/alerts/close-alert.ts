import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";

/**
 * Alerts about something that happened once: no watcher sees their cause go, so a person says when it is settled. The others end with
 * their cause, and closing them by hand would only hide it.
 */
const byHand: Record<string, (objectKey: string) => boolean> = {
  "ALR-08": (key) => key.startsWith("reversal:"),
  "ALR-13": (key) => key.startsWith("moved:"),
  // A document that 1C changed after it was recorded, or that named codes of goods it did not hand over: said right again it ends by itself.
  "ALR-15": (key) => /^document:[^:]+(?::[0-9a-f-]{36})?(?::codes)?$/.test(key),
  // Money without an order ends when it is bound, a discrepancy on its own page.
  "ALR-16": (key) => !key.startsWith("discrepanc") && !key.startsWith("payment:"),
  "ALR-20": () => true,
  "ALR-23": () => true,
};

export const endsByHand = (alert: { code: string; objectKey: string }): boolean => byHand[alert.code]?.(alert.objectKey) ?? false;

/**
 * «Разобрано»: the accountant or the director ends such an alert and says how it was settled (SEC-14). An alert about a payment's sum
 * also keeps its refunds closed (PAY-16): ending it lets them go on. Throws `forbidden`, `invalid` (details.field), `not_found`, `conflict`.
 */
export async function closeAlert(ctx: Ctx, input: { alertId: string; reason: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "discrepancy.resolve")) throw forbidden();
  const reason = input.reason.trim();
  if (reason.length < 5 || reason.length > 1_000) throw invalid("Напишите, как это разобрали", { field: "reason" });
  await inTransaction(ctx, async (tx) => {
    const [row] = await tx<{ code: string; objectKey: string; state: string }[]>`select code, object_key, state from alerts where id = ${input.alertId} for update`;
    if (!row) throw notFound("Событие не найдено");
    if (row.state === "resolved") throw conflict("Событие уже закрыто");
    if (!endsByHand(row)) throw conflict("Это событие закроется само, когда уйдёт его причина");
    await tx`update alerts set state = 'resolved', resolved_at = ${ctx.now()}, detail = detail || jsonb_build_object('closedBecause', ${reason}::text) where id = ${input.alertId}`;
    await recordAudit(ctx, tx, { action: "alert.closed", objectType: "alert", objectId: input.alertId, reason, before: { state: row.state, code: row.code }, after: { state: "resolved" } });
  });
}
