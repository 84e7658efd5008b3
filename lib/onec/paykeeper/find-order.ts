import type { Ctx } from "@/lib/context.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";

/** An order that a bill may be about. */
export type BilledOrder = {
  orderId: string;
  number: string;
  lifecycle: Lifecycle;
  isPosted: boolean;
  onecPaymentNumber: string | null;
  totalKopecks: bigint;
  capturedKopecks: bigint;
  reversedKopecks: bigint;
  refundedKopecks: bigint;
  chargedBackKopecks: bigint;
  goodsReturnedKopecks: bigint;
  /** Born by this door and known to no other: its line and its life are ours to write. */
  isOwn: boolean;
};

/** The order of this base that 1C calls so: by the site's number, else by 1C's own. Two of one 1C number are none. */
export async function findBilledOrder(ctx: Ctx, connectionId: string, orderRef: string): Promise<BilledOrder | null> {
  if (orderRef === "") return null;
  const { sql } = ctx.database;
  const rows = await sql<(BilledOrder & { isNamed: boolean })[]>`
    select o.id as order_id, o.number, o.lifecycle, o.is_posted, o.onec_payment_number, o.total_kopecks, o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.goods_returned_kopecks,
           o.number = ${orderRef} as is_named, o.onec_guid is null and o.shop_connection_id is null and exists (select 1 from bills b where b.order_id = o.id and b.owns_order) as is_own
      from (select id from orders where onec_connection_id = ${connectionId} and number = ${orderRef}
            union select id from orders where onec_connection_id = ${connectionId} and onec_number = ${orderRef} and onec_number <> number limit 3) x join orders o on o.id = x.id`;
  const named = rows.find((row) => row.isNamed);
  return named ?? (rows.length === 1 ? rows[0]! : null);
}
