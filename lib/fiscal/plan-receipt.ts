import type { Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DomainEvent } from "@/lib/events.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { defaults } from "@/lib/settings/index.ts";
import type { ReceiptLine } from "./cash-register.ts";
import type { ReceiptPurpose } from "./external-id.ts";
import { planLines } from "./plan-lines.ts";
import { moneyLine } from "./receipt-line.ts";
import { problemOf } from "./receipt-problem.ts";
import type { Problem } from "./receipt-problem.ts";
import { splitReceipt } from "./split-receipt.ts";
import type { NotRequiredReason } from "./states.ts";
import { isCompanyPayer, newReceiptWrites, notRequiredWrites } from "./write-receipt.ts";

type Event = Extract<DomainEvent, { type: "money.captured" }>;
/** The part of a capture that its receipt is made of. */
export type Captured = Pick<Event, "order" | "contact" | "payerKind"> & { fact: Pick<Event["fact"], "factId" | "amountKopecks" | "method" | "fiscalOwner" | "occurredAt" | "isTest"> };

/** `receipt.targetMinutes` of domain 11: an online receipt is due at the moment of capture, we aim at five minutes. */
export const TARGET_MS = 5 * MINUTE_MS;

/**
 * Plans the receipts of captured money in its transaction (2.6): `planned` with its lines, `not_required` with the reason,
 * or `failed_final` when it is due but cannot be built from what we know: then a person decides. Never nothing (invariant 8). `afterPart`: the
 * highest part of this money that stands already.
 */
export function receiptWrites(ctx: Ctx, tx: Tx, event: Captured, afterPart = 0): Write[] {
  const { fact, order } = event;
  if (fact.fiscalOwner !== "site") return [];
  const about = { order, factId: fact.factId, shipmentId: null, isTest: fact.isTest };
  const plan = planReceipts(event);
  if ("reason" in plan) return notRequiredWrites(ctx, tx, { ...about, purpose: "prepayment", kind: "income", partNo: afterPart + 1, totalKopecks: fact.amountKopecks }, plan.reason);
  const { parts, problem } = plan;
  // A stopped plan is one row: the repeat plans anew.
  const rows = problem ? [{ purpose: parts[0]!.purpose, lines: parts.flatMap((part) => part.lines) }] : parts;
  return rows.flatMap(({ purpose, lines }, i) => newReceiptWrites(ctx, tx, { ...about, purpose, kind: "income", partNo: afterPart + i + 1, lines, contact: event.contact, dueAt: addMs(fact.occurredAt, TARGET_MS), problem }).writes);
}

/** What the receipts of this money say, or why none is due. Pure. */
export function planReceipts(event: Captured): Plan | { reason: NotRequiredReason } {
  const reason = whyNotRequired(event);
  return reason ? { reason } : planOf(event);
}

/** FISC-01, FISC-02: companies may need none; the policy is a setting. */
function whyNotRequired({ fact, order, payerKind }: Captured): NotRequiredReason | null {
  // Money that others took for an order that is not ours to receipt (PIL-01): what came through our own terminal always is.
  if (order && !order.isOurs && fact.method === "bank_transfer") return "not_in_work";
  const payer = order ?? (payerKind ? { payerKind } : null);
  if (!payer || !isCompanyPayer(payer)) return null;
  if (fact.method === "bank_transfer") return "b2b_bank_transfer";
  if (!order) return null;
  const policy = order.companyReceiptPolicy ?? defaults.b2bOnlineReceiptPolicy;
  return policy === "never" || (policy === "sbp_only" && fact.method !== "sbp") ? "policy" : null;
}

type Plan = { parts: { purpose: ReceiptPurpose; lines: ReceiptLine[] }[]; problem: Problem | null };

function planOf({ order, fact, contact }: Captured): Plan {
  const credit = order && order.creditKopecks < fact.amountKopecks ? order.creditKopecks : order ? fact.amountKopecks : 0n;
  const parts: Plan["parts"] = [];
  // FISC-23: what repays a hand-over on credit names no goods and has no VAT, and stands alone in its document.
  if (credit > 0n) parts.push({ purpose: "credit_payment", lines: [moneyLine(`Оплата по заказу ${order!.number}`, credit, "none", 7)] });
  const rest = fact.amountKopecks - credit;
  if (rest > 0n) {
    const plan = planLines(order ?? { lines: [], receipted: [] }, rest, order?.taxSystem ?? "osn", order?.isHandedOver ?? false);
    const purpose = plan.goodsKopecks > 0n ? "prepayment" : "advance";
    parts.push(...splitReceipt(plan.lines).map((lines) => ({ purpose, lines }) as const));
  }
  const problem = order && !order.linesMatchTotal && rest > 0n ? linesMismatch : problemOf({ order, contact, lines: parts.flatMap((part) => part.lines), partCount: parts.length });
  return { parts, problem };
}

const linesMismatch: Problem = { code: "LINES_TOTAL_MISMATCH", text: "Строки заказа не сходятся с суммой", advice: "Исправьте заказ в 1С и повторите чек." };

/** What stands against a receipt of this money; null when it can be sent, or when none is needed. */
export const receiptProblem = (event: Captured): Problem | null => (whyNotRequired(event) ? null : planOf(event).problem);
