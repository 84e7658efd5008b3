import type { Ctx } from "@/lib/context.ts";
import { notFound } from "@/lib/kit/errors.ts";
import type { AttemptState } from "./states.ts";

/** What the buyer's page does next. `checking`: the outcome is unknown and is being asked about (LOST-19). */
export type AttemptView = { attemptId: string; state: AttemptState; go: { kind: "redirect"; url: string } | { kind: "qr"; payload: string } | null };

/** What the page needs of an attempt. Throws `not_found`. */
export async function viewAttempt(ctx: Ctx, attemptId: string): Promise<AttemptView> {
  const [row] = await ctx.database.sql<{ state: AttemptState; goKind: "redirect" | "qr" | null; goTarget: string | null }[]>`
    select state, go_kind, go_target from payment_attempts where id = ${attemptId}`;
  if (!row) throw notFound("Попытка оплаты не найдена");
  const { goKind, goTarget } = row;
  const go = goKind === null || goTarget === null ? null : goKind === "qr" ? { kind: goKind, payload: goTarget } : { kind: goKind, url: goTarget };
  return { attemptId, state: row.state, go };
}
