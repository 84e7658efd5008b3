import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid } from "@/lib/kit/errors.ts";
import { localDate } from "@/lib/kit/time.ts";
import { fetchRegistry } from "./fetch-registry.ts";
import type { TakenRegistry } from "./store-registry.ts";

/**
 * A person asks an acquirer for its list of one day now (permission `registry.upload`, audited); a full reconciliation is queued behind
 * it. Null when the bank names no delivery. Throws `forbidden`, `invalid`, `not_found`, `unavailable` when the bank cannot tell.
 */
export async function requestRegistry(ctx: Ctx, input: { connectionId: string; day: string }): Promise<TakenRegistry | null> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "registry.upload")) throw forbidden();
  if (input.day > localDate(ctx.now(), ctx.zone)) throw invalid("Этот день ещё не наступил", { field: "day" });
  const taken = await fetchRegistry(ctx, { connectionId: input.connectionId, from: input.day, to: input.day });
  const registry = taken.at(-1) ?? null;
  await inTransaction(ctx, (tx) =>
    recordAudit(ctx, tx, { action: "registry.requested", objectType: "connection", objectId: input.connectionId, after: { day: input.day, lineCount: registry?.lineCount ?? 0, newCount: registry?.newCount ?? 0 } }),
  );
  return registry;
}
