import type { Sql, Tx } from "@/db/index.ts";
import { balanceOf } from "./balance.ts";
import type { FiscalBalance, PastLine, PastReceipt } from "./balance.ts";
import { incomeOrderSql } from "./income-order.ts";

type Row = PastReceipt & { id: string; lines: (Omit<PastLine, "sumKopecks"> & { sumKopecks: string })[] };

/** Which receipts are asked about: those of an order, or of a payment that belongs to none. */
export type BalanceOf = { orderId: string } | { factId: string };

/**
 * What the receipts of an order say together, as they are planned: a receipt that is still on its way counts, one that was
 * cancelled, needed no register, was reversed or printed twice (FISC-32) does not. Advances that moved between orders follow their money
 * (LOST-09). Read it while the order is locked.
 */
export async function loadBalance(tx: Tx | Sql, of: BalanceOf): Promise<FiscalBalance> {
  const isOurs = "orderId" in of ? tx`r.order_id = ${of.orderId}` : tx`r.fact_id = ${of.factId}`;
  const rows = await (tx as Tx)<Row[]>`
    select r.id, r.kind, r.offset_kopecks, r.credit_kopecks, coalesce((
        select json_agg(json_build_object('orderLineId', l.order_line_id, 'itemId', ol.onec_item_id, 'name', coalesce(ol.name, l.name), 'goodsName', coalesce(ol.name, l.name), 'vat', l.vat_rate,
            'method', l.method, 'subject', l.subject, 'measure', l.measure, 'quantity', l.quantity, 'sumKopecks', l.sum_kopecks::text, 'lineQuantity', coalesce(ol.quantity, '0'), 'markCode', l.mark_code) order by l.line_no)
          from receipt_lines l left join order_lines ol on ol.id = l.order_line_id where l.receipt_id = r.id), '[]'::json) as lines
      from receipts r
     where ${isOurs} and r.state not in ('cancelled', 'not_required') and (r.corrects_receipt_id is null or r.purpose = 'correction')
       and not exists (select 1 from receipts v where v.corrects_receipt_id = r.id and v.purpose = 'reversal' and v.state <> 'cancelled')
     order by r.planned_at, r.part_no, r.id`;
  const balance = balanceOf(rows.map((row) => ({ ...row, lines: row.lines.map((line) => ({ ...line, sumKopecks: BigInt(line.sumKopecks) })) })));
  if ("orderId" in of) await followMoves(tx, of.orderId, balance);
  return balance;
}

/**
 * Money that staff moved here brings its advance along; money that left takes its own away. What the buyer kept as an advance and got back had its
 * return receipt here: it has not left.
 */
async function followMoves(tx: Tx | Sql, orderId: string, balance: FiscalBalance): Promise<void> {
  const on = tx as Tx;
  const [moved] = await on<{ kopecks: bigint }[]>`
    with bound as (
      select a.fact_id, sum(a.amount_kopecks) as here, ${incomeOrderSql(tx, on`a.fact_id`)} as income_order_id from allocations a join money_facts f on f.id = a.fact_id
       where a.order_id = ${orderId} and f.kind = 'payment_captured' and f.fiscal_owner = 'site' group by a.fact_id)
    select coalesce(sum(case when b.income_order_id = ${orderId} then b.here - f.amount_kopecks + kept.back when b.income_order_id is not null then b.here else 0 end), 0)::bigint as kopecks
      from bound b join money_facts f on f.id = b.fact_id
      cross join lateral (
        select coalesce(sum(a.amount_kopecks), 0) as back from money_facts g join allocations a on a.fact_id = g.id and a.order_id is null
         where g.parent_fact_id = b.fact_id and g.kind = 'refund_succeeded' and not exists (select 1 from receipts q where q.fact_id = g.id and q.order_id is null)) kept`;
  const { kopecks } = moved!;
  const openKopecks = kopecks - balance.overdrawnKopecks;
  if (openKopecks > 0n) balance.advances.push({ name: "Аванс", vat: balance.prepaid.length > 0 && balance.prepaid.every((one) => one.vat === "none") ? "none" : "vat22_122", openKopecks });
  let gone = kopecks < 0n ? -kopecks : 0n;
  for (const one of [...balance.advances, ...balance.prepaid.toReversed()]) {
    const taken = gone < one.openKopecks ? gone : one.openKopecks;
    one.openKopecks -= taken;
    gone -= taken;
  }
}
