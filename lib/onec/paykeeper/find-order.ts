import type { Ctx } from "@/lib/context.ts";
import { hasOwnNumber } from "@/lib/orders/intake/repeated-numbers.ts";
import { orderBalance } from "@/lib/orders/states.ts";
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
  /** Born by this door and known to no other, whether its bill was written or not: its line and its life are ours to write. */
  isOwn: boolean;
};

/**
 * The order of this base that 1C calls so: by the site's number, else by 1C's own. Two of one 1C number are none, but for orders of several
 * years (decision 0021): there the one whose sum is asked for is meant, else the newest.
 */
export async function findBilledOrder(ctx: Ctx, connectionId: string, orderRef: string, amountKopecks: bigint | null = null): Promise<BilledOrder | null> {
  if (orderRef === "") return null;
  const { sql } = ctx.database;
  const rows = await sql<BilledOrder[]>`
    select o.id as order_id, o.number, o.lifecycle, o.is_posted, o.onec_payment_number, o.total_kopecks, o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.goods_returned_kopecks,
           o.onec_guid is null and o.shop_connection_id is null and not o.in_file as is_own
      from (select id from orders where onec_connection_id = ${connectionId} and number = ${orderRef}
            union select id from orders where onec_connection_id = ${connectionId} and onec_number = ${orderRef} and onec_number <> number limit 50) x join orders o on o.id = x.id order by o.order_date desc, o.id`;
  const named = rows.find((row) => row.number === orderRef);
  const years = rows.filter((row) => row === named || hasOwnNumber({ number: row.number, onecNumber: orderRef }));
  if (years.length > 1) {
    const asked = years.filter((row) => row.totalKopecks === amountKopecks || orderBalance(row).dueKopecks === amountKopecks);
    return asked.length === 1 ? asked[0]! : years[0]!;
  }
  return named ?? (rows.length === 1 ? rows[0]! : null);
}
