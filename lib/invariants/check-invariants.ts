import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { arithmeticInvariants } from "./arithmetic.ts";
import { closedDayInvariants } from "./closed-days.ts";
import { exchangeInvariants } from "./exchange.ts";
import type { Breaks, Invariant } from "./invariant.ts";
import { moneyInvariants } from "./money.ts";
import { receiptInvariants } from "./receipts.ts";
import { secretInvariants } from "./secrets.ts";

/** The twenty invariants of domain 10, in their order. */
export const invariants: readonly Invariant[] = [...moneyInvariants, ...receiptInvariants, ...exchangeInvariants, ...arithmeticInvariants, ...secretInvariants, ...closedDayInvariants].toSorted((a, b) => a.no - b.no);

export type Checked = { no: number; title: string } & Breaks;

/** Reads the whole database once per invariant; changes nothing. Each one in a snapshot of its own, so that money may flow meanwhile. */
export async function findBreaks(ctx: Ctx): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const { no, title, find } of invariants) {
    const breaks = await inTransaction(ctx, async (tx) => {
      await tx`set transaction isolation level repeatable read, read only`;
      // Sums over millions of rows in memory rather than on disk; only for this transaction.
      await tx`set local work_mem = '128MB'`;
      return find(ctx, tx);
    });
    checked.push({ no, title, ...breaks });
  }
  return checked;
}

/** Job, nightly: ALR-28 for each broken invariant, and its end when it holds again. */
export async function checkInvariants(ctx: Ctx): Promise<Checked[]> {
  const checked = await findBreaks(ctx);
  const { sql } = ctx.database;
  for (const { no, title, count, examples } of checked) {
    const objectKey = `invariant:${no}`;
    if (count === 0) await resolveAlert(ctx, sql, "ALR-28", objectKey);
    else {
      await raiseAlert(ctx, sql, {
        code: "ALR-28", objectKey, severity: "P1",
        title: `Нарушено правило учёта ${no}: ${title.toLowerCase()} (${count})`,
        advice: "Не исправляйте вручную. Покажите список разработчику: npm run check:invariants.",
        detail: { count, examples },
      });
    }
  }
  return checked;
}
