import { HOUR_MS, addMs } from "@/lib/kit/time.ts";
import type { Run } from "./run.ts";
import { orderOfFact, stillOpen } from "./run.ts";

/** Classes that M4 decides about. */
export const receiptClasses = ["RECEIPT_MISSING", "RECEIPT_ORPHAN", "RECEIPT_AMOUNT_MISMATCH", "RECEIPT_DUPLICATE", "ADVANCE_NOT_CLOSED"] as const;

const columns = "class, object_key, connection_id, business_date, ours, theirs, order_id, fact_id, receipt_id, shipment_id, detail, due_at, is_test";

/** M4: facts, hand-overs and refunds beside registered receipts. */
export async function findReceiptDifferences(run: Run): Promise<void> {
  await missing(run);
  await registered(run);
  await advances(run);
}

async function missing({ tx, now, from, zone, receiptSlaMs }: Run): Promise<void> {
  const due = addMs(now, -receiptSlaMs);
  const sla = `${receiptSlaMs} milliseconds`;
  await tx`
    insert into found (${tx.unsafe(columns)})
    select case when r.fail_code = 'RECEIPT_DUPLICATE' then 'RECEIPT_DUPLICATE' else 'RECEIPT_MISSING' end, 'receipt:' || r.id, r.connection_id, coalesce(f.business_date, (r.planned_at at time zone ${zone})::date),
           r.total_kopecks, null, r.order_id, r.fact_id, r.id, r.shipment_id, jsonb_build_object('state', r.state, 'failCode', r.fail_code), r.planned_at + ${sla}::interval, r.is_test
      from receipts r left join money_facts f on f.id = r.fact_id
     where r.state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable', 'failed_final') and r.planned_at <= ${due}`;
  await tx`
    insert into found (${tx.unsafe(columns)})
    select 'RECEIPT_MISSING', 'fact:' || f.id, null, f.business_date, f.amount_kopecks, null, ${orderOfFact(tx, tx`f.id`)}, f.id, null, null, jsonb_build_object('state', 'none'), f.recorded_at + ${sla}::interval, f.is_test
      from money_facts f where (f.business_date >= ${from} or f.id in (select fact_id from discrepancies where state in ('expected', 'open') and class = 'RECEIPT_MISSING'))
       and f.fiscal_owner = 'site' and f.kind in ('payment_captured', 'refund_succeeded') and f.recorded_at <= ${due}
       and not exists (select 1 from receipts r where r.fact_id = f.id and r.state <> 'cancelled')`;
}

async function registered({ tx, now, from, zone }: Run): Promise<void> {
  const recent = tx`(r.planned_at >= ${from}::timestamp at time zone ${zone} or r.id in (select receipt_id from discrepancies where state in ('expected', 'open')))`;
  const day = tx`(r.planned_at at time zone ${zone})::date`;
  await tx`
    insert into found (${tx.unsafe(columns)})
    select 'RECEIPT_ORPHAN', 'receipt:' || r.id, r.connection_id, ${day}, null, r.total_kopecks, r.order_id, null, r.id, null, jsonb_build_object('fdNumber', r.fd_number), ${now}, r.is_test
      from receipts r where r.state = 'registered' and r.fact_id is null and r.shipment_id is null and r.corrects_receipt_id is null and ${recent} and ${notCorrected({ tx })}`;
  await tx`
    insert into found (${tx.unsafe(columns)})
    select 'RECEIPT_AMOUNT_MISMATCH', 'receipt:' || r.id, r.connection_id, ${day}, r.total_kopecks, l.kopecks, r.order_id, r.fact_id, r.id, r.shipment_id, jsonb_build_object('fdNumber', r.fd_number, 'lines', true), ${now}, r.is_test
      from receipts r join lateral (select sum(x.sum_kopecks)::bigint as kopecks from receipt_lines x where x.receipt_id = r.id) l on true
     where r.state = 'registered' and l.kopecks is not null and l.kopecks <> r.total_kopecks and ${recent} and ${notCorrected({ tx })}`;
  // One settlement may have several documents (FISC-36, FISC-41); all of them together are its money, with the sign of its kind.
  await tx`
    insert into found (${tx.unsafe(columns)})
    select 'RECEIPT_AMOUNT_MISMATCH', 'fact:' || f.id, g.connection_id, f.business_date, f.amount_kopecks, abs(g.kopecks), g.order_id, f.id, g.receipt_id, null, jsonb_build_object('kind', f.kind, 'sign', sign(g.kopecks)), ${now}, f.is_test
      from (select r.fact_id, (array_agg(r.connection_id))[1] as connection_id, (array_agg(r.order_id))[1] as order_id, (array_agg(r.id order by r.part_no))[1] as receipt_id,
                   sum(case when r.kind like 'income_return%' then -1 else 1 end * (r.total_kopecks - r.offset_kopecks - r.credit_kopecks))::bigint as kopecks
              from receipts r where r.fact_id is not null and r.corrects_receipt_id is null and r.state <> 'cancelled' and r.fact_id in (select r.fact_id from receipts r where r.state = 'registered' and r.fact_id is not null and ${recent})
             group by r.fact_id having bool_and(r.state = 'registered') and bool_and(${notCorrected({ tx })})) g
      join money_facts f on f.id = g.fact_id where g.kopecks <> case when f.kind in ('refund_succeeded', 'payment_reversed', 'chargeback') then -f.amount_kopecks else f.amount_kopecks end`;
  await tx`
    insert into found (${tx.unsafe(columns)})
    select 'RECEIPT_DUPLICATE', 'receipt:' || r.id, r.connection_id, ${day}, r.total_kopecks, q.total_kopecks, r.order_id, r.fact_id, r.id, r.shipment_id, jsonb_build_object('fdNumber', r.fd_number, 'otherId', q.id), ${now}, r.is_test
      from receipts r join receipts q on (q.fact_id = r.fact_id or q.shipment_id = r.shipment_id) and q.part_no = r.part_no and q.id < r.id and q.state = 'registered' and q.corrects_receipt_id is null
     where r.state = 'registered' and r.corrects_receipt_id is null and ${recent} and ${notCorrected({ tx })} and not exists (select 1 from receipts v where v.corrects_receipt_id = q.id and v.state = 'registered')`;
}

