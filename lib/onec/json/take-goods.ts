/** What shipments and returns have in common: a package, one transaction a document, one verdict each. */
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { DomainError } from "@/lib/kit/errors.ts";
import { NBSP, formatCount } from "@/lib/kit/format.ts";
import type { MessageKind } from "@/lib/onec-messages/index.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { isAway } from "@/lib/orders/take-orders.ts";
import { learnWords, saysSame } from "@/lib/shipments/index.ts";
import type { JoinedCodes, RecordedDocument, SaidDocument } from "@/lib/shipments/index.ts";
import { baseSettings } from "../base-settings.ts";
import { saidLines } from "./goods-lines.ts";
import type { ReadGoods } from "./goods-lines.ts";
import { journal } from "./journal.ts";
import type { JournalItem } from "./journal.ts";
import { findOrderId, whyNotFound } from "./find-order.ts";
import type { Call } from "./operation.ts";
import type { Problem } from "./problems.ts";
import type { Item } from "./read-package.ts";
import type { GoodsAnswer, GoodsResult, ReturnRequest, ShipmentRequest } from "./schema-goods.ts";
import type { When } from "./values.ts";

type Common = Pick<ReturnRequest, "id" | "number" | "date" | "orderId" | "orderNumber" | "amount" | "posted" | "deleted" | "items">;
type Line = { quantity: string; sumKopecks: bigint };

/** One kind of document: how it is found, read and recorded. Everything runs under the lock of its order. */
export type GoodsKind<T extends Common, L extends Line> = {
  /** «Отгрузка». */
  name: string;
  message: MessageKind;
  table: "shipments" | "goods_returns";
  /** The document as it was recorded; null = it was not. */
  recorded(tx: Tx, orderId: string, id: string): Promise<RecordedDocument | null>;
  linesOf(ctx: Ctx, tx: Tx, order: LockedOrder, request: T, warnings: string[]): Promise<ReadGoods<L> | Problem>;
  /** 1C took the recorded document back; null = it cannot be taken back, else its refusal. Without it: never. */
  takeBack?(ctx: Ctx, tx: Tx, order: LockedOrder, document: { siteId: string; id: string; number: string | null }): Promise<{ lifecycle: string } | { refusal: string }>;
  /** Codes of marked goods that the document names for what is recorded without them. */
  joinCodes?(ctx: Ctx, tx: Tx, order: LockedOrder, request: T, siteId: string | null, warnings: string[]): Promise<JoinedCodes>;
  /** Codes of the recorded document that it names no more. */
  keptCodes?(tx: Tx, order: LockedOrder, request: T, siteId: string): Promise<number>;
  record(ctx: Ctx, tx: Tx, order: LockedOrder, document: { id: string; number: string | null; at: Date; said: SaidDocument; lines: L[]; isOver: boolean }): Promise<{ siteId: string; lifecycle: string } | null>;
};

const nothing = { siteId: "", code: "", msg: "", lifecycle: "" };

export async function takeGoods<T extends ShipmentRequest | ReturnRequest, L extends Line>({ ctx, base, origin }: Call, items: readonly Item<T>[], warnings: string[], kind: GoodsKind<T, L>): Promise<GoodsAnswer> {
  const started = performance.now();
  const results: GoodsResult[] = [];
  const news: JournalItem[] = [];
  const zone = baseSettings(base).zone ?? ctx.zone;
  for (const item of items) {
    const asked = "value" in item ? item.value : null;
    const about = { ...nothing, id: item.id, number: asked?.number ?? "", orderId: asked?.orderId ?? "", warnings: item.warnings };
    const refuse = ({ code, msg }: Pick<Problem, "code" | "msg">): GoodsResult => ({ ...about, status: "rejected", code, msg });
    let siteOrderId: string | null = null;
    let result: GoodsResult;
    try {
      result = "problem" in item ? refuse(item.problem) : await takeOne(ctx, base.id, item.value, kind, { zone, about, refuse, found: (orderId) => void (siteOrderId = orderId) });
    } catch (error) {
      if (isAway(error)) throw error;
      if (!(error instanceof DomainError)) ctx.log.error({ err: error, guid: item.id }, "a document of goods could not be taken");
      // One document that breaks us holds up no other (API-14).
      result = error instanceof DomainError ? refuse({ code: error.code === "conflict" ? "too_much" : "bad_value", msg: error.message }) : refuse({ code: "internal", msg: "Внутренняя ошибка: документ не принят, повторите" });
    }
    results.push(result);
    if (result.status !== "unchanged") news.push(newsOf(result, kind, siteOrderId, item.raw));
  }
  await journal(ctx, base.id, news, performance.now() - started, origin);
  const rejected = results.filter(({ status }) => status === "rejected").length;
  return { accepted: results.length - rejected, rejected, warnings, results };
}

