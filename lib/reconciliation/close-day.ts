import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { localDate } from "@/lib/kit/time.ts";
import { readDayCells } from "./day-columns.ts";
import { dayTotals } from "./find/closed-days.ts";
import { readBlockers } from "./read-day.ts";
import { compare } from "./run-reconciliation.ts";
import { discrepancyClasses } from "./states.ts";

const shape = /^\d{4}-\d{2}-\d{2}$/;

function allowed(ctx: Ctx): void {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "day.close")) throw forbidden();
}

/**
 * Fixes the figures of a past business day (REC-10, invariant 20; permission `day.close`, audited): from now on the database refuses
 * facts of that day. Throws `forbidden`, `invalid` (today or later), `conflict` when it is closed or has open P1 or P2
 * (details.classes names them). What is still `expected` does not hold it back: it becomes LATE_IN_CLOSED_DAY when it comes.
 */
export async function closeDay(ctx: Ctx, input: { day: string; isTest: boolean }): Promise<void> {
  allowed(ctx);
  const { day, isTest } = input;
  if (!shape.test(day)) throw invalid("День задан неверно", { field: "day" });
  if (day >= localDate(ctx.now(), ctx.zone)) throw invalid("Закрыть можно только прошедший день", { field: "day" });
  // A file that came a moment ago waits for its run: what it says must be known before the figures stand (REC-10).
  await compare(ctx, "full");
  await inTransaction(ctx, async (tx) => {
    // The same lock that every fact of the day takes shared: money on its way is in the figures, or finds the day closed.
    await tx`select pg_advisory_xact_lock(72054, (${day}::date - date '2000-01-01') * 2 + ${isTest}::boolean::int)`;
    const [closed] = await tx`select 1 from closed_days where day = ${day} and is_test = ${isTest} and reopened_at is null`;
    if (closed) throw conflict("Этот день уже закрыт");
    const blockers = await readBlockers(tx, day, isTest);
    if (blockers.length > 0) {
      const names = blockers.map((each) => `${discrepancyClasses[each.class].label.toLowerCase()} (${each.count})`).join(", ");
      throw conflict(`День не сошёлся: ${names}. Решите расхождения и закройте день`, { classes: blockers.map((each) => each.class).join(",") });
    }
    const figures = await readFigures(tx, day, isTest);
    await tx`
      insert into closed_days (id, day, is_test, figures, closed_by, closed_at) values (${newId()}, ${day}, ${isTest}, ${JSON.stringify(figures)}::text::jsonb, ${actorText(ctx.actor)}, ${ctx.now()})`;
    await recordAudit(ctx, tx, { action: "day.closed", objectType: "day", objectId: day, after: { isTest, totals: figures.totals } });
  });
}

async function readFigures(tx: Tx, day: string, isTest: boolean) {
  const cells = await readDayCells(tx, { from: day, to: day, isTest });
  const [row] = await tx<{ totals: Record<string, string> }[]>`select ${dayTotals(tx, tx`${day}::date`, tx`${isTest}::boolean`)} as totals`;
  const plain: unknown = JSON.parse(JSON.stringify(cells, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
  return { totals: row!.totals, cells: plain };
}

/** Opens a closed day again (permission `day.close`, audited); the row of the closing stays. Throws `forbidden`, `invalid` (no reason), `not_found`. */
export async function reopenDay(ctx: Ctx, input: { day: string; isTest: boolean; reason: string }): Promise<void> {
  allowed(ctx);
  const reason = input.reason.trim();
  if (reason.length < 5 || reason.length > 500) throw invalid("Напишите, зачем открыть день", { field: "reason" });
  if (!shape.test(input.day)) throw invalid("День задан неверно", { field: "day" });
  await inTransaction(ctx, async (tx) => {
    const reopened = await tx`
      update closed_days set reopened_by = ${actorText(ctx.actor)}, reopened_at = ${ctx.now()}, reopen_reason = ${reason} where day = ${input.day} and is_test = ${input.isTest} and reopened_at is null returning id`;
    if (reopened.length === 0) throw notFound("Этот день не закрыт");
    await recordAudit(ctx, tx, { action: "day.reopened", objectType: "day", objectId: input.day, reason, after: { isTest: input.isTest } });
  });
}
