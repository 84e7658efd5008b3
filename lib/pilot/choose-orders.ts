import type { Tx } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";

export type Chosen = { orderId: string; batchId: string; batchNo: bigint };
export type Candidates = {
  storeId: string;
  isTest: boolean;
  /** Orders that a rule may choose; all of them may be named in a list. */
  fresh: readonly string[];
  /** Orders that were here before: only their name in a list chooses them. */
  known: readonly string[];
};

/** So many batches may be full at once and hand their orders on to the next. */
const ROUNDS_MAX = 5;

/**
 * PIL-02: which orders the store's open batches choose, in the transaction that takes the orders. A named order goes first, then the rule's
 * by their date; a full batch leaves its orders to the next one. One statement for all of them; the batch rows are locked, so that two
 * intakes share the cap. Orders that are chosen already are left alone. The caller holds the orders.
 */
export async function chooseOrders(ctx: Ctx, tx: Tx, { storeId, isTest, fresh, known }: Candidates): Promise<Chosen[]> {
  const chosen: Chosen[] = [];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const rows = await tx<(Chosen & { isMore: boolean })[]>`
      with open as materialized (
        select * from pilot_batches where store_id = ${storeId} and is_test = ${isTest} and closed_at is null and ends_at > ${ctx.now()} order by no for update
      ), fits as (
        select distinct on (o.id) o.id, b.id as batch_id, b.no, p.id is not null as is_named, o.order_date, b.max_orders - b.taken_count as room
          from open b
          join orders o on o.id = any(${[...fresh, ...known]}::uuid[]) and o.store_id = b.store_id and o.is_test = b.is_test and o.pilot_batch_id is null and o.lifecycle not in ('cancelled', 'deleted')
          left join pilot_picks p on p.batch_id = b.id and p.removed_at is null and lower(p.ref) in (lower(o.number), lower(o.onec_number), lower(o.onec_guid))
         where b.taken_count < b.max_orders and (p.id is not null
            or (b.kind = 'rule' and o.id = any(${fresh as string[]}::uuid[]) and (b.payer_kind is null or b.payer_kind = o.payer_kind)
                and (b.counterparty_id is null or b.counterparty_id = o.counterparty_id) and (b.manager is null or lower(b.manager) = lower(o.manager)) and (b.total_max_kopecks is null or o.total_kopecks <= b.total_max_kopecks)))
         order by o.id, (p.id is not null) desc, b.no
      ), ranked as (
        select *, row_number() over (partition by batch_id order by is_named desc, order_date, id) as place from fits
      )
      update orders o set pilot_batch_id = r.batch_id from ranked r where o.id = r.id and r.place <= r.room
      returning o.id as order_id, r.batch_id, r.no as batch_no, exists (select 1 from ranked x where x.place > x.room) as is_more`;
    chosen.push(...rows);
    if (!rows.some((row) => row.isMore)) break;
  }
  if (chosen.length > 0) await tellChosen(ctx, tx, chosen);
  return chosen.map(({ orderId, batchId, batchNo }) => ({ orderId, batchId, batchNo }));
}

/** The line of each order's story. */
export async function tellChosen(ctx: Ctx, tx: Tx, chosen: readonly Chosen[]): Promise<void> {
  const rows = chosen.map(({ orderId, batchId, batchNo }) => ({ id: newId(), order_id: orderId, batch: batchId, no: batchNo.toString() }));
  await tx`
    insert into order_events (id, order_id, at, kind, actor, subject_id, detail)
    select id, order_id, ${ctx.now()}::timestamptz, 'pilot.chosen', ${actorText(ctx.actor)}::text, batch, jsonb_build_object('batchNo', no)
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, order_id uuid, batch uuid, no text)`;
}
