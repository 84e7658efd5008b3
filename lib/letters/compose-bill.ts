import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatDayMonth, formatMoney, formatPhone, formatQuantity, formatTime } from "@/lib/kit/format.ts";
import { addMs, localText } from "@/lib/kit/time.ts";
import { billUrl, readBills } from "@/lib/onec/paykeeper/bill-rows.ts";
import { dueSql } from "@/lib/orders/list-orders.ts";
import { billLetter } from "./templates.ts";
import type { Letter } from "./templates.ts";

type Facts = { number: string; dueKopecks: bigint; brandName: string; legalName: string; phone: string; lines: { name: string; quantity: string; unitName: string | null; sumKopecks: string }[] };

/** A letter of thousands of lines helps nobody. */
const LINES_MAX = 30;

/** The bill that 1C sends to its buyer, as it stands now; null when it may not be paid any more. */
export async function composeBill(ctx: Ctx, row: { orderId: string; params: Record<string, string> }): Promise<Letter | null> {
  const { sql } = ctx.database;
  const [bill] = await readBills(sql, ctx.now(), sql`b.id = ${row.params["billId"] ?? null} and b.order_id = ${row.orderId}`);
  if (!bill || (bill.status !== "created" && bill.status !== "sent")) return null;
  const [facts] = await sql<Facts[]>`
    select o.number, ${dueSql(sql)} as due_kopecks, s.brand_name, s.legal_name, s.phone,
           (select coalesce(json_agg(json_build_object('name', l.name, 'quantity', l.quantity, 'unitName', l.unit_name, 'sumKopecks', l.sum_kopecks::text) order by l.line_no), '[]'::json)
              from order_lines l join order_revisions v on v.id = l.revision_id where v.order_id = o.id and v.no = o.revision_no) as lines
      from orders o join seller_orgs s on s.id = o.seller_org_id where o.id = ${row.orderId}`;
  if (!facts || facts.dueKopecks <= 0n) return null;
  const shown = facts.lines.slice(0, LINES_MAX).map((line) => `${line.name}, ${formatQuantity(line.quantity, line.unitName ?? "шт")}, ${formatMoney(BigInt(line.sumKopecks))}`);
  const hidden = facts.lines.length - shown.length;
  return billLetter({
    what: bill.orderRef === "" ? `Счёт №${NBSP}${bill.number}` : `Заказ №${NBSP}${facts.number}`,
    amount: formatMoney(facts.dueKopecks),
    until: bill.expiresAt ? untilText(bill.expiresAt, ctx.zone) : "",
    lines: hidden > 0 ? [...shown, `и ещё ${hidden} поз.`] : shown,
    shop: facts.brandName,
    seller: facts.legalName,
    phone: formatPhone(facts.phone),
    pageUrl: billUrl(ctx.publicUrl, bill),
  });
}

/** A bill dies at a moment; people read the last day on which it can be paid. */
function untilText(expiresAt: Date, zone: string): string {
  if (localText(expiresAt, zone).endsWith("T00:00:00")) return `${formatDayMonth(addMs(expiresAt, -1), zone)} включительно`;
  return `${formatDayMonth(expiresAt, zone)}, ${formatTime(expiresAt, zone)}`;
}
