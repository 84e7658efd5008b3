/** Days of a shop in scenario tests: time that passes, payments, refunds with four eyes, and what the register printed. */
import { approveRefund, requestRefund } from "@/lib/refunds/index.ts";
import type { RefundReason, WantedLine } from "@/lib/refunds/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { aStaff } from "./a-staff.ts";
import type { MadeOrder } from "./an-order.ts";
import { drainJobs } from "./drain-jobs.ts";
import type { MoneyWorld } from "./money-world.ts";

/** Lets time pass with its jobs. */
export async function live(t: MoneyWorld, seconds: number, step = 5): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    await drainJobs(t, { mayFail: true });
    await t.advance(step);
  }
  await drainJobs(t, { mayFail: true });
}

/** The buyer pays by card what the link asks for. Answers the money fact. */
export async function paid(t: MoneyWorld, order: MadeOrder): Promise<string> {
  const attempt = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  const [fact] = await t.ctx.database.sql<{ id: string }[]>`select id from money_facts where attempt_id = ${attempt.attemptId}`;
  return fact!.id;
}

export type Wish = { amountKopecks?: bigint; lines?: WantedLine[]; reason: RefundReason };

/** One person asks for it, another approves; the bank does it in its own time. */
export async function refunded(t: MoneyWorld, orderId: string, paymentFactId: string | null, wish: Wish): Promise<void> {
  const [asker, approver] = [await aStaff(t, { role: "accountant" }), await aStaff(t, { role: "director" })];
  const rows = await requestRefund(asker.ctx, {
    orderId, paymentFactId, amountKopecks: wish.amountKopecks ?? null, ...(wish.lines && { lines: wish.lines }), reason: wish.reason, reasonText: "Проверка", method: "instrument", formKey: newId(),
  });
  for (const { refundId } of rows) await approveRefund(approver.ctx, { refundId });
}

export type Printed = { id: string; kind: string; fd: number | null; type: number; money: Record<string, number>; positions: [text: string, quantity: number, price: number, method: number, tax: number][]; content: Record<string, unknown> };

type Content = Record<string, unknown> & { type: number; checkClose?: { payments: { type: number; amount: number }[] }; positions?: { text: string; quantity: number; price: number; paymentMethodType: number; tax: number }[] };

/** What the register has of this order, as it was sent over the wire, in the order of printing. */
export async function printedOf(t: MoneyWorld, orderId: string): Promise<Printed[]> {
  const ids = await t.ctx.database.sql<{ externalId: string }[]>`select external_id from receipts where order_id = ${orderId} and external_id is not null`;
  const known = new Set(ids.map((row) => row.externalId));
  const state = await t.sandbox.read<{ documents: { id: string; kind: string; content: Content; fiscal: { documentNumber: number } | null }[] }>("orange/state");
  return state.documents
    .filter((document) => known.has(document.id))
    .map(({ id, kind, content, fiscal }) => ({
      id, kind, fd: fiscal?.documentNumber ?? null, type: content.type, content,
      money: Object.fromEntries((content.checkClose?.payments ?? []).map((p) => [p.type, p.amount])),
      positions: (content.positions ?? []).map((p): Printed["positions"][number] => [p.text, p.quantity, p.price, p.paymentMethodType, p.tax]),
    }))
    .toSorted((a, b) => (a.fd ?? Infinity) - (b.fd ?? Infinity));
}

/** The receipts of an order in our books, oldest first. */
export const receiptsOf = (t: MoneyWorld, orderId: string) => t.ctx.database.sql<{ id: string; purpose: string; kind: string; state: string; reasonCode: string | null; failCode: string | null; totalKopecks: bigint; offsetKopecks: bigint; creditKopecks: bigint }[]>`
  select id, purpose, kind, state, reason_code, fail_code, total_kopecks, offset_kopecks, credit_kopecks from receipts where order_id = ${orderId} and state <> 'cancelled' order by planned_at, part_no, id`;
