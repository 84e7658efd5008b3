import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import type { Tx } from "@/db/index.ts";
import { MINUTE_MS, SECOND_MS, addMs } from "@/lib/kit/time.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { FiscalReceipt, ReceiptKind, ReceiptLine } from "./cash-register.ts";
import type { ReceiptPurpose } from "./external-id.ts";
import type { ReceiptState } from "./states.ts";
import type { Neutral } from "./write-receipt.ts";

export type ClaimedReceipt = {
  receiptId: string;
  connectionId: string;
  orderId: string | null;
  orderNo: bigint | null;
  orderNumber: string | null;
  state: ReceiptState;
  purpose: ReceiptPurpose;
  /** When the money moved; of a closing receipt when we learned of the hand-over (LOST-16). */
  settledAt: Date;
  stepNo: number;
  tryNo: number;
  sendCount: number;
  pollCount: number;
  externalId: string;
  requestBody: string | null;
  requestSha256: string;
  totalKopecks: bigint;
  plannedAt: Date;
  document: FiscalReceipt;
};

/** A worker that died holding a receipt is forgotten after this time: longer than any call of a step may last. */
const CLAIM_MS = 45 * SECOND_MS;

/** Another worker holds the receipt, or died with it: the job comes again. */
export class ReceiptHeld extends Error {
  constructor(receiptId: string) {
    super(`receipt ${receiptId} is held by another worker`);
    this.name = "ReceiptHeld";
  }
}

type Row = Omit<ClaimedReceipt, "document"> & {
  kind: ReceiptKind;
  contact: string | null;
  offsetKopecks: bigint;
  creditKopecks: bigint;
  cashKopecks: bigint;
  wasClaimed: boolean;
  isHeld: boolean | null;
  mustWait: boolean;
  neutral: Neutral;
  ffd: string | null;
  senderEmail: string | null;
  placeUrl: string | null;
};

type LineRow = { name: string; quantity: string; priceKopecks: bigint; sumKopecks: bigint; vatRate: VatRate; vatKopecks: bigint; method: number; subject: number; measure: number | null; orderLineId: string | null; markCode: string | null };

/** So often a receipt looks whether those before it are through; the end of one wakes it at once. */
const waitMs = (sincePlannedMs: number): number => (sincePlannedMs < 10 * MINUTE_MS ? 30 * SECOND_MS : 5 * MINUTE_MS);

/**
 * Takes a receipt for one step. Null: not this step's turn, or already final. Throws ReceiptHeld. A receipt found with an
 * old claim may have been sent by the worker that died: it is treated as `unknown` and asked for first. What hands over, gives
 * back or repays waits for the receipts of the same order that were due before it (FISC-35).
 */
export async function claimReceipt(ctx: Ctx, receiptId: string, stepNo: number): Promise<ClaimedReceipt | null> {
  return inTransaction(ctx, async (tx) => {
    const [row] = await tx<Row[]>`
      select r.id as receipt_id, r.connection_id, r.order_id, o.no as order_no, o.number as order_number, r.state, r.step_no, r.try_no, r.send_count,
             r.poll_count, r.external_id, r.request_body, r.request_sha256, r.total_kopecks, r.planned_at, r.kind, r.purpose, r.contact, r.neutral, r.offset_kopecks, r.credit_kopecks, r.cash_kopecks,
             coalesce((select f.occurred_at from money_facts f where f.id = r.fact_id), r.planned_at) as settled_at, ${mustWait(tx)} as must_wait,
             r.claimed_until is not null as was_claimed, r.claimed_until >= ${ctx.now()} as is_held, c.settings->>'ffd' as ffd, s.email as sender_email, s.site_url as place_url
        from receipts r join connections c on c.id = r.connection_id left join orders o on o.id = r.order_id left join seller_orgs s on s.id = o.seller_org_id
       where r.id = ${receiptId} and r.step_no = ${stepNo} and r.state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable')
 for update of r`;
    if (!row || row.externalId === null) return null;
    if (row.isHeld) throw new ReceiptHeld(receiptId);
    if (row.mustWait && row.state === "planned" && !row.wasClaimed) {
      const nextAt = addMs(ctx.now(), waitMs(ctx.now().getTime() - row.plannedAt.getTime()));
      await tx`update receipts set step_no = step_no + 1, next_try_at = ${nextAt} where id = ${receiptId}`;
      await ctx.enqueue(tx, "receipt.work", { receiptId, stepNo: stepNo + 1 }, { startAfter: nextAt });
      return null;
    }
    const maySentBefore = row.wasClaimed && row.requestBody !== null && row.state !== "sent";
    const state: ReceiptState = maySentBefore ? "unknown" : row.state === "sent" || row.state === "unknown" ? row.state : "queued";
    await tx`update receipts set claimed_until = ${addMs(ctx.now(), CLAIM_MS)}, state = ${state} where id = ${receiptId}`;
    const lines = await tx<LineRow[]>`
      select name, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks, method, subject, measure, order_line_id, mark_code from receipt_lines where receipt_id = ${receiptId} order by line_no`;
    return { ...row, state, document: documentOf(row, lines) };
  });
}

const mustWait = (tx: Tx) => tx`
  -- Money that moved is receipted on the order that it left (LOST-09).
  (r.purpose = 'refund' and exists (select 1 from money_facts f join receipts b on b.fact_id = f.parent_fact_id
     where f.id = r.fact_id and b.purpose <> 'reversal' and b.state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable', 'failed_final')))
  or (r.purpose = 'closing' and exists (select 1 from allocations a join receipts b on b.fact_id = a.fact_id and b.order_id <> a.order_id
     where a.order_id = r.order_id and b.purpose in ('prepayment', 'advance') and b.planned_at < r.planned_at and b.state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable', 'failed_final')))
  or exists (select 1 from receipts b where b.order_id = r.order_id and b.state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable', 'failed_final')
            and (b.planned_at, b.part_no, b.id) < (r.planned_at, r.part_no, r.id)
            and (r.purpose in ('closing', 'refund', 'credit_payment') or (r.purpose = 'correction' and b.purpose = 'reversal' and b.corrects_receipt_id = r.corrects_receipt_id)))`;

function documentOf(row: Row, lines: readonly LineRow[]): FiscalReceipt {
  return {
    externalId: row.externalId,
    kind: row.kind,
    ffd: row.ffd === "1.05" ? "1.05" : "1.2",
    taxSystem: row.neutral.taxSystem,
    contact: row.contact ?? "",
    buyer: row.neutral.buyer,
    lines: lines.map(({ vatRate, ...line }) => ({ ...line, vat: vatRate }) as ReceiptLine),
    payments: {
      electronicKopecks: row.totalKopecks - row.offsetKopecks - row.creditKopecks - row.cashKopecks, cashKopecks: row.cashKopecks, prepaidKopecks: row.offsetKopecks, creditKopecks: row.creditKopecks,
    },
    totalKopecks: row.totalKopecks,
    internet: row.neutral.internet,
    senderEmail: row.senderEmail,
    placeUrl: row.placeUrl,
    meta: row.receiptId,
    correction: row.neutral.correction ?? null,
    additionalAttribute: row.neutral.additionalAttribute ?? null,
  };
}
