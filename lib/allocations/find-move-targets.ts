import type { Ctx } from "@/lib/context.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";

/** An order of the same buyer that money may move to: what `moveMoney` would accept. */
export type MoveTarget = { orderId: string; number: string; orderDate: Date; dueKopecks: bigint };

const MOST = 20;
const escaped = (text: string) => text.replace(/[\\%_]/g, "\\$&");

/** Unpaid orders of the same buyer, seller and world, newest first; `number` narrows by a part of the number. */
export async function findMoveTargets(ctx: Ctx, fromOrderId: string, number: string | null): Promise<MoveTarget[]> {
  const { sql } = ctx.database;
  const word = number?.trim() ? `%${escaped(number.trim().slice(0, 50))}%` : null;
  const rows = await sql<MoveTarget[]>`
    select o.id as order_id, o.number, o.order_date, d.due_kopecks
      from orders f join orders o on o.seller_org_id = f.seller_org_id and o.is_test = f.is_test and o.id <> f.id
        and ((o.counterparty_id is not null and o.counterparty_id = f.counterparty_id) or (o.contact is not null and o.contact = f.contact))
      cross join lateral (select o.total_kopecks - o.goods_returned_kopecks - o.captured_kopecks + o.reversed_kopecks + o.refunded_kopecks + o.charged_back_kopecks as due_kopecks) d
     where f.id = ${uuidOrNull(fromOrderId)} and o.lifecycle not in ('cancelled', 'deleted') and d.due_kopecks > 0 ${word ? sql`and o.number ilike ${word}` : sql``}
     order by o.order_date desc, o.id limit ${MOST}`;
  return [...rows];
}
