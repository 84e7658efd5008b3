/** Rows of planned receipts, of those that are not needed, and of those that a person must help: one form for all planners. */
import type { Tx, Write } from "@/db/index.ts";
import { alertWrite } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { eventWrite } from "@/lib/orders/record-event.ts";
import type { CorrectionCause, ReceiptKind, ReceiptLine, TaxSystem } from "./cash-register.ts";
import { newExternalId } from "./external-id.ts";
import type { ReceiptPurpose } from "./external-id.ts";
import type { Problem } from "./receipt-problem.ts";
import { sumOf } from "./split-receipt.ts";
import type { NotRequiredReason } from "./states.ts";

/** What a settlement's receipt is about. */
export type About = {
  order: LockedOrder | null;
  factId: string | null;
  shipmentId: string | null;
  isTest: boolean;
};

export type NewReceipt = About & {
  purpose: ReceiptPurpose;
  kind: ReceiptKind;
  /** From 1; one settlement may need several documents (FISC-36, FISC-41). */
  partNo: number;
  correctsReceiptId?: string | null;
  lines: readonly ReceiptLine[];
  offsetKopecks?: bigint;
  creditKopecks?: bigint;
  cashKopecks?: bigint;
  contact: string | null;
  dueAt: Date;
  /** Stops it at once; a person decides. */
  problem: Problem | null;
  correction?: CorrectionCause | null;
  additionalAttribute?: string | null;
  /** Of a correction: the register that shall print it. */
  connectionId?: string | null;
  taxSystem?: TaxSystem;
};

/** What of the receipt stands beside its lines; the worker builds the document from them. */
export type Neutral = {
  taxSystem: TaxSystem;
  buyer: { name: string; inn: string | null } | null;
  internet: boolean;
  correction?: CorrectionCause | null;
  additionalAttribute?: string | null;
};

/** The writes of one receipt. `receiptId` is planned when `problem` is null, else `failed_final` with ALR-08. */
export function newReceiptWrites(ctx: Ctx, tx: Tx, receipt: NewReceipt): { receiptId: string; writes: Write[] } {
  const { order, problem, purpose } = receipt;
  const receiptId = newId();
  const totalKopecks = sumOf(receipt.lines);
  const orderId = order?.orderId ?? null;
  const buyer = order && isCompanyPayer(order) ? { name: order.buyerName, inn: order.buyerInn } : null;
  const neutral: Neutral & { method: number } = {
    taxSystem: receipt.taxSystem ?? order?.taxSystem ?? "osn",
    buyer,
    internet: true,
    method: receipt.lines[0]?.method ?? 3,
    ...(receipt.correction && { correction: receipt.correction }),
    ...(receipt.additionalAttribute && { additionalAttribute: receipt.additionalAttribute }),
  };
  const writes: Write[] = [
    tx`insert into receipts (id, fact_id, shipment_id, part_no, corrects_receipt_id, order_id, connection_id, purpose, kind, state, total_kopecks, offset_kopecks, credit_kopecks,
         cash_kopecks, contact, neutral, external_id, fail_code, fail_text, due_at, next_try_at, planned_at, is_test)
       values (${receiptId}, ${receipt.factId}, ${receipt.shipmentId}, ${receipt.partNo}, ${receipt.correctsReceiptId ?? null}, ${orderId}, ${receipt.connectionId ?? order?.registerId ?? null},
         ${purpose}, ${receipt.kind}, ${problem ? "failed_final" : "planned"}, ${totalKopecks}, ${receipt.offsetKopecks ?? 0n}, ${receipt.creditKopecks ?? 0n}, ${receipt.cashKopecks ?? 0n},
         ${receipt.contact}, ${JSON.stringify(neutral)}::text::jsonb, ${newExternalId(order?.no ?? null, purpose, 1)}, ${problem?.code ?? null}, ${problem?.text ?? null}, ${receipt.dueAt},
         ${problem ? null : ctx.now()}, ${ctx.now()}, ${receipt.isTest})`,
    insertLines(tx, receiptId, receipt.lines),
  ];
  if (orderId) writes.push(eventWrite(ctx, tx, { orderId, kind: problem ? "receipt.failed" : "receipt.planned", subjectId: receiptId, amountKopecks: totalKopecks, detail: { reason: problem?.text ?? null, purpose } }));
  if (problem) {
    writes.push(
      alertWrite(ctx, tx, {
        code: "ALR-08",
        objectKey: `receipt:${receiptId}`,
        orderId,
        severity: "P1",
        amountKopecks: totalKopecks,
        title: `Чек на ${formatMoney(totalKopecks)} нельзя пробить: ${problem.text.toLowerCase()}`,
        advice: problem.advice,
      }),
    );
  }
  return { receiptId, writes };
}

export const isCompanyPayer = (order: Pick<LockedOrder, "payerKind">): boolean => order.payerKind === "organization" || order.payerKind === "sole_proprietor";

/** The stored reason why a settlement, or what of it no receipt has gone out for, needs none (2.6). */
export function notRequiredWrites(ctx: Ctx, tx: Tx, about: About & { purpose: ReceiptPurpose; kind: ReceiptKind; partNo?: number; totalKopecks: bigint }, reason: NotRequiredReason): Write[] {
  const id = newId();
  const orderId = about.order?.orderId ?? null;
  const row = tx`
    insert into receipts (id, fact_id, shipment_id, part_no, order_id, purpose, kind, state, reason_code, total_kopecks, due_at, planned_at, is_test)
    values (${id}, ${about.factId}, ${about.shipmentId}, ${about.partNo ?? 1}, ${orderId}, ${about.purpose}, ${about.kind}, 'not_required', ${reason}, ${about.totalKopecks}, ${ctx.now()}, ${ctx.now()}, ${about.isTest})`;
  return orderId ? [row, eventWrite(ctx, tx, { orderId, kind: "receipt.not_required", subjectId: id, detail: { reason } })] : [row];
}

const insertLines = (tx: Tx, receiptId: string, lines: readonly ReceiptLine[]): Write => {
  const rows = lines.map((line, i) => ({
    line_no: i + 1, order_line_id: line.orderLineId, name: line.name, quantity: line.quantity, price: line.priceKopecks.toString(), sum: line.sumKopecks.toString(),
    vat_rate: line.vat, vat: line.vatKopecks.toString(), method: line.method, subject: line.subject, measure: line.measure, mark_code: line.markCode,
  }));
  return tx`
    insert into receipt_lines (receipt_id, line_no, order_line_id, name, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks, method, subject, measure, mark_code)
    select ${receiptId}::uuid, l.line_no, l.order_line_id, l.name, l.quantity, l.price, l.sum, l.vat_rate, l.vat, l.method, l.subject, l.measure, l.mark_code
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        as l(line_no int, order_line_id uuid, name text, quantity text, price bigint, sum bigint, vat_rate text, vat bigint, method int, subject int, measure int, mark_code text)`;
};
