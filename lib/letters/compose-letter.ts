import type { Ctx } from "@/lib/context.ts";
import { formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/index.ts";
import type { FactKind, PayMethodCode } from "@/lib/ledger/index.ts";
import { dueSql } from "@/lib/orders/list-orders.ts";
import type { PaymentStatus } from "@/lib/orders/states.ts";
import { paidLetter, refundLetter } from "./templates.ts";
import type { Letter } from "./templates.ts";

type Facts = { kind: FactKind; number: string; amountKopecks: bigint; method: PayMethodCode; occurredAt: Date; brandName: string; legalName: string; phone: string; dueKopecks: bigint; paymentStatus: PaymentStatus; token: string | null; receiptUrl: string | null; receiptState: string | null };

/** Receipts in these states are none that the buyer should wait for. */
const settled = ["registered", "not_required", "cancelled"];

const wayBack: Partial<Record<PayMethodCode, string>> = { card: "на карту, которой вы платили", sbp: "через СБП на счёт, с которого вы платили", bank_transfer: "переводом на ваш счёт", cash: "наличными" };

function termOf(method: PayMethodCode): string {
  if (method === "cash") return "Деньги выданы.";
  return method === "card" ? "Банк зачислит деньги обычно за 1–5 рабочих дней, иногда до 30 дней." : "Банк зачислит деньги обычно в течение нескольких рабочих дней.";
}

/** The letter as the order stands now; null when there is nothing to say any more. */
export async function composeLetter(ctx: Ctx, row: { orderId: string; params: Record<string, string> }): Promise<Letter | null> {
  const { sql } = ctx.database;
  const [facts] = await sql<Facts[]>`
    select f.kind, o.number, f.amount_kopecks, f.method, f.occurred_at, s.brand_name, s.legal_name, s.phone, ${dueSql(sql)} as due_kopecks, o.payment_status,
           (select l.token from payment_links l where l.order_id = o.id order by l.created_at desc limit 1) as token, r.receipt_url, r.state as receipt_state
      from money_facts f join allocations a on a.fact_id = f.id join orders o on o.id = a.order_id join seller_orgs s on s.id = o.seller_org_id
      left join receipts r on r.fact_id = f.id and r.order_id = o.id and r.state <> 'cancelled' where f.id = ${row.params["factId"] ?? null} and o.id = ${row.orderId} order by r.part_no limit 1`;
  if (!facts) return null;
  const common = {
    orderNumber: facts.number,
    amount: formatMoney(facts.amountKopecks),
    shop: facts.brandName,
    seller: facts.legalName,
    phone: facts.phone,
    pageUrl: facts.token ? `${ctx.publicUrl}/pay/${facts.token}` : ctx.publicUrl,
    receiptUrl: facts.receiptState === "registered" ? (facts.receiptUrl ?? "") : "",
    isReceiptComing: facts.receiptState !== null && !settled.includes(facts.receiptState),
  };
  if (facts.kind === "refund_succeeded") return refundLetter({ ...common, method: wayBack[facts.method] ?? "тем же способом, каким вы платили", term: termOf(facts.method) });
  return paidLetter({
    ...common,
    method: payMethodLabels[facts.method],
    paidAt: `${formatDateTime(facts.occurredAt, ctx.zone)} МСК`,
    isPaid: facts.paymentStatus === "paid" || facts.paymentStatus === "overpaid",
    rest: facts.paymentStatus === "partially_paid" ? formatMoney(facts.dueKopecks) : "",
  });
}