function newsOf({ id, number, status, msg }: GoodsResult, { name, message }: Pick<GoodsKind<ShipmentRequest, Line>, "name" | "message">, orderId: string | null, raw: unknown): JournalItem {
  const what = `${name} ${number ? `№${NBSP}${number}` : "без номера"}`;
  return { kind: message, guid: id, number, orderId, summary: status === "withdrawn" ? `${what} отменена в 1С` : status === "created" ? `${what} принята${msg ? `: ${msg}` : ""}` : `${what} не принята: ${msg}`, refusal: status === "rejected" ? msg : null, raw };
}

type About = Omit<GoodsResult, "status">;
type Inside = { zone: string; about: About; refuse(problem: Pick<Problem, "code" | "msg">): GoodsResult; found(orderId: string): void };

async function takeOne<T extends Common, L extends Line>(ctx: Ctx, connectionId: string, request: T, kind: GoodsKind<T, L>, { zone, about, refuse, found }: Inside): Promise<GoodsResult> {
  const { id } = request;
  if (!id) return refuse({ code: "missing_field", msg: "id: нет GUID документа 1С" });
  if (!request.orderId && !request.orderNumber) return refuse({ code: "missing_field", msg: "orderId: нет документа заказа" });
  const orderId = await findOrderId(ctx.database.sql, connectionId, { guid: request.orderId ?? null, number: request.orderNumber ?? null });
  if (orderId === null) return refuse({ code: "unknown_order", msg: await whyNotFound(ctx.database.sql, connectionId, request.orderNumber ?? null) });
  found(orderId);
  const result = await inTransaction(ctx, async (tx): Promise<GoodsResult> => {
    const order = await lockOrder(tx, orderId);
    const known = await kind.recorded(tx, orderId, id);
    const isOff = request.deleted === true || request.posted === false;
    if (isOff && !known) return { ...about, status: "unchanged", lifecycle: order.lifecycle, msg: "документ не проведён или удалён, учитывать нечего" };
    if (isOff) return takeBack(ctx, tx, order, known!.siteId, request, kind, { about, refuse });
    const said: SaidDocument = { lines: request.items ? saidLines(request.items, order.lines) : null, totalKopecks: request.amount?.toString() ?? null };
    const withCodes = async (siteId: string | null): Promise<GoodsResult> => {
      const { joined, left, lost } = (await kind.joinCodes?.(ctx, tx, order, request, siteId, about.warnings)) ?? { joined: 0, left: 0, lost: 0 };
      // Another code for a piece that has one: it may be on a receipt already.
      if (left > 0) return changed(ctx, tx, order, request, kind.name, "названа с другими кодами маркировки", refuse);
      if (lost > 0) about.warnings.push(await tellLost(ctx, tx, order, request, kind.name, lost));
      else await resolveAlert(ctx, tx, "ALR-15", codesKey(id, orderId));
      if (siteId === null || joined > 0) await resolveAlert(ctx, tx, "ALR-15", alertKey(id, orderId));
      if (joined > 0) return { ...about, status: "created", siteId: siteId ?? "", lifecycle: order.lifecycle, msg: `коды маркировки приняты: ${joined}` };
      return siteId === null ? { ...about, status: "unchanged", lifecycle: order.lifecycle, msg: "по заказу больше нечего учитывать" } : same(siteId);
    };
    const same = async (siteId: string): Promise<GoodsResult> => {
      await resolveAlert(ctx, tx, "ALR-15", alertKey(id, orderId));
      const kept = (await kind.keptCodes?.(tx, order, request, siteId)) ?? 0;
      return { ...about, status: "unchanged", siteId, lifecycle: order.lifecycle, msg: kept > 0 ? `коды маркировки остались прежними: раньше названо ${kept}, в этом документе их нет` : "" };
    };
    if (known?.said === null) {
      await learnWords(tx, kind.table, known.siteId, said);
      return withCodes(known.siteId);
    }
    // What is left of the order has changed since: only what the document itself says is compared.
    if (known && saysSame(known.said, said)) return same(known.siteId);
    if (known && saysSame(withoutCodes(known.said), withoutCodes(said)) && !hasCodes(known.said)) return withCodes(known.siteId);
    if (known) return changed(ctx, tx, order, request, kind.name, "изменена в 1С", refuse);
    const read = await kind.linesOf(ctx, tx, order, request, about.warnings);
    if ("code" in read) return refuse(read);
    const { lines, sums, isOver } = read;
    const saidKopecks = sums.reduce((all, one) => (all === null || one === null ? null : all + one), 0n as bigint | null);
    if (lines.length === 0) return withCodes(null);
    if (request.amount != null && saidKopecks !== null && request.amount !== saidKopecks) return refuse({ code: "amount_mismatch", msg: `Сумма строк ${rublesText(saidKopecks)} не равна сумме документа ${rublesText(request.amount)}` });
    said.totalKopecks ??= saidKopecks?.toString() ?? null;
    for (const [at, line] of (said.lines ?? []).entries()) line.sumKopecks ??= sums[at]?.toString() ?? null;
    const made = await kind.record(ctx, tx, order, { id, number: request.number ?? null, at: instantOf(ctx, request.date ?? null, zone), said, lines, isOver });
    return { ...about, status: made ? "created" : "unchanged", siteId: made?.siteId ?? "", lifecycle: made?.lifecycle ?? order.lifecycle };
  });
  if (result.status === "created" || result.status === "withdrawn") ctx.hint(orderId);
  return result;
}

