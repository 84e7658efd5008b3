import type { Ctx } from "@/lib/context.ts";
import { formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/index.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import { dueSql } from "@/lib/orders/list-orders.ts";
import type { PaymentStatus } from "@/lib/orders/states.ts";
import { paidLetter } from "./templates.ts";
import type { Letter } from "./templates.ts";

type Facts = { number: string; amountKopecks: bigint; method: PayMethodCode; occurredAt: Date; brandName: string; legalName: string; phone: string; dueKopecks: bigint; paymentStatus: PaymentStatus; token: string | null; receiptUrl: string | null; receiptState: string | null };

/** Receipts in these states are none that the buyer should wait for. */
const settled = ["registered", "not_required", "cancelled"];

/** The letter as the order stands now; null when there is nothing to say any more. */
export async function composeLetter(ctx: Ctx, row: { orderId: string; params: Record<string, string> }): Promise<Letter | null> {
  const { sql } = ctx.database;
  const [facts] = await sql<Facts[]>`
    select o.number, f.amount_kopecks, f.method, f.occurred_at, s.brand_name, s.legal_name, s.phone, ${dueSql(sql)} as due_kopecks, o.payment_status,
           (select l.token from payment_links l where l.order_id = o.id order by l.created_at desc limit 1) as token, r.receipt_url, r.state as receipt_state
      from money_facts f join allocations a on a.fact_id = f.id join orders o on o.id = a.order_id join seller_orgs s on s.id = o.seller_org_id
      left join receipts r on r.fact_id = f.id and r.state <> 'cancelled' where f.id = ${row.params["factId"] ?? null} and o.id = ${row.orderId} limit 1`;
  if (!facts) return null;
  return paidLetter({
    orderNumber: facts.number,
    amount: formatMoney(facts.amountKopecks),
    method: payMethodLabels[facts.method],
    paidAt: `${formatDateTime(facts.occurredAt, ctx.zone)} МСК`,
    shop: facts.brandName,
    seller: facts.legalName,
    phone: facts.phone,
    pageUrl: facts.token ? `${ctx.publicUrl}/pay/${facts.token}` : ctx.publicUrl,
    receiptUrl: facts.receiptState === "registered" ? (facts.receiptUrl ?? "") : "",
    isReceiptComing: facts.receiptState !== null && !settled.includes(facts.receiptState),
    isPaid: facts.paymentStatus === "paid" || facts.paymentStatus === "overpaid",
    rest: facts.paymentStatus === "partially_paid" ? formatMoney(facts.dueKopecks) : "",
  });
}
