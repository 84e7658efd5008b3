import type { Tx, Write } from "@/db/index.ts";
import { alertWrite } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DomainEvent } from "@/lib/events.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { eventWrite } from "@/lib/orders/record-event.ts";
import { defaults } from "@/lib/settings/index.ts";
import type { ReceiptLine, TaxSystem } from "./cash-register.ts";
import { newExternalId } from "./external-id.ts";
import { POSITIONS_MAX, planLines } from "./plan-lines.ts";
import type { NotRequiredReason } from "./states.ts";

type Event = Extract<DomainEvent, { type: "money.captured" }>;
/** The part of a capture that its receipt is made of. */
export type Captured = Pick<Event, "order" | "contact"> & { fact: Pick<Event["fact"], "factId" | "amountKopecks" | "method" | "fiscalOwner" | "occurredAt" | "isTest"> };

/** `receipt.targetMinutes` of domain 11: an online receipt is due at the moment of capture, we aim at five minutes. */
const TARGET_MS = 5 * MINUTE_MS;

/**
 * Plans the receipt of captured money in its transaction (2.6): `planned` with its lines, `not_required` with the reason,
 * or `failed_final` when it is due but cannot be built from what we know: then a person decides. Never nothing (invariant 8).
 */
export function receiptWrites(ctx: Ctx, tx: Tx, event: Captured): (Write | false | null)[] {
  const { fact, order } = event;
  if (fact.fiscalOwner !== "site") return [];
  const reason = whyNotRequired(event);
  const row = { id: newId(), factId: fact.factId, orderId: order?.orderId ?? null, connectionId: order?.registerId ?? null, total: fact.amountKopecks };
  if (reason) {
    return [
      tx`insert into receipts (id, fact_id, order_id, purpose, kind, state, reason_code, total_kopecks, due_at, planned_at, is_test)
         values (${row.id}, ${row.factId}, ${row.orderId}, 'prepayment', 'income', 'not_required', ${reason}, ${row.total}, ${ctx.now()}, ${ctx.now()}, ${fact.isTest})`,
      order && eventWrite(ctx, tx, { orderId: order.orderId, kind: "receipt.not_required", subjectId: row.id, detail: { reason } }),
    ];
  }
  const taxSystem: TaxSystem = order?.taxSystem ?? "osn";
  const plan = planOf(event);
  const problem = whyNotBuildable(event, plan.lines);
  const externalId = newExternalId(order?.no ?? null, "p", 1);
  const purpose = plan.goodsKopecks > 0n ? "prepayment" : "advance";
  const buyer = order && (order.payerKind === "organization" || order.payerKind === "sole_proprietor") ? { name: order.buyerName, inn: order.buyerInn } : null;
  const neutral = { taxSystem, buyer, internet: true, method: plan.lines[0]?.method ?? 3 };
  return [
    tx`insert into receipts (id, fact_id, order_id, connection_id, purpose, kind, state, total_kopecks, contact, neutral, external_id, fail_code, fail_text,
         due_at, next_try_at, planned_at, is_test)
       values (${row.id}, ${row.factId}, ${row.orderId}, ${row.connectionId}, ${purpose}, 'income', ${problem ? "failed_final" : "planned"}, ${row.total}, ${event.contact},
         ${JSON.stringify(neutral)}::text::jsonb, ${externalId}, ${problem?.code ?? null}, ${problem?.text ?? null}, ${addMs(fact.occurredAt, TARGET_MS)},
         ${problem ? null : ctx.now()}, ${ctx.now()}, ${fact.isTest})`,
    insertLines(tx, row.id, plan.lines),
    order && eventWrite(ctx, tx, { orderId: order.orderId, kind: problem ? "receipt.failed" : "receipt.planned", subjectId: row.id, amountKopecks: row.total, detail: { reason: problem?.text ?? null } }),
    problem &&
      alertWrite(ctx, tx, {
        code: "ALR-08",
        objectKey: `receipt:${row.id}`,
        orderId: row.orderId,
        severity: "P1",
        amountKopecks: row.total,
        title: `Чек на ${formatMoney(row.total)} нельзя пробить: ${problem.text.toLowerCase()}`,
        advice: problem.advice,
      }),
  ];
}

const insertLines = (tx: Tx, receiptId: string, lines: ReceiptLine[]): Write => {
  const rows = lines.map((line, i) => ({
    line_no: i + 1, order_line_id: line.orderLineId, name: line.name, quantity: line.quantity, price: line.priceKopecks.toString(), sum: line.sumKopecks.toString(),
    vat_rate: line.vat, vat: line.vatKopecks.toString(), method: line.method, subject: line.subject, measure: line.measure,
  }));
  return tx`
    insert into receipt_lines (receipt_id, line_no, order_line_id, name, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks, method, subject, measure)
    select ${receiptId}::uuid, l.line_no, l.order_line_id, l.name, l.quantity, l.price, l.sum, l.vat_rate, l.vat, l.method, l.subject, l.measure
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        as l(line_no int, order_line_id uuid, name text, quantity text, price bigint, sum bigint, vat_rate text, vat bigint, method int, subject int, measure int)`;
};

/** FISC-01, FISC-02: companies may need none; the policy is a setting. */
function whyNotRequired({ fact, order }: Captured): NotRequiredReason | null {
  const isCompany = order?.payerKind === "organization" || order?.payerKind === "sole_proprietor";
  if (!order || !isCompany) return null;
  if (fact.method === "bank_transfer") return "b2b_bank_transfer";
  const policy = order.companyReceiptPolicy ?? defaults.b2bOnlineReceiptPolicy;
  return policy === "never" || (policy === "sbp_only" && fact.method !== "sbp") ? "policy" : null;
}

type Problem = { code: string; text: string; advice: string };

const planOf = ({ order, fact }: Captured) => planLines(order ?? { lines: [], receipted: [] }, fact.amountKopecks, order?.taxSystem ?? "osn");

/** What stands against a receipt of this money; null when it can be sent, or when none is needed. */
export const receiptProblem = (event: Captured): Problem | null => (whyNotRequired(event) ? null : whyNotBuildable(event, planOf(event).lines));

function whyNotBuildable({ order, contact }: Captured, lines: ReceiptLine[]): Problem | null {
  if (!order) return { code: "ORDER_UNKNOWN", text: "Не найден заказ", advice: "Привяжите платёж к заказу или верните деньги." };
  if (!order.linesMatchTotal) return { code: "LINES_TOTAL_MISMATCH", text: "Строки заказа не сходятся с суммой", advice: "Исправьте заказ в 1С и повторите чек." };
  if (order.registerId === null) return { code: "NO_REGISTER", text: "Не подключена касса организации", advice: "Подключите кассу в настройках и повторите чек." };
  if (contact === null) return { code: "CONTACT_MISSING", text: "Нет почты или телефона покупателя", advice: "Укажите контакт покупателя и повторите чек." };
  if (lines.length > POSITIONS_MAX) return { code: "TOO_MANY_LINES", text: `В чеке больше ${POSITIONS_MAX} позиций`, advice: "Пробейте чек на другой кассе или разделите заказ в 1С." };
  // VAT-06: the old rate in a new income receipt is an error of the order.
  if (lines.some((line) => line.vat === "vat20" || line.vat === "vat20_120")) return { code: "VAT20_BLOCKED", text: "Ставка 20 % больше не действует", advice: "Исправьте ставку НДС в 1С на 22 % и повторите чек." };
  if (lines.some((line) => line.name === "")) return { code: "NAME_EMPTY", text: "У товара пустое название", advice: "Исправьте название товара в 1С и повторите чек." };
  return null;
}
