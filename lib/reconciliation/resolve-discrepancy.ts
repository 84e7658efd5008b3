import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { addEvidence, checkEvidence } from "@/lib/evidence/index.ts";
import type { GivenEvidence } from "@/lib/evidence/index.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { DiscrepancyClass } from "./states.ts";

const REASON_MIN = 5;
const REASON_MAX = 500;

export type ResolveDiscrepancy = {
  discrepancyId: string;
  /** `resolved`: the cause is dealt with; `ignored`: it stays as it is, on purpose. */
  decision: "resolved" | "ignored";
  reason: string;
  /** The proof, when there is one (REC-11). */
  evidence?: GivenEvidence | null;
};

/**
 * A person ends a difference, with a reason and, when there is one, the proof (permission `discrepancy.resolve`, audited, REC-11). Its
 * alert ends with the last difference that it is about. The same difference with the same sums is not raised again. Throws
 * `forbidden`, `invalid` (details.field: decision, reason, url, file, note), `not_found`, `conflict` when it is decided already.
 */
export async function resolveDiscrepancy(ctx: Ctx, input: ResolveDiscrepancy): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "discrepancy.resolve")) throw forbidden();
  const reason = input.reason.trim();
  if (input.decision !== "resolved" && input.decision !== "ignored") throw invalid("Выберите решение", { field: "decision" });
  if (reason.length < REASON_MIN || reason.length > REASON_MAX) throw invalid("Напишите причину решения", { field: "reason" });
  if (input.evidence) checkEvidence(input.evidence);
  const orderId = await inTransaction(ctx, async (tx) => {
    const id = input.discrepancyId;
    const [row] = await tx<{ class: DiscrepancyClass; state: string; orderId: string | null; alertId: string | null; oursKopecks: bigint | null; theirsKopecks: bigint | null }[]>`
      select class, state, order_id, alert_id, ours_kopecks, theirs_kopecks from discrepancies where id = ${uuidOrNull(id)} for update`;
    if (!row) throw notFound("Расхождение не найдено");
    if (row.state !== "open" && row.state !== "expected") throw conflict("Это расхождение уже закрыто");
    await tx`update discrepancies set state = ${input.decision}, closed_at = ${ctx.now()}, closed_by = ${actorText(ctx.actor)}, resolution = ${reason} where id = ${id}`;
    if (input.evidence) await addEvidence(ctx, tx, { objectType: "discrepancy", objectId: id, orderId: row.orderId }, input.evidence);
    const [alert] = await tx<{ code: string; objectKey: string }[]>`
      select a.code, a.object_key from alerts a where a.id = ${row.alertId} and a.code in ('ALR-16', 'ALR-18')
         and not exists (select 1 from discrepancies d where d.alert_id = a.id and d.state in ('expected', 'open'))`;
    if (alert) await resolveAlert(ctx, tx, alert.code, alert.objectKey);
    if (row.orderId) await recordEvent(ctx, tx, { orderId: row.orderId, kind: "discrepancy.closed", subjectId: id, amountKopecks: row.theirsKopecks ?? row.oursKopecks, detail: { class: row.class, text: reason } });
    await recordAudit(ctx, tx, {
      action: `discrepancy.${input.decision}`, objectType: "discrepancy", objectId: id, reason, before: { state: row.state }, after: { state: input.decision, class: row.class, evidence: input.evidence?.url ?? input.evidence?.file?.name ?? null },
    });
    return row.orderId;
  });
  if (orderId) ctx.hint(orderId);
}
