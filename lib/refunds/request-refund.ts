import { violated } from "@/db/index.ts";
import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can, scopeOf } from "@/lib/auth/permissions.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid } from "@/lib/kit/errors.ts";
import { sum } from "@/lib/kit/money.ts";
import { localDate } from "@/lib/kit/time.ts";
import { assertVisible } from "@/lib/orders/assert-visible.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { createRefund } from "./create-refund.ts";
import { lockForRefund } from "./lock-for-refund.ts";
import { pickPayments } from "./pick-payments.ts";
import type { Pick } from "./pick-payments.ts";
import { priceLines, returnedLines } from "./price-lines.ts";
import type { PricedLine, WantedLine } from "./price-lines.ts";
import { surplusRefusal } from "./refundable.ts";
import type { RefundMethod, RefundReason, RefundState } from "./states.ts";
import { refundMethods, refundReasons } from "./states.ts";

export type RequestRefund = {
  /** Null: an advance that belongs to no order; then `paymentFactId` is needed. */
  orderId: string | null;
  /** Null: the newest payment of the order that covers the sum, else several. */
  paymentFactId: string | null;
  /** Kopecks; may be null when `lines` say what is returned. */
  amountKopecks: bigint | null;
  /** ISO code as given by the caller; anything but RUB is refused. */
  currency?: string;
  lines?: WantedLine[];
  reason: RefundReason;
  reasonText: string | null;
  method: RefundMethod;
  /** Day of the buyer's demand, `YYYY-MM-DD` (PAY-21). */
  demandedOn?: string | null;
  /** Key of the form: a double click is one request. */
  formKey?: string | null;
};

export type RequestedRefund = { refundId: string; paymentFactId: string | null; amountKopecks: bigint; state: RefundState };

const SUM_MAX = 10_000_000_000_000n;

/**
 * Staff ask to give money back (2.5): one row per payment. Nothing is sent here. Throws `forbidden`, `not_found`, `invalid`
 * (details.field), `conflict` with details.reason `refund_limit` (details.refundableKopecks), `test_payment`, `amount_mismatch`,
 * `dispute`, `several_payments`, `not_by_instrument`.
 */
export async function requestRefund(ctx: Ctx, input: RequestRefund): Promise<RequestedRefund[]> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "refund.request")) throw forbidden();
  checkRefund(ctx, input);
  if (input.orderId !== null) await assertVisible(ctx, viewerOf(ctx.actor), input.orderId);
  else if (scopeOf(ctx.actor.role, "refund.request") !== "all") throw forbidden();
  const again = () => findByFormKey(ctx, input);
  const known = await again();
  if (known.length > 0) return known;
  let made: RequestedRefund[];
  try {
    made = await inTransaction(ctx, (tx) => request(ctx, tx, input));
  } catch (error) {
    if (!violated(error, "refunds_form_key")) throw error;
    return again();
  }
  if (input.orderId !== null) ctx.hint(input.orderId);
  return made;
}

/** The form of the wish. Throws `invalid` (details.field). */
export function checkRefund(ctx: Ctx, input: RequestRefund): void {
  if (input.orderId === null && input.paymentFactId === null) throw invalid("Укажите заказ или платёж", { field: "order" });
  if (!refundReasons.includes(input.reason)) throw invalid("Укажите причину возврата", { field: "reason" });
  if (!refundMethods.includes(input.method)) throw invalid("Укажите, как вернуть деньги", { field: "method" });
  if (input.reason === "other" && !input.reasonText?.trim()) throw invalid("Напишите причину возврата", { field: "reasonText" });
  if ((input.reasonText?.length ?? 0) > 500) throw invalid("Причина длиннее 500 знаков", { field: "reasonText" });
  if ((input.currency ?? "RUB") !== "RUB") throw invalid("Возвращаем только рубли: платёж был в рублях", { field: "currency" });
  if (!input.lines && input.amountKopecks === null) throw invalid("Укажите сумму возврата", { field: "amount" });
  if (input.amountKopecks !== null && (input.amountKopecks <= 0n || input.amountKopecks > SUM_MAX)) throw invalid("Укажите сумму больше нуля", { field: "amount" });
  if (input.lines && input.orderId === null) throw invalid("У аванса нет позиций", { field: "lines" });
  if ((input.formKey?.length ?? 0) > 100) throw invalid("Обновите страницу", { field: "formKey" });
  const day = input.demandedOn ?? null;
  if (day !== null && (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day)) || day > localDate(ctx.now(), ctx.zone))) throw invalid("Укажите день, когда покупатель потребовал деньги", { field: "demandedOn" });
}

