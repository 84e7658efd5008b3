import type { Tx } from "@/db/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { baseSettings } from "../base-settings.ts";
import { noteExports } from "../note-exports.ts";

/**
 * 1C was told that these orders are paid, by an answer or by a notification that it took: «Передано в 1С» for a base whose money goes back this way.
 * Whether it has booked the money only 1C knows. Said twice it changes nothing.
 */
export async function markTold(ctx: Ctx, tx: Tx, base: OpenConnection, orderIds: readonly string[]): Promise<void> {
  const ids = [...orderIds].sort();
  await tx`select id from orders where id = any(${ids}::uuid[]) order by id for no key update`;
  const told = await tx<{ id: string; orderId: string; amountKopecks: bigint; orderVersion: number }[]>`
    update export_messages m set state = 'delivered', delivered_at = ${ctx.now()} from money_facts f
     where f.id = m.fact_id and f.kind = 'payment_captured' and m.connection_id = ${base.id} and m.order_id = any(${ids}::uuid[]) and m.state = 'pending'
    returning m.id, m.order_id, m.amount_kopecks, m.order_version`;
  for (const message of told) {
    await recordEvent(ctx, tx, { orderId: message.orderId, kind: "export.delivered", subjectId: message.id, amountKopecks: message.amountKopecks });
    await tx`update orders set exported_version = greatest(exported_version, ${message.orderVersion}) where id = ${message.orderId}`;
  }
  await noteExports(ctx, tx, told.map(({ id }) => id), { door: "paykeeper", isAttempt: true });
}

export async function tellPaid(ctx: Ctx, base: OpenConnection, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0 || baseSettings(base).moneyChannel !== "paykeeper") return;
  const { sql } = ctx.database;
  const waiting = await sql<{ orderId: string }[]>`select distinct order_id from export_messages where connection_id = ${base.id} and order_id = any(${orderIds as string[]}::uuid[]) and state = 'pending'`;
  if (waiting.length === 0) return;
  const ids = waiting.map((row) => row.orderId);
  await inTransaction(ctx, (tx) => markTold(ctx, tx, base, ids));
  for (const orderId of ids) ctx.hint(orderId);
}
