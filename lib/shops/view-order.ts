import type { Ctx } from "@/lib/context.ts";
import { partId } from "@/lib/feed/index.ts";
import { rublesText } from "@/lib/kit/money.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle, PaymentStatus } from "@/lib/orders/states.ts";

type Row = {
  orderId: string; number: string; shopNumber: string | null; lifecycle: Lifecycle; paymentStatus: PaymentStatus; totalKopecks: bigint; capturedKopecks: bigint; reversedKopecks: bigint; refundedKopecks: bigint;
  chargedBackKopecks: bigint; goodsReturnedKopecks: bigint; payUntil: Date | null; createdAt: Date; paidAt: Date | null; isTest: boolean; token: string | null;
  payments: { id: string; method: PayMethodCode; amount: string; at: string }[]; refunds: { id: string; isPart: boolean; paymentId: string; amount: string; at: string }[]; receipts: { kind: string; state: string; amount: string; url: string | null }[];
};

/** As a shop reads its order: every field always there, sums as roubles in text, instants in UTC. No data of the buyer. */
export type ShopOrderView = {
  orderId: string; number: string; shopNumber: string; status: string; amount: string; paid: string; refunded: string; due: string; currency: "RUB"; isTest: boolean; payUrl: string; payBy: string; createdAt: string; paidAt: string;
  payments: { id: string; method: string; amount: string; paidAt: string }[]; refunds: { id: string; paymentId: string; amount: string; refundedAt: string }[]; receipts: { kind: string; state: string; amount: string; url: string }[];
};

/** `cancelled` when nobody may pay it any more and nobody has; else how its money stands. */
export const shopStatus = ({ lifecycle, paymentStatus, capturedKopecks }: Pick<Row, "lifecycle" | "paymentStatus" | "capturedKopecks">): string =>
  !isPayableLifecycle(lifecycle) && capturedKopecks === 0n ? "cancelled" : paymentStatus;

const instant = (text: string | Date | null): string => (text === null ? "" : new Date(text).toISOString());

/** An order that this shop has made; null for everything else. */
export async function viewShopOrder(ctx: Ctx, shopId: string, orderId: string | null): Promise<ShopOrderView | null> {
  if (orderId === null) return null;
  const [row] = await ctx.database.sql<Row[]>`
    select o.id as order_id, o.number, s.shop_number, o.lifecycle, o.payment_status, o.total_kopecks, o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.goods_returned_kopecks, o.pay_until,
           o.created_at, o.paid_at, o.is_test,
           -- The first address that the shop was given opens the order for ever.
           (select l.token from payment_links l where l.order_id = o.id order by l.created_at, l.id limit 1) as token,
           -- What of each stands on this order: the money of one payment may be of several.
           (select coalesce(json_agg(json_build_object('id', f.id, 'method', f.method, 'amount', a.kopecks::text, 'at', f.occurred_at) order by f.occurred_at, f.id), '[]'::json)
              from (select fact_id, sum(amount_kopecks) as kopecks from allocations where order_id = o.id group by fact_id having sum(amount_kopecks) > 0) a join money_facts f on f.id = a.fact_id and f.kind = 'payment_captured') as payments,
           (select coalesce(json_agg(json_build_object('id', f.id, 'isPart', (select count(distinct b.order_id) > 1 from allocations b join orders w on w.id = b.order_id and w.onec_connection_id is not null where b.fact_id = f.id),
                     'paymentId', coalesce(f.parent_fact_id::text, ''), 'amount', coalesce((select m.amount_kopecks from export_messages m where m.fact_id = f.id and m.order_id = o.id limit 1),
                       -- No 1C is told of it: as this shop was, for as long as that is kept; what stood on no order goes with the only one.
                       (select coalesce(e.share_kopecks, f.amount_kopecks) from feed_events e where e.connection_id = o.shop_connection_id and e.subject_id = f.id and e.order_id = o.id and e.type = 'refund.succeeded' order by e.repeat_no limit 1),
                       case when exists (select 1 from allocations b where b.fact_id = f.id and b.order_id <> o.id) then a.kopecks else f.amount_kopecks end)::text, 'at', f.occurred_at) order by f.occurred_at, f.id), '[]'::json)
              from (select fact_id, sum(amount_kopecks) as kopecks from allocations where order_id = o.id group by fact_id) a join money_facts f on f.id = a.fact_id and f.kind = 'refund_succeeded'
             -- What came back to us is no refund any more.
             where not exists (select 1 from refunds q join money_facts b on b.kind = 'refund_reversed' and b.provider_operation_id = 'bounce:' || q.id where q.fact_id = f.id)) as refunds,
           (select coalesce(json_agg(json_build_object('kind', r.kind, 'state', r.state, 'amount', r.total_kopecks::text, 'url', r.receipt_url) order by r.planned_at, r.id), '[]'::json)
              from receipts r where r.order_id = o.id and r.state not in ('cancelled', 'not_required')) as receipts
      from orders o left join shop_orders s on s.order_id = o.id where o.id = ${orderId} and o.shop_connection_id = ${shopId}`;
  if (!row) return null;
  const { netPaidKopecks, dueKopecks } = orderBalance(row);
  const money = (kopecks: string | bigint) => rublesText(BigInt(kopecks));
  return {
    orderId: row.orderId, number: row.number, shopNumber: row.shopNumber ?? row.number, status: shopStatus(row), amount: money(row.totalKopecks), paid: money(netPaidKopecks), refunded: money(row.refundedKopecks), due: money(dueKopecks),
    currency: "RUB", isTest: row.isTest, payUrl: row.token ? `${ctx.publicUrl}/pay/${row.token}` : "", payBy: instant(row.payUntil), createdAt: instant(row.createdAt), paidAt: instant(row.paidAt),
    payments: row.payments.map((each) => ({ id: each.id, method: each.method, amount: money(each.amount), paidAt: instant(each.at) })),
    refunds: row.refunds.map((each) => ({ id: each.isPart ? partId(each.id, row.orderId) : each.id, paymentId: each.paymentId, amount: money(each.amount), refundedAt: instant(each.at) })),
    receipts: row.receipts.map((each) => ({ kind: each.kind, state: each.state, amount: money(each.amount), url: each.url ?? "" })),
  };
}
