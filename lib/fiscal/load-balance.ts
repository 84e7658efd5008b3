import type { Sql, Tx } from "@/db/index.ts";
import { balanceOf, take } from "./balance.ts";
import type { FiscalBalance, PastLine, PastReceipt } from "./balance.ts";
import { readMoved, receiptIdsSql, standingReturnSql, uncoveredSql } from "./moved-money.ts";

type Row = PastReceipt & { id: string; lines: (Omit<PastLine, "sumKopecks"> & { sumKopecks: string })[] };

/** Which receipts are asked about: those of an order, or of a payment that belongs to none. */
export type BalanceOf = { orderId: string } | { factId: string };

/**
 * What the receipts of an order say together, as they are planned: a receipt that is still on its way counts, and a return that a person closed as printed
 * elsewhere; one that was cancelled, needed no register, was reversed or printed twice (FISC-32) does not. A correction stands where its receipt
 * would have stood. Advances that moved between orders follow their money (LOST-09). Read it while the order is locked; `planningFactId`: a
 * return that is recorded and has no receipts yet.
 */
export async function loadBalance(tx: Tx | Sql, of: BalanceOf, planningFactId: string | null = null): Promise<FiscalBalance> {
  const isOurs = "orderId" in of ? (tx as Tx)`r.order_id = ${of.orderId}` : (tx as Tx)`r.id in ${receiptIdsSql(tx, (tx as Tx)`${of.factId}::uuid`)}`;
  const rows = await (tx as Tx)<Row[]>`
    select r.id, r.kind, r.offset_kopecks, r.credit_kopecks, coalesce((
        select json_agg(json_build_object('orderLineId', l.order_line_id, 'itemId', ol.onec_item_id, 'name', coalesce(ol.name, l.name), 'goodsName', coalesce(ol.name, l.name), 'vat', l.vat_rate,
            'method', l.method, 'subject', l.subject, 'measure', l.measure, 'quantity', l.quantity, 'sumKopecks', l.sum_kopecks::text, 'lineQuantity', coalesce(ol.quantity, '0'), 'markCode', l.mark_code) order by l.line_no)
          from receipt_lines l left join order_lines ol on ol.id = l.order_line_id where l.receipt_id = r.id), '[]'::json) as lines
      from receipts r
     where ${isOurs} and ${standingReturnSql(tx)} and not ${uncoveredSql(tx)} and (r.corrects_receipt_id is null or r.purpose = 'correction')
       and not exists (select 1 from receipts v where v.corrects_receipt_id = r.id and v.purpose = 'reversal' and v.state <> 'cancelled')
     order by coalesce((select c.planned_at from receipts c where c.id = r.corrects_receipt_id), r.planned_at), r.part_no, r.id`;
  const balance = balanceOf(rows.map((row) => ({ ...row, lines: row.lines.map((line) => ({ ...line, sumKopecks: BigInt(line.sumKopecks) })) })));
  if ("orderId" in of) await followMoves(tx, of.orderId, planningFactId, balance);
  return balance;
}

/** Money that staff moved here brings its advance along; money that left, or went back past these receipts, takes its own away. */
async function followMoves(tx: Tx | Sql, orderId: string, planningFactId: string | null, balance: FiscalBalance): Promise<void> {
  const { movedKopecks, outsideKopecks } = await readMoved(tx, orderId, planningFactId);
  const openKopecks = movedKopecks - balance.overdrawnKopecks;
  if (openKopecks > 0n) balance.advances.push({ name: "Аванс", vat: balance.prepaid.length > 0 && balance.prepaid.every((one) => one.vat === "none") ? "none" : "vat22_122", openKopecks });
  const unsold = [...balance.advances, ...balance.prepaid.toReversed()];
  if (movedKopecks < 0n) takeFrom(unsold, -movedKopecks);
  takeFrom([...unsold, ...balance.sold.toReversed()], outsideKopecks);
}

function takeFrom(all: readonly { openKopecks: bigint }[], kopecks: bigint): void {
  let left = kopecks;
  for (const one of all) left -= take(one, left);
}
