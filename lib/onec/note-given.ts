import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { stableId } from "@/lib/kit/ids.ts";
import { writeMessages } from "@/lib/onec-messages/index.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";
import { noteExports } from "./note-exports.ts";

/** An order as an answer of the stock exchange gives it out. */
export type GivenOrder = { orderId: string; number: string; onecGuid: string | null; exportVersion: number; lifecycle: Lifecycle; totalKopecks: bigint; xml: string };

/** An order given out without money: its state in this version is one message. */
const orderMessageId = (connectionId: string, orderId: string, version: number): string => stableId("onec-out", connectionId, orderId, String(version));

/** `query` gave these orders out: payments that 1C can learn of from them (`exportIds`) are messages of their own, an order without one is a message itself. */
export async function noteGiven(ctx: Ctx, tx: Tx, connectionId: string, orders: readonly GivenOrder[], exportIds: readonly string[], durationMs: number): Promise<void> {
  if (orders.length === 0) return;
  const waiting = exportIds.length === 0 ? [] : await tx<{ orderId: string }[]>`select distinct order_id from export_messages where id = any(${exportIds as string[]}::uuid[])`;
  const payloads = new Map(orders.map((order) => [order.orderId, { format: "xml" as const, text: order.xml }]));
  await noteExports(ctx, tx, exportIds, { door: "commerceml", isAttempt: true, payloads, durationMs });
  const withMoney = new Set(waiting.map(({ orderId }) => orderId));
  await writeMessages(ctx, tx, connectionId, orders.filter((order) => !withMoney.has(order.orderId)).map((order) => ({
    id: orderMessageId(connectionId, order.orderId, order.exportVersion), door: "commerceml", direction: "out", kind: "order", objectGuid: order.onecGuid, objectNumber: order.number, orderId: order.orderId,
    summary: `Заказ №${NBSP}${order.number} на ${formatMoney(order.totalKopecks)}${stateOf(order)}`, result: "waiting_1c", resultText: "Отдано, 1С ещё не сообщила об успешной загрузке", payload: payloads.get(order.orderId)!, durationMs,
  })));
}

const stateOf = ({ lifecycle, onecGuid }: GivenOrder): string => (lifecycle === "cancelled" || lifecycle === "deleted" ? ", отменён" : onecGuid === null ? ", новый с сайта" : "");

/** `success`: the payments are taken and wait for 1C's own document; for an order's state there is nothing more to wait for. */
export async function noteTaken(ctx: Ctx, tx: Tx, connectionId: string, offered: readonly { orderId: string; version: number }[], deliveredIds: readonly string[]): Promise<void> {
  await noteExports(ctx, tx, deliveredIds, { door: "commerceml" });
  const ids = offered.map(({ orderId, version }) => orderMessageId(connectionId, orderId, version));
  await tx`update onec_messages set result = 'confirmed', result_text = '1С забрала и ответила, что загрузила', last_at = ${ctx.now()} where id = any(${ids}::uuid[]) and result = 'waiting_1c'`;
}