const withoutCodes = ({ lines, ...rest }: SaidDocument): SaidDocument => ({ ...rest, lines: lines?.map((line) => ({ ...line, markCodes: null })) ?? null });
const hasCodes = ({ lines }: SaidDocument): boolean => (lines ?? []).some((line) => (line.markCodes ?? []).length > 0);

async function takeBack<T extends Common, L extends Line>(ctx: Ctx, tx: Tx, order: LockedOrder, siteId: string, request: T, kind: GoodsKind<T, L>, { about, refuse }: Pick<Inside, "about" | "refuse">): Promise<GoodsResult> {
  const done = await kind.takeBack?.(ctx, tx, order, { siteId, id: request.id!, number: request.number ?? null });
  if (!done) return changed(ctx, tx, order, request, kind.name, "отменена в 1С", refuse);
  if ("lifecycle" in done) for (const key of [alertKey(request.id!, order.orderId), codesKey(request.id!, order.orderId)]) await resolveAlert(ctx, tx, "ALR-15", key);
  return "lifecycle" in done ? { ...about, status: "withdrawn", siteId, lifecycle: done.lifecycle } : refuse({ code: "changed_after_recorded", msg: done.refusal });
}

/** A document that does not say what was recorded of it, and its codes that no line takes. A document of several orders is told for each. Either ends when it says what is right or is taken back, or a person ends it. */
const alertKey = (documentId: string, orderId: string): string => `document:${documentId}:${orderId}`;
const codesKey = (documentId: string, orderId: string): string => `${alertKey(documentId, orderId)}:codes`;

/** What was recorded made a debt and perhaps a receipt: it is not rewritten, a person decides. */
async function changed(ctx: Ctx, tx: Tx, order: LockedOrder, { id, number }: Common, name: string, what: string, refuse: Inside["refuse"]): Promise<GoodsResult> {
  await raiseAlert(ctx, tx, {
    code: "ALR-15", objectKey: alertKey(id!, order.orderId), orderId: order.orderId, severity: "P2",
    title: `${name} ${number ?? "без номера"} по заказу №${NBSP}${order.number} ${what} после того, как учтена`,
    advice: "На сайте она осталась прежней. Оформите в 1С возврат или новую отгрузку на разницу.",
  });
  return refuse({ code: "changed_after_recorded", msg: `${name} ${what} после того, как учтена на сайте: оформите возврат или новый документ на разницу` });
}

/** Codes for goods that we did not record as handed over by it. What they are told by: a warning for 1C, an alert for people. */
async function tellLost(ctx: Ctx, tx: Tx, order: LockedOrder, { id, number }: Common, name: string, lost: number): Promise<string> {
  await raiseAlert(ctx, tx, {
    code: "ALR-15", objectKey: codesKey(id!, order.orderId), orderId: order.orderId, severity: "P2",
    title: `${name} ${number ?? "без номера"} по заказу №${NBSP}${order.number}: для ${formatCount(lost, ["кода", "кодов", "кодов"])} маркировки нет строки отгрузки`,
    advice: "Эти коды не приняты, и в закрывающий чек они не попадут. Сверьте товары документа в 1С с отгрузками заказа на сайте.",
  });
  return `не приняты коды маркировки: ${lost}, этих товаров нет в учтённой отгрузке`;
}

/** A document of tomorrow by a wrong clock of the base counts today. */
function instantOf(ctx: Ctx, when: When | null, zone: string): Date {
  const at = when === null ? null : "at" in when ? when.at : instantOfLocal(when.local, zone);
  return at && at <= ctx.now() ? at : ctx.now();
}
