import type { Tx } from "@/db/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import type { Ctx } from "@/lib/context.ts";
import { inTransaction } from "@/lib/context.ts";
import { conflict, forbidden } from "@/lib/kit/errors.ts";
import { alertDiscrepancies } from "./alert-discrepancies.ts";
import { alertLateStatements } from "./alert-late-statements.ts";
import { alertUnidentified } from "./alert-unidentified.ts";
import { acquirerClasses, findAcquirerDifferences } from "./find/acquirer.ts";
import { findAlertedDifferences } from "./find/alerts.ts";
import { closedDayClasses, findClosedDayDifferences } from "./find/closed-days.ts";
import { findOnecDifferences, onecClasses } from "./find/onec.ts";
import { pairOperations } from "./find/pair-operations.ts";
import { findPayoutDifferences, payoutClasses } from "./find/payouts.ts";
import { findReceiptDifferences, receiptClasses } from "./find/receipts.ts";
import { startRun } from "./find/run.ts";
import { fixDiscrepancies } from "./fix-discrepancies.ts";
import { identifyTransfers } from "./identify-transfers.ts";
import { settleFindings, tellRegistrySeen } from "./settle-findings.ts";
import type { Settled } from "./settle-findings.ts";

export type ReconcileScope = "light" | "full";
export type Reconciled = Settled & { fixed: number };

/** One run at a time in the whole installation. */
const RUN_LOCK = 72056;
const WAIT_STEPS = 200;
const WAIT_STEP_MS = 250;

/**
 * Compares the five sources (5.1), writes what differs, mends what the other side proves (REC-05) and looks again when it did. `light`:
 * 1C and receipts, hourly; `full`: all four matches. Waits for a run that is under way. Safe to call twice.
 */
export async function reconcile(ctx: Ctx, scope: ReconcileScope): Promise<Reconciled> {
  if (scope === "full") await identifyTransfers(ctx);
  const first = await compare(ctx, scope);
  const fixed = await fixDiscrepancies(ctx, scope);
  const settled = fixed > 0 ? await compare(ctx, scope) : first;
  await inTransaction(ctx, async (tx) => {
    await alertDiscrepancies(ctx, tx);
    await alertUnidentified(ctx, tx);
    await alertLateStatements(ctx, tx);
  });
  return { opened: first.opened + (fixed > 0 ? settled.opened : 0), closed: first.closed + (fixed > 0 ? settled.closed : 0), fixed };
}

/** The button «Сверить сейчас» (permission `discrepancy.resolve`). Throws `forbidden`, `conflict` while another run does not end. */
export async function reconcileNow(ctx: Ctx): Promise<Reconciled> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "discrepancy.resolve")) throw forbidden();
  return reconcile(ctx, "full");
}

/** Compares without mending or telling. Throws `conflict` while another run does not end. */
export async function compare(ctx: Ctx, scope: ReconcileScope): Promise<Settled> {
  for (let step = 0; step < WAIT_STEPS; step++) {
    const settled = await ctx.database.sql.begin("isolation level repeatable read", (tx) => compareOnce(ctx, tx as Tx, scope));
    if (settled) return settled;
    await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
  }
  throw conflict("Сверка уже идёт. Подождите минуту и обновите страницу");
}

/** Null while another run holds the lock: its snapshot would be older than what that run writes, so a new one is taken. */
async function compareOnce(ctx: Ctx, tx: Tx, scope: ReconcileScope): Promise<Settled | null> {
  const [lock] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${RUN_LOCK}, 0) as mine`;
  if (!lock!.mine) return null;
  const run = await startRun(tx, ctx.now(), ctx.zone, scope);
  await findOnecDifferences(run);
  await findReceiptDifferences(run);
  if (scope === "light") return settleFindings(run, [...onecClasses, ...receiptClasses]);
  await pairOperations(run);
  await findAcquirerDifferences(run);
  await findPayoutDifferences(run);
  await findClosedDayDifferences(run);
  await findAlertedDifferences(run);
  const settled = await settleFindings(run, [...onecClasses, ...receiptClasses, ...acquirerClasses, ...payoutClasses, ...closedDayClasses, "AMOUNT_MISMATCH_1C"]);
  await tellRegistrySeen(run);
  return settled;
}
