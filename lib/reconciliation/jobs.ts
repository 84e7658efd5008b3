import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { HOUR_MS, addDays, addMs, localDate } from "@/lib/kit/time.ts";
import { fetchRegistry } from "./fetch-registry.ts";
import { reconcile } from "./run-reconciliation.ts";
import type { ReconcileScope } from "./run-reconciliation.ts";

/** M1 is looked at again for D−1 … D−7: banks add to their lists late. */
const DAYS_BACK = 7;

/** Job, every night: one reading per acquirer, then a full reconciliation also where nothing can be read. */
export async function startNight(ctx: Ctx): Promise<void> {
  const today = localDate(ctx.now(), ctx.zone);
  await inTransaction(ctx, async (tx) => {
    const acquirers = await tx<{ id: string }[]>`select id from connections where kind = 'acquirer' and enabled and blocked_reason is null order by created_at`;
    for (const { id } of acquirers) await ctx.enqueue(tx, "registry.fetch", { connectionId: id, from: addDays(today, -DAYS_BACK), to: addDays(today, -1) });
    await ctx.enqueue(tx, "reconcile.run", { scope: "full" }, { startAfter: addMs(ctx.now(), HOUR_MS) });
  });
}

/** Job: throws while the provider cannot tell, so that it comes again; days already stored are known then. */
export const fetchLater = async (ctx: Ctx, input: { connectionId: string; from: string; to: string }): Promise<void> => void (await fetchRegistry(ctx, input));

/** No order has this id: open pages of people who see everything read themselves again. */
const NO_ORDER = "00000000-0000-0000-0000-000000000000";

/** Job. */
export async function reconcileLater(ctx: Ctx, scope: ReconcileScope | undefined): Promise<void> {
  await reconcile(ctx, scope ?? "light");
  ctx.hint(NO_ORDER);
}
