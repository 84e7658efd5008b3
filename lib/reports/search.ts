/** One field that finds anything: numbers of orders, of 1C, of banks, sums, ИНН, fiscal documents (ux.md 8). */
import type { Viewer } from "@/lib/auth/scope.ts";
import { maskName } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import { parseRubles } from "@/lib/kit/money.ts";
import type { Lifecycle, PaymentStatus } from "@/lib/orders/states.ts";

export type FoundOrder = {
  orderId: string; number: string; orderDate: Date; buyerName: string; totalKopecks: bigint; paymentStatus: PaymentStatus; lifecycle: Lifecycle; dueDate: string | null; onecPaymentNumber: string | null;
  /** By what it was found; several are possible. */
  reasons: string[];
};

const LIMIT = 20;
const escaped = (text: string) => text.replace(/[\\%_]/g, "\\$&");

function sumOf(text: string): bigint | null {
  try {
    return parseRubles(text);
  } catch {
    return null;
  }
}

export async function searchOrders(ctx: Ctx, viewer: Viewer, isTest: boolean, typed: string): Promise<FoundOrder[]> {
  const text = typed.trim().replace(/^№\s*/u, "").slice(0, 100);
  if (text === "") return [];
  const { sql } = ctx.database;
  const sum = sumOf(text);
  const word = `%${escaped(text)}%`;
  const byName = viewer.seesBuyers && text.length >= 3;
  const rows = await sql<FoundOrder[]>`
    with hit as (
      (select id, 'номер заказа' as reason from orders where is_test = ${isTest} and (number ilike ${word} or onec_number ilike ${word}) order by (number = ${text}) desc, order_date desc limit ${LIMIT})
      union all (select id, 'номер в 1С (GUID)' from orders where onec_guid = ${text} limit ${LIMIT})
      union all (select id, 'номер оплаты в 1С' from orders where onec_payment_number = ${text} limit ${LIMIT})
      ${sum === null ? sql`` : sql`union all (select id, 'сумма заказа' from orders where is_test = ${isTest} and total_kopecks = ${sum} order by order_date desc limit ${LIMIT})
      union all (select a.order_id, 'сумма платежа' from money_facts f join allocations a on a.fact_id = f.id where f.amount_kopecks = ${sum} and f.is_test = ${isTest} and a.order_id is not null order by f.occurred_at desc limit ${LIMIT})`}
      union all (select order_id, 'номер платежа в банке' from payment_attempts where provider_payment_id = ${text} or provider_invoice_id = ${text} or reference = ${text} or rrn = ${text} limit ${LIMIT})
      union all (select order_id, 'фискальный документ' from receipts where (fd_number = ${text} or fiscal_sign = ${text}) and order_id is not null limit ${LIMIT})
      union all (select order_id, 'номер счёта' from invoices where number = ${text} limit ${LIMIT})
      ${/^\d{10}$|^\d{12}$/.test(text) ? sql`union all (select o.id, 'ИНН' from counterparties c join orders o on o.counterparty_id = c.id where c.inn = ${text} order by o.order_date desc limit ${LIMIT})` : sql``}
      ${byName ? sql`union all (select id, 'покупатель' from orders where is_test = ${isTest} and buyer_name ilike ${word} order by order_date desc limit ${LIMIT})
      union all (select id, 'контакт' from orders where is_test = ${isTest} and contact = ${text} order by order_date desc limit ${LIMIT})` : sql``}
    )
    select o.id as order_id, o.number, o.order_date, o.buyer_name, o.total_kopecks, o.payment_status, o.lifecycle, o.due_date, o.onec_payment_number, array_agg(distinct hit.reason) as reasons
      from hit join orders o on o.id = hit.id where o.is_test = ${isTest} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}
     group by o.id order by (o.number = ${text}) desc, o.order_date desc limit 50`;
  return viewer.seesBuyers ? rows : rows.map((row) => ({ ...row, buyerName: maskName(row.buyerName) }));
}
