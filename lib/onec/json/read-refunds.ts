import type { Sql } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { partId } from "@/lib/feed/index.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { localText, offsetText } from "@/lib/kit/time.ts";
import { refundStateLabels } from "@/lib/refunds/states.ts";
import type { RefundState } from "@/lib/refunds/states.ts";
import type { RefundAnswer } from "./schema-money.ts";

/** `reversed`: what went back has come back to us (LOST-24). */
export type ToldRefundState = RefundState | "reversed";
export const toldRefundLabels: Record<ToldRefundState, string> = { ...refundStateLabels, reversed: "Деньги вернулись к нам" };

type Fragment = ReturnType<Sql>;
type Row = {
  id: string; orderId: string | null; onecGuid: string | null; isPart: boolean; paymentFactId: string | null; amountKopecks: bigint; method: string; state: ToldRefundState; documentNumber: string | null; requestedAt: Date; finishedAt: Date | null;
  failText: string | null; decisionText: string | null;
};

/**
 * Refunds as 1C reads them, oldest first: those of `ids` (SQL), of one order alone where it is given. Money that went back from several orders is a row
 * for each, with the id and the sum that its `refund.succeeded` has (API-24).
 */
export async function readRefunds(ctx: Ctx, ids: Fragment, zone: string, onlyOrderId: string | null = null): Promise<RefundAnswer["refunds"]> {
  const rows = await ctx.database.sql<Row[]>`
    select coalesce(r.fact_id, r.id) as id, o.id as order_id, o.onec_guid, coalesce(p.is_part, false) as is_part, r.payment_fact_id, coalesce(p.kopecks, r.amount_kopecks) as amount_kopecks, r.method, r.document_number, r.requested_at, r.finished_at, r.fail_text, r.decision_text,
           case when r.state = 'succeeded' and exists (select 1 from money_facts b where b.kind = 'refund_reversed' and b.provider_operation_id = 'bounce:' || r.id) then 'reversed' else r.state end as state
      from refunds r
      left join lateral (
        select t.order_id, sum(t.kopecks)::bigint as kopecks, sum(t.kopecks) < r.amount_kopecks as is_part
          from (select distinct on (m.order_id) m.order_id, m.amount_kopecks as kopecks from export_messages m where m.fact_id = r.fact_id
                union all select y.order_id, y.amount_kopecks from dry_runs y where y.fact_id = r.fact_id and y.kind = 'export'
                -- Told by 1C itself: where it lies, by the document that 1C knows.
                union all select a.order_id, a.amount_kopecks from allocations a join money_facts f on f.id = a.fact_id where f.id = r.fact_id and f.document_key is not null and a.order_id is not null) t
         group by t.order_id) p on true
      left join orders o on o.id = coalesce(p.order_id, r.order_id)
     where r.id in (${ids}) ${onlyOrderId === null ? ctx.database.sql`` : ctx.database.sql`and o.id = ${onlyOrderId}`} order by r.requested_at, r.id, p.kopecks desc nulls last, o.id limit 200`;
  return rows.map((row) => ({
    id: row.isPart && row.orderId !== null ? partId(row.id, row.orderId) : row.id, orderId: row.onecGuid ?? "", paymentId: row.paymentFactId ?? "", amount: rublesText(row.amountKopecks), method: row.method, state: row.state, stateText: toldRefundLabels[row.state],
    number: row.documentNumber ?? "", requestedAt: offsetText(row.requestedAt, zone), requestedAtLocal: localText(row.requestedAt, zone), finishedAt: row.finishedAt ? offsetText(row.finishedAt, zone) : "", finishedAtLocal: row.finishedAt ? localText(row.finishedAt, zone) : "",
    failText: row.failText ?? row.decisionText ?? "",
  }));
}
