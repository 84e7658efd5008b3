import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import type { TakenOrder } from "@/lib/orders/intake/taken-order.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { noteFlagFalse } from "./flag-word.ts";
import { namesGoods } from "./goods-documents.ts";
import { leftToShip } from "./record-shipment.ts";
import { withdrawShipment, withdrawnTooLate } from "./withdraw-shipment.ts";

type Teller = "flag" | "word" | "document" | "unknown";
type Standing = { siteId: string; number: string | null; documentKey: string; teller: Teller; totalKopecks: bigint };
type Reported = Pick<TakenOrder, "orderId" | "reported">;

/** Key of a hand-over that no document told of: by «Отгружен» true, or by a status or a number of the order alone. */
export const statusKey = ({ number, byFlag }: { number: string | null; byFlag: boolean }, revisionNo: number): string => `status:${byFlag ? "flag" : "word"}:${number ?? ""}:${revisionNo}`;

/** Rows of before keys said it are `status:<number>:<revision>`. */
const tellerOf = (documentKey: string): Teller =>
  !documentKey.startsWith("status:") ? "document" : documentKey.startsWith("status:flag:") ? "flag" : documentKey.startsWith("status:word:") ? "word" : "unknown";

export const unshippedKey = (orderId: string): string => `order:${orderId}:unshipped`;

const unclear = "На сайте отгрузки и долг остались прежними. Сверьте их с отгрузками заказа в 1С. Какой-то не было: проведите её снова и оформите по ней в 1С возврат товара, о чеке возврата решает бухгалтер.";

/**
 * УНФ says «Отгружен» false of an order whose goods are all out by our books (commerceml.md 8). Where that flag alone told of the one hand-over, it
 * is what is taken back, as long as nothing stands on it and 1C is not done with the order; УНФ says false all along of what a status or a
 * document told of. New lines and goods that came back explain it. Runs before the documents of its upload, which say what did go out.
 */
export async function unshipReported(ctx: Ctx, tx: Tx, orders: readonly TakenOrder[]): Promise<void> {
  for (const taken of orders) {
    const operations = taken.reported?.operations ?? [];
    const hasShipments = namesGoods(operations, "shipment");
    // Goods that come back were handed over.
    if (!taken.unshipped || (namesGoods(operations, "return") && !hasShipments)) continue;
    const { order, standing } = (await readWhole(tx, taken.orderId)) ?? {};
    const [only] = standing ?? [];
    if (!order || standing!.length > 1 || only!.teller !== "flag" || order.lifecycle === "completed") continue;
    // Lines that do not give the total say nothing of goods: the documents would not be counted either (CML-18).
    if (!order.linesMatchTotal) continue;
    // What stands in its way is told after the documents.
    if ((await withdrawShipment(ctx, tx, order, only!)).kind === "withdrawn") await tellWithdrawn(ctx, tx, order, only!, hasShipments);
  }
}

/** After the documents: what the flag false cannot say alone is asked of people. Nothing is said where something explains it. */
export async function askUnshipped(ctx: Ctx, tx: Tx, { orderId, reported }: Reported): Promise<void> {
  const wasTrue = await noteFlagFalse(ctx, tx, orderId);
  const { order, standing } = (await readWhole(tx, orderId)) ?? {};
  if (!order) return;
  // The flag had said the same of what a status told of, and nothing that came back explains that it does no more.
  const isNews = wasTrue && order.goodsReturnedKopecks === 0n;
  const told = standing!.filter(({ teller }) => teller === "flag" || (teller === "word" && isNews) || (teller === "unknown" && order.lifecycle !== "completed"));
  const [only] = standing!;
  if (told.length > 0) {
    if (order.lifecycle === "completed") return tell(ctx, tx, order, "P2", ", хотя сам заказ в ней завершён", unclear);
    if (!order.linesMatchTotal && told[0]!.teller === "flag") return tell(ctx, tx, order, "P2", ", а строки заказа не сходятся с его суммой", "Отгрузка осталась прежней. Исправьте заказ в 1С: когда строки сойдутся, отгрузка снимется, а то, что 1С прислала документами, учтётся.");
    if (standing!.length > 1) return tell(ctx, tx, order, "P2", `: какой из ${standing!.length} отгрузок не было, она не сказала`, unclear);
    return only!.teller === "flag" ? takeBackNow(ctx, tx, order, only!) : tell(ctx, tx, order, "P2", `: отгрузка на ${formatMoney(only!.totalKopecks)} осталась`, unclear);
  }
  if (order.goodsReturnedKopecks > 0n || !(await wasCalledShipped(tx, orderId))) return;
  const named = new Set((reported?.operations ?? []).map(({ ref }) => ref));
  const gone = standing!.filter(({ documentKey, teller }) => teller === "document" && !named.has(documentKey.replace(/~\d+$/, "")));
  if (gone.length > 0) await tell(ctx, tx, order, "P2", ` и не называет отгрузку ${gone.map(({ number }) => number ?? "б/н").slice(0, 3).join(", ")}`, unclear);
}

