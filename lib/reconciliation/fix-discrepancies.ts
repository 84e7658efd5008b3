import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { openDispute, winDispute } from "@/lib/disputes/index.ts";
import { DomainError } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { HOUR_MS, MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { lockToldOrders } from "@/lib/onec/told-parts.ts";
import { absorbProviderPayment } from "@/lib/payments/absorb-payment.ts";
import { absorbProviderRefunds } from "@/lib/refunds/index.ts";
import type { DiscrepancyClass } from "./states.ts";

type Row = {
  id: string; class: DiscrepancyClass; state: "expected" | "open"; connectionId: string | null; orderId: string | null; factId: string | null; receiptId: string | null;
  theirsKopecks: bigint | null; detail: Record<string, unknown>;
};

/** Each run mends so many; a flood is worked off by the next runs. */
const PER_RUN = 300;
/** The same question is not asked of a provider more often. */
const PAUSE_MS = 50 * MINUTE_MS;

/** REC-05: adds what the other side proves, never deletes and never changes a sum. Returns how many were mended. */
export async function fixDiscrepancies(ctx: Ctx, scope: "light" | "full"): Promise<number> {
  // A payment before its refund, a dispute before its end (LOST-03).
  const classes = scope === "full" ? ["MISSING_IN_LEDGER", "REFUND_UNKNOWN", "CHARGEBACK_NEW", "STATUS_MISMATCH", "MISSING_IN_REGISTRY", "MISSING_IN_1C", "RECEIPT_MISSING"] : ["MISSING_IN_1C", "RECEIPT_MISSING"];
  const rows = await ctx.database.sql<Row[]>`
    select id, class, state, connection_id, order_id, fact_id, receipt_id, theirs_kopecks, detail from discrepancies
     where state in ('expected', 'open') and class = any(${classes}) and (class <> 'STATUS_MISMATCH' or detail->>'kind' = 'chargeback_reversed') and not (detail ? 'alerted') and coalesce((detail->>'triedAt')::timestamptz, '-infinity') < ${addMs(ctx.now(), -PAUSE_MS)}
     order by array_position(${classes}::text[], class), found_at, id limit ${PER_RUN}`;
  let fixed = 0;
  for (const row of rows) {
    try {
      await noteTried(ctx, row.id, {});
      if (await fix(ctx, row)) fixed += 1;
    } catch (error) {
      // One that cannot be mended must not stop the others; it stays open for a person.
      ctx.log[error instanceof DomainError ? "warn" : "error"]({ err: error, discrepancyId: row.id, class: row.class }, "a discrepancy could not be mended");
    }
  }
  return fixed;
}

/** The same for one difference at a person's word, without the pause. Throws what the attempt throws. */
export async function fixOne(ctx: Ctx, discrepancyId: string): Promise<boolean> {
  const [row] = await ctx.database.sql<Row[]>`
    select id, class, state, connection_id, order_id, fact_id, receipt_id, theirs_kopecks, detail from discrepancies where id = ${uuidOrNull(discrepancyId)} and state in ('expected', 'open') and not (detail ? 'alerted')`;
  if (!row) return false;
  await noteTried(ctx, row.id, {});
  return fix(ctx, row);
}

const noteTried = (ctx: Ctx, id: string, more: Record<string, unknown>) =>
  ctx.database.sql`update discrepancies set detail = detail || ${JSON.stringify({ triedAt: ctx.now().toISOString(), ...more })}::text::jsonb where id = ${id} and state in ('expected', 'open')`;

async function fix(ctx: Ctx, row: Row): Promise<boolean> {
  switch (row.class) {
    case "MISSING_IN_LEDGER":
      return takePayment(ctx, row);
    case "REFUND_UNKNOWN":
      return takeRefund(ctx, row);
    case "CHARGEBACK_NEW":
      return takeChargeback(ctx, row);
    case "STATUS_MISMATCH":
      return row.detail["kind"] === "chargeback_reversed" ? takeWon(ctx, row) : askProvider(ctx, row);
    case "MISSING_IN_REGISTRY":
      return askProvider(ctx, row);
    case "MISSING_IN_1C":
      return resend(ctx, row);
    case "RECEIPT_MISSING":
      return workReceiptAgain(ctx, row);
    default:
      return false;
  }
}

const silent = () => new DomainError("unavailable", "Банк сейчас не отвечает. Ничего не изменилось, попробуйте позже");
const text = (row: Row, key: string): string => (typeof row.detail[key] === "string" ? row.detail[key] : "");
/** A line named only by RRN or by our number cannot be asked about by the provider's id. */
const isProvidersOwn = (row: Row): boolean => text(row, "providerPaymentId") !== "" && !/^(rrn|ref):/.test(text(row, "providerPaymentId"));

async function takePayment(ctx: Ctx, row: Row): Promise<boolean> {
  if (!row.connectionId || !isProvidersOwn(row)) return false;
  const { became, seen } = await absorbProviderPayment(ctx, row.connectionId, text(row, "providerPaymentId"));
  if (seen === null) throw silent();
  return became === "attempt" || became === "recorded" || became === "known";
}

/** LOST-03: of a payment that we do not know the payment comes first, then its refund. */
async function takeRefund(ctx: Ctx, row: Row): Promise<boolean> {
  if (!row.connectionId || !isProvidersOwn(row)) return false;
  const paymentId = text(row, "providerPaymentId");
  const became = await absorbProviderRefunds(ctx, row.connectionId, paymentId);
  if (became !== "unknown_payment") return became === "changed";
  await absorbProviderPayment(ctx, row.connectionId, paymentId);
  return (await absorbProviderRefunds(ctx, row.connectionId, paymentId)) === "changed";
}

/** The bank gave disputed money back (LOST-14): its registry is the proof. */
async function takeWon(ctx: Ctx, row: Row): Promise<boolean> {
  if (!row.factId || row.theirsKopecks === null) return false;
  return winDispute(ctx, { paymentFactId: row.factId, providerDisputeId: text(row, "providerOperationId"), amountKopecks: row.theirsKopecks, occurredAt: new Date(text(row, "occurredAt")) });
}

async function takeChargeback(ctx: Ctx, row: Row): Promise<boolean> {
  if (!row.factId || row.theirsKopecks === null) return false;
  const opened = await openDispute(ctx, {
    payment: { factId: row.factId }, providerDisputeId: text(row, "providerOperationId"), amountKopecks: row.theirsKopecks, occurredAt: new Date(text(row, "occurredAt")), reasonText: "из реестра банка", deadlineOn: null,
  });
  return opened !== null;
}

/** What the provider says of money that its registry lacks; kept on the row, because `found` is made anew each time (LOST-29). */
async function askProvider(ctx: Ctx, row: Row): Promise<boolean> {
  if (!row.connectionId || !isProvidersOwn(row)) return false;
  const { seen } = await absorbProviderPayment(ctx, row.connectionId, text(row, "providerPaymentId"));
  if (seen === null) throw silent();
  await noteTried(ctx, row.id, { asked: { state: seen, at: ctx.now().toISOString() } });
  // Its own answer, not a gap of a list, contradicts us.
  return ["canceled", "declined", "expired"].includes(seen);
}

/** The same message once more, under the same id (invariant 13): only when 1C took it and never booked it, at most once an hour. */
async function resend(ctx: Ctx, row: Row): Promise<boolean> {
  if (!row.orderId || !row.factId || row.state !== "open") return false;
  const { orderId, factId } = row;
  await inTransaction(ctx, async (tx) => {
    const order = await lockToldOrders(tx, factId, orderId);
    const [message] = await tx<{ state: string; createdAt: Date }[]>`select state, created_at from export_messages where fact_id = ${factId} order by order_id = ${orderId} desc limit 1`;
    if (!message) return void (await ctx.announce(ctx, tx, { type: "money.untold", factId, order }));
    if (message.state !== "delivered" || message.createdAt > addMs(ctx.now(), -HOUR_MS)) return;
    await tx`update orders set export_version = export_version + 1, updated_at = ${ctx.now()} where id = ${orderId} and export_version <= exported_version`;
  });
  return false;
}

/** A receipt that still may go out by itself and lost its job. The register is asked by our id first, as always. */
async function workReceiptAgain(ctx: Ctx, row: Row): Promise<boolean> {
  if (!row.receiptId) return false;
  await inTransaction(ctx, async (tx) => {
    const [receipt] = await tx<{ stepNo: number }[]>`
      select step_no from receipts where id = ${row.receiptId} and state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable') and (next_try_at is null or next_try_at < ${addMs(ctx.now(), -MINUTE_MS)})
         and (claimed_until is null or claimed_until < ${ctx.now()})`;
    if (receipt) await ctx.enqueue(tx, "receipt.work", { receiptId: row.receiptId!, stepNo: receipt.stepNo });
  });
  return false;
}
