import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { fixOne } from "./fix-discrepancies.ts";
import { reconcile } from "./run-reconciliation.ts";
import type { DiscrepancyState } from "./states.ts";

/** Classes that the machine may try to mend (5.2), and what the attempt is called on the button. */
export const mendLabels: Readonly<Record<string, string>> = {
  MISSING_IN_LEDGER: "Перечитать у банка", REFUND_UNKNOWN: "Перечитать у банка", MISSING_IN_REGISTRY: "Спросить банк", STATUS_MISMATCH: "Спросить банк", CHARGEBACK_NEW: "Записать спор", MISSING_IN_1C: "Передать в 1С ещё раз", RECEIPT_MISSING: "Повторить чек",
};

/**
 * A person has one difference looked at again now instead of waiting for the next run (permission `discrepancy.resolve`, audited): the
 * same steps as REC-05, then a full comparison. Returns what became of it. Throws `forbidden`, `not_found`, `conflict` when it is
 * closed or cannot be mended, `unavailable` when the bank cannot tell.
 */
export async function mendDiscrepancy(ctx: Ctx, input: { discrepancyId: string }): Promise<DiscrepancyState> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "discrepancy.resolve")) throw forbidden();
  const { sql } = ctx.database;
  const [row] = await sql<{ class: string; state: DiscrepancyState }[]>`select class, state from discrepancies where id = ${uuidOrNull(input.discrepancyId)}`;
  if (!row) throw notFound("Расхождение не найдено");
  if (row.state !== "open" && row.state !== "expected") throw conflict("Это расхождение уже закрыто");
  if (!(row.class in mendLabels)) throw conflict("Это расхождение решает человек");
  await fixOne(ctx, input.discrepancyId);
  await reconcile(ctx, "full");
  const [after] = await sql<{ state: DiscrepancyState }[]>`select state from discrepancies where id = ${uuidOrNull(input.discrepancyId)}`;
  await inTransaction(ctx, (tx) => recordAudit(ctx, tx, { action: "discrepancy.mended", objectType: "discrepancy", objectId: input.discrepancyId, before: { state: row.state }, after: { state: after!.state, class: row.class } }));
  return after!.state;
}