/** FISC-32 has been done already. */
const notCorrected = ({ tx }: Pick<Run, "tx">) => tx`not exists (select 1 from receipts v where v.corrects_receipt_id = r.id and v.state = 'registered')`;

async function advances({ tx, now, from, zone }: Run): Promise<void> {
  const [setting] = await tx<{ value: string }[]>`select value from settings where key = 'closingTrigger'`;
  if (setting?.value === "never") return;
  const due = addMs(now, -HOUR_MS);
  // With `handed_over` the receipt waits for the hand-over, which may be days after the shipment.
  if (setting?.value !== "handed_over") await tx`
    insert into found (${tx.unsafe(columns)})
    select 'ADVANCE_NOT_CLOSED', 'shipment:' || s.id, null, s.business_date, s.total_kopecks, null, s.order_id, null, null, s.id, '{}', s.recorded_at + interval '1 hour', s.is_test
      from standing_shipments s where (s.business_date >= ${from} or s.id in (select shipment_id from discrepancies where state in ('expected', 'open'))) and s.recorded_at <= ${due} and s.total_kopecks > 0
       and not exists (select 1 from receipts r where r.shipment_id = s.id and r.state <> 'cancelled')
       and exists (select 1 from allocations a join money_facts f on f.id = a.fact_id where a.order_id = s.order_id and f.kind = 'payment_captured' and f.fiscal_owner = 'site')`;
  // Tag 1215 of the closing receipts beside the prepayment that was receipted and not returned (invariant 11), once the order is closed.
  await tx`
    insert into found (${tx.unsafe(columns)})
    select 'ADVANCE_NOT_CLOSED', 'order:' || o.id, null, (o.updated_at at time zone ${zone})::date, p.kopecks, c.kopecks, o.id, null, null, null, '{"order": true}', ${now}, o.is_test
      from orders o
      join lateral (select coalesce(sum(case when r.kind = 'income' then l.sum_kopecks else -l.sum_kopecks end), 0)::bigint as kopecks from receipts r join receipt_lines l on l.receipt_id = r.id
                     where r.order_id = o.id and r.state = 'registered' and r.kind in ('income', 'income_return') and l.method in (1, 2)) p on true
      join lateral (select coalesce(sum(r.offset_kopecks), 0)::bigint as kopecks from receipts r where r.order_id = o.id and r.state = 'registered' and r.purpose = 'closing') c on true
     where o.lifecycle = 'completed' and (o.updated_at >= ${from}::timestamp at time zone ${zone} or o.id in ${stillOpen(tx, "ADVANCE_NOT_CLOSED", "order_id")}) and exists (select 1 from standing_shipments s where s.order_id = o.id) and p.kopecks > 0 and p.kopecks <> c.kopecks
       and not exists (select 1 from receipts r where r.order_id = o.id and r.state not in ('registered', 'cancelled', 'not_required'))
       and not exists (select 1 from receipts r where r.order_id = o.id and r.purpose = 'closing' and r.state = 'not_required')`;
}
