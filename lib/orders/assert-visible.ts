import type { Viewer } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import { notFound } from "@/lib/kit/errors.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Throws `not_found` when there is no such order or this person may not see it: actions on an order ask first. */
export async function assertVisible(ctx: Ctx, viewer: Viewer, orderId: string): Promise<void> {
  const { sql } = ctx.database;
  const found = UUID.test(orderId) ? await sql`select 1 from orders where id = ${orderId} ${viewer.storeId ? sql`and store_id = ${viewer.storeId}` : sql``}` : [];
  if (found.length === 0) throw notFound("Заказ не найден");
}
