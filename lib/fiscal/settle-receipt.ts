import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { violated } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { addMs } from "@/lib/kit/time.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { OrderEventKind } from "@/lib/orders/record-event.ts";
import type { FiscalData } from "./cash-register.ts";
import type { ClaimedReceipt } from "./claim-receipt.ts";
import type { ReceiptState } from "./states.ts";
import { canReceiptMove } from "./states.ts";

export type Settlement = {
  state: ReceiptState;
  event?: OrderEventKind;
  fiscal?: FiscalData;
  failCode?: string;
  failText?: string;
  /** Pause before the next step, ms; absent = no next step. */
  next?: number;
  asks?: number;
  sends?: number;
  /** The old id is burnt (524). */
  newExternalId?: string;
};

/**
 * Writes the result of one step, frees the claim and plans the next step, in one transaction: the only place that moves a
 * claimed receipt.
 */
export async function settleReceipt(ctx: Ctx, receipt: ClaimedReceipt, to: Settlement): Promise<void> {
  if (to.state !== receipt.state && !canReceiptMove(receipt.state, to.state)) throw new Error(`receipt ${receipt.receiptId}: ${receipt.state} -> ${to.state}`);
  const nextAt = to.next === undefined ? null : addMs(ctx.now(), to.next);
  try {
    await inTransaction(ctx, async (tx) => {
      const now = ctx.now();
      const f = to.fiscal;
      const [moved] = await tx`
        update receipts set state = ${to.state}, step_no = step_no + 1, claimed_until = null, next_try_at = ${nextAt},
          poll_count = ${to.asks ?? receipt.pollCount}, send_count = ${to.sends ?? receipt.sendCount},
          fail_code = ${to.failCode ?? null}, fail_text = ${to.failText ?? null},
          sent_at = case when ${to.state === "sent"} then coalesce(sent_at, ${now}) else sent_at end,
          registered_at = case when ${to.state === "registered"} then ${now}::timestamptz end,
          fn_number = ${f?.fnNumber ?? null}, fd_number = ${f?.fdNumber ?? null}, fiscal_sign = ${f?.fiscalSign ?? null}, register_number = ${f?.registerNumber ?? null},
          shift_number = ${f?.shiftNumber ?? null}, registered_at_local = ${f?.registeredAtLocal ?? null}, ofd_name = ${f?.ofdName ?? null},
          receipt_url = coalesce(${f?.receiptUrl ?? null}, receipt_url), qr = ${f?.qr ?? null},
          external_id = ${to.newExternalId ?? receipt.externalId}, try_no = try_no + ${to.newExternalId ? 1 : 0},
          request_body = case when ${to.newExternalId !== undefined} then null else request_body end,
          request_sha256 = case when ${to.newExternalId !== undefined} then null else request_sha256 end
        where id = ${receipt.receiptId} and step_no = ${receipt.stepNo} returning id`;
      if (!moved) return;
      if (nextAt) await ctx.enqueue(tx, "receipt.work", { receiptId: receipt.receiptId, stepNo: receipt.stepNo + 1 }, { startAfter: nextAt });
      if (receipt.orderId && to.event) {
        await recordEvent(ctx, tx, {
          orderId: receipt.orderId,
          kind: to.event,
          subjectId: receipt.receiptId,
          amountKopecks: receipt.totalKopecks,
          detail: { fdNumber: f?.fdNumber ?? null, reason: to.failText ?? null, code: to.failCode ?? null, nextAt: nextAt?.toISOString() ?? null },
        });
      }
      if (receipt.orderId && (to.state === "registered" || to.state === "failed_final")) {
        await ctx.announce(ctx, tx, { type: "receipt.settled", receiptId: receipt.receiptId, orderId: receipt.orderId, isRegistered: to.state === "registered" });
      }
      if (to.state === "registered" && receipt.orderId) {
        await sendWaitingLetters(ctx, tx, receipt.orderId);
        await wakeNextReceipts(ctx, tx, receipt.orderId);
        // A reversal that went through ends the news of the document that it took back (LOST-26).
        await tx`
          update alerts a set state = 'resolved', resolved_at = ${now} from receipts r
           where r.id = ${receipt.receiptId} and r.purpose = 'reversal' and a.object_key = 'receipt:' || r.corrects_receipt_id || ':duplicate' and a.state <> 'resolved'`;
      }
    });
  } catch (error) {
    if (!violated(error, "receipts_fiscal_document")) throw error;
    await duplicateFiscalDocument(ctx, receipt, to);
  }
  if (receipt.orderId) ctx.hint(receipt.orderId);
}

/** Letters wait for the receipt so that they can link to it. */
async function sendWaitingLetters(ctx: Ctx, tx: Parameters<Ctx["enqueue"]>[0], orderId: string): Promise<void> {
  const waiting = await tx<{ id: string }[]>`select id from letters where order_id = ${orderId} and state = 'queued' limit 20`;
  for (const letter of waiting) await ctx.enqueue(tx, "letter.send", { letterId: letter.id });
}

/** Receipts of this order that waited for this one (FISC-35). */
async function wakeNextReceipts(ctx: Ctx, tx: Parameters<Ctx["enqueue"]>[0], orderId: string): Promise<void> {
  const waiting = await tx<{ id: string; stepNo: number }[]>`select id, step_no from receipts where order_id = ${orderId} and state = 'planned' and step_no > 0 order by planned_at limit 20`;
  for (const { id, stepNo } of waiting) await ctx.enqueue(tx, "receipt.work", { receiptId: id, stepNo });
}

/** Two of our receipts with one fiscal document: never overwritten, a person decides (LOST-26). */
async function duplicateFiscalDocument(ctx: Ctx, receipt: ClaimedReceipt, to: Settlement): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await tx`update receipts set state = 'failed_final', step_no = step_no + 1, claimed_until = null, next_try_at = null, fail_code = 'RECEIPT_DUPLICATE',
      fail_text = ${`ФН ${to.fiscal?.fnNumber ?? ""}, ФД ${to.fiscal?.fdNumber ?? ""} уже принадлежит другому чеку`} where id = ${receipt.receiptId} and step_no = ${receipt.stepNo}`;
    await raiseAlert(ctx, tx, {
      code: "ALR-16",
      objectKey: `receipt:${receipt.receiptId}:duplicate`,
      orderId: receipt.orderId,
      severity: "P1",
      amountKopecks: receipt.totalKopecks,
      title: "Касса назвала один фискальный документ для двух чеков",
      advice: "Сверьте оба чека в кабинете кассы и исправьте чеком коррекции.",
      detail: { class: "RECEIPT_DUPLICATE" },
    });
  });
}
