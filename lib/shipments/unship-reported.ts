import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import type { TakenOrder } from "@/lib/orders/intake/taken-order.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { leftToShip } from "./record-shipment.ts";
import type { ShipmentSource } from "./states.ts";
import { withdrawShipment, withdrawnTooLate } from "./withdraw-shipment.ts";

type Standing = { siteId: string; number: string | null; documentKey: string; source: ShipmentSource; totalKopecks: bigint };

export const unshippedKey = (orderId: string): string => `order:${orderId}:unshipped`;

const unclear = "На сайте отгрузки и долг остались прежними. Сверьте их с отгрузками заказа в 1С. Какой-то не было: проведите её снова и оформите по ней в 1С возврат товара, о чеке возврата решает бухгалтер.";

/**
 * УНФ says «Отгружен» false of an order whose goods are all out by our books (commerceml.md 8). Where that word alone told of the one hand-over, it
 * is what is taken back, as long as nothing stands on it; hand-overs that came as documents have marks of their own. What a single word
 * cannot say is asked of people. New lines, a document that was taken back and goods that came back explain it: nothing is said then.
 */
export async function unshipReported(ctx: Ctx, tx: Tx, { orderId, reported }: Pick<TakenOrder, "orderId" | "reported">): Promise<void> {
  const standing = await tx<Standing[]>`select id as site_id, number, document_key, source, total_kopecks from standing_shipments where order_id = ${orderId} order by recorded_at, id`;
  if (standing.length === 0) return;
  const order = await lockOrder(tx, orderId);
  if ((await leftToShip(tx, order)).length > 0) return;
  const [only] = standing;
  if (standing.length === 1 && only!.source === "onec_status") {
    const { kind } = await withdrawShipment(ctx, tx, order, only!);
    if (kind === "printed") return tell(ctx, tx, order, "P1", ", а закрывающий чек уже ушёл", withdrawnTooLate.printed);
    if (kind === "returned") return tell(ctx, tx, order, "P2", ", а по заказу уже есть возврат товара", withdrawnTooLate.returned);
    return tell(ctx, tx, order, "P3", `: отгрузка на ${formatMoney(only!.totalKopecks)} снята`, "Долг по ней снят, закрывающий чек не уйдёт. Если товар или часть его у покупателя, проведите отгрузку в 1С: когда она снова отметит заказ отгруженным, отгрузка и чек появятся сами.");
  }
  if (standing.some(({ source }) => source === "onec_status")) return tell(ctx, tx, order, "P2", `: какой из ${standing.length} отгрузок не было, она не сказала`, unclear);
  if (order.goodsReturnedKopecks > 0n || !(await wasCalledShipped(tx, orderId))) return;
  const named = new Set((reported?.operations ?? []).map(({ ref }) => ref));
  const gone = standing.filter(({ documentKey }) => !named.has(documentKey.replace(/~\d+$/, "")));
  if (gone.length > 0) await tell(ctx, tx, order, "P2", ` и не называет отгрузку ${gone.map(({ number }) => number ?? "б/н").slice(0, 3).join(", ")}`, unclear);
}

async function wasCalledShipped(tx: Tx, orderId: string): Promise<boolean> {
  const [said] = await tx`select 1 from order_events where order_id = ${orderId} and kind = 'order.shipped_in_onec' limit 1`;
  return said !== undefined;
}

const tell = (ctx: Ctx, tx: Tx, order: LockedOrder, severity: "P1" | "P2" | "P3", what: string, advice: string) =>
  raiseAlert(ctx, tx, {
    code: "ALR-16", objectKey: unshippedKey(order.orderId), orderId: order.orderId, severity,
    title: `1С больше не считает заказ №${NBSP}${order.number} отгруженным${what}`, advice,
    // What was taken back agrees with 1C again.
    ...(severity !== "P3" && { detail: { class: "AMOUNT_MISMATCH" } }),
  });