/** «Отгружен» has just become false, while the status or the number beside it still says that all is shipped: nothing is taken back, people are asked once. */
export async function askDisagreeing(ctx: Ctx, tx: Tx, orderId: string): Promise<void> {
  if (!(await noteFlagFalse(ctx, tx, orderId))) return;
  await tell(ctx, tx, await lockOrder(tx, orderId), "P2", ", а по его состоянию или номеру отгрузки он отгружен", unclear);
}

/** The hand-overs of an order of which nothing is left to ship; null = the flag false is right. */
async function readWhole(tx: Tx, orderId: string): Promise<{ order: LockedOrder; standing: Standing[] } | null> {
  const standing = await tx<Omit<Standing, "teller">[]>`select id as site_id, number, document_key, total_kopecks from standing_shipments where order_id = ${orderId} order by recorded_at, id`;
  if (standing.length === 0) return null;
  const order = await lockOrder(tx, orderId);
  return (await leftToShip(tx, order)).length > 0 ? null : { order, standing: standing.map((each) => ({ ...each, teller: tellerOf(each.documentKey) })) };
}

async function takeBackNow(ctx: Ctx, tx: Tx, order: LockedOrder, only: Standing): Promise<void> {
  const { kind } = await withdrawShipment(ctx, tx, order, only);
  if (kind === "withdrawn") return tellWithdrawn(ctx, tx, order, only, false);
  const isPrinted = kind === "printed";
  await tell(ctx, tx, order, isPrinted ? "P1" : "P2", isPrinted ? ", а закрывающий чек уже ушёл" : ", а по заказу уже есть возврат товара", withdrawnTooLate[kind]);
}

const tellWithdrawn = (ctx: Ctx, tx: Tx, order: LockedOrder, { totalKopecks }: Standing, hasShipments: boolean) =>
  tell(ctx, tx, order, "P3", `: отгрузка на ${formatMoney(totalKopecks)} снята`, `Долг по ней снят, закрывающий чек по ней не уйдёт. ${hasShipments ? "Отгрузки, которые 1С прислала документами, учтены отдельно: сверьте их с тем, что у покупателя." : "Если товар или часть его у покупателя, проведите отгрузку в 1С: когда она снова отметит заказ отгруженным, отгрузка и чек появятся сами."}`);

/** By the flag, or by a word of before events told them apart. */
async function wasCalledShipped(tx: Tx, orderId: string): Promise<boolean> {
  const [said] = await tx`select 1 from order_events where order_id = ${orderId} and kind = 'order.shipped_in_onec' and detail ->> 'byFlag' is distinct from 'false' limit 1`;
  return said !== undefined;
}

const tell = (ctx: Ctx, tx: Tx, order: LockedOrder, severity: "P1" | "P2" | "P3", what: string, advice: string) =>
  raiseAlert(ctx, tx, {
    code: "ALR-16", objectKey: unshippedKey(order.orderId), orderId: order.orderId, severity,
    title: `1С больше не считает заказ №${NBSP}${order.number} отгруженным${what}`, advice,
    // What was taken back agrees with 1C again.
    ...(severity !== "P3" && { detail: { class: "AMOUNT_MISMATCH" } }),
  });