export type RefundPlan = { order: LockedOrder | null; lines: PricedLine[]; amountKopecks: bigint; picks: Pick[]; /** Too large for the system alone (SEC-12). */ needsApproval: boolean };

/** What a wish comes to, under the locks of the order and its payments. Throws as `requestRefund`. */
export async function planRefund(tx: Tx, input: RequestRefund): Promise<RefundPlan> {
  const { order, payments } = await lockForRefund(tx, input);
  let lines: PricedLine[] = [];
  if (input.lines) lines = priceLines(order!.lines, await returnedLines(tx, order!), input.lines, input.reason);
  const amountKopecks = input.lines ? sum(lines.map((line) => line.sumKopecks)) : input.amountKopecks!;
  if (input.amountKopecks !== null && input.amountKopecks !== amountKopecks) throw invalid("Сумма не равна сумме выбранных позиций", { field: "amount" });
  const picks = await pickPayments(tx, { order, payments, amountKopecks, method: input.method, isNamed: input.paymentFactId !== null, isWhole: lines.length > 0 });
  const refusal = await surplusRefusal(tx, { order, reason: input.reason, amountKopecks });
  if (refusal) throw refusal;
  const freeLimit = BigInt(await readSetting(tx, "refundAutoApproveLimit"));
  return { order, lines, amountKopecks, picks, needsApproval: amountKopecks > freeLimit };
}

async function request(ctx: Ctx, tx: Tx, input: RequestRefund): Promise<RequestedRefund[]> {
  const { order, lines, picks, needsApproval } = await planRefund(tx, input);
  const state = needsApproval ? "requested" : "approved";
  const made: RequestedRefund[] = [];
  for (const [i, pick] of picks.entries()) {
    const refundId = await createRefund(ctx, tx, {
      payment: pick.payment, order, amountKopecks: pick.amountKopecks, lines, method: input.method, reason: input.reason, reasonText: input.reasonText?.trim() || null,
      source: "staff", state, formKey: input.formKey ? (i === 0 ? input.formKey : `${input.formKey}#${i + 1}`) : null, demandedOn: input.demandedOn ?? null,
      isTest: pick.payment?.isTest ?? order!.isTest,
    });
    await recordAudit(ctx, tx, {
      action: "refund.requested", objectType: "refund", objectId: refundId, reason: input.reasonText?.trim() || null,
      after: { orderId: input.orderId, paymentFactId: pick.payment?.factId ?? null, amountKopecks: pick.amountKopecks, method: input.method, reason: input.reason, state },
    });
    made.push({ refundId, paymentFactId: pick.payment?.factId ?? null, amountKopecks: pick.amountKopecks, state });
  }
  return made;
}

async function findByFormKey(ctx: Ctx, { orderId, formKey }: RequestRefund): Promise<RequestedRefund[]> {
  if (!formKey) return [];
  const { sql } = ctx.database;
  const rows = await sql<RequestedRefund[]>`
    select id as refund_id, payment_fact_id, amount_kopecks, state from refunds
     where order_id is not distinct from ${orderId}::uuid and (form_key = ${formKey} or starts_with(form_key, ${`${formKey}#`})) order by form_key`;
  return [...rows];
}
