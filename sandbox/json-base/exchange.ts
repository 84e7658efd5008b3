import { setTimeout as wait } from "node:timers/promises";
import { numberParam, type Fault } from "../core/faults.ts";
import { field, listField, textField, type Structure } from "../core/structure.ts";
import { makeLine } from "../onec/orders.ts";
import { book, BusinessError, labelsOf, noteArrival } from "./book.ts";
import { orderBody } from "./order-json.ts";
import { PREFIX, type Site } from "./site.ts";
import type { JsonBaseState, JsonOrder, RunReport } from "./state.ts";

const PAGES_MAX = 1_000;

/** What a run needs besides the books: the base's clock and the switches armed for it. */
export type Run = { state: JsonBaseState; site: Site; report: RunReport; now: () => number; take(fault: string): Fault | null };

/** The queue of the extension to the site: orders whose version the site does not have, in batches. */
export async function sendOrders(run: Run, orders = waiting(run.state)): Promise<void> {
  const { state, take } = run;
  for (let from = 0; from < orders.length; from += state.settings.ordersPerBatch) {
    const batch = orders.slice(from, from + state.settings.ordersPerBatch);
    const bodies = batch.map((order) => orderBody(order, state.settings.style));
    const versions = batch.map((order) => order.version);
    if (take("wrong_sum")) bodies[0]!.amount = "0.01";
    const answer = await run.site.post(`${PREFIX}/orders`, { orders: bodies }, { loseAnswer: take("orders_answer_lost") !== null });
    readResults(run, batch, answer, bodies, versions);
    if (take("repeat_orders")) await run.site.post(`${PREFIX}/orders`, { orders: bodies });
    if (take("older_version_after_newer")) await sendOlder(run, batch);
  }
}

export const waiting = (state: JsonBaseState): JsonOrder[] => Object.values(state.orders).filter((order) => order.version > order.sentVersion);

function readResults(run: Run, batch: JsonOrder[], answer: Structure, bodies: Record<string, unknown>[], versions: number[]): void {
  const results = listField(answer, "results");
  if (results.length !== batch.length) throw new Error(`в пакете ${batch.length} заказов, а ответов ${results.length}`);
  field(answer, "accepted");
  field(answer, "rejected");
  results.forEach((result, i) => {
    const order = batch[i]!;
    if (textField(result, "id").toLowerCase() !== order.id.toLowerCase()) throw new Error(`ответ ${i + 1} не о заказе ${order.number}`);
    const status = textField(result, "status");
    if (!["created", "updated", "unchanged", "rejected"].includes(status)) throw new Error(`заказ ${order.number}: неизвестный статус «${status}»`);
    const msg = textField(result, "msg");
    order.verdict = msg ? `${status}: ${msg}` : status;
    run.report.sent.push({ number: order.number, status, msg });
    // A refused order waits for its next change: repeating the same would only be refused again.
    order.sentVersion = Math.max(order.sentVersion, versions[i]!);
    if (status === "rejected") return;
    order.payUrl = textField(result, "payUrl") || order.payUrl;
    if (order.sent && order.sent.version < versions[i]!) order.before = order.sent;
    order.sent = { version: versions[i]!, body: bodies[i]! };
  });
}

/** A slow job that read the order earlier sends it later. */
async function sendOlder(run: Run, batch: JsonOrder[]): Promise<void> {
  const older = batch.flatMap((order) => (order.before ? [order.before.body] : []));
  if (older.length === 0) return;
  const answer = await run.site.post(`${PREFIX}/orders`, { orders: older });
  for (const result of listField(answer, "results")) run.report.sent.push({ number: `старая версия ${textField(result, "id")}`, status: textField(result, "status"), msg: textField(result, "msg") });
}

/** `ПолучитьИзменения`: books a page, acknowledges what is written, goes on while the site has more. */
export async function fetchChanges(run: Run, since: string | null = null): Promise<void> {
  let from = since;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, cursor, hasMore } = await readPage(run, from);
    if (run.take("die_before_booking")) {
      for (const event of items) noteArrival(run.state, { at: run.now(), way: "changes", ...labelsOf(event), outcome: "lost", note: "база упала до записи" });
      throw new Error("1С упала: изменения прочитаны, не записаны");
    }
    const written = items.length > 0 ? bookPage(run, items) : null;
    const slow = run.take("slow");
    if (slow) await wait(numberParam(slow, "seconds", 3, 120) * 1000);
    if (run.take("die_before_ack")) throw new Error("1С упала: оплаты записаны, ack не отправлен");
    // `since` re-reads for repair and acknowledges nothing (API-21).
    if (written && since === null) await acknowledge(run, written);
    if (written?.refused) throw new BusinessError(written.refused);
    if (!hasMore) return;
    from = since === null ? null : cursor;
  }
  throw new Error(`изменений больше ${PAGES_MAX} страниц за один обмен`);
}

async function readPage(run: Run, since: string | null): Promise<{ items: unknown[]; cursor: string; hasMore: boolean }> {
  const answer = await run.site.get(`${PREFIX}/changes?limit=${run.state.settings.eventsPerPage}${since === null ? "" : `&since=${encodeURIComponent(since)}`}`);
  const items = listField(answer, "items");
  const [cursor, hasMore] = [textField(answer, "cursor"), field(answer, "hasMore")];
  textField(answer, "serverTime");
  if (typeof hasMore !== "boolean") throw new Error("hasMore не булево");
  if (items.length > run.state.settings.eventsPerPage) throw new Error("событий больше, чем просили");
  const seqs = items.map((item) => textField(item, "seq"));
  if (seqs.some((seq, i) => i > 0 && seq <= seqs[i - 1]!)) throw new Error("события не по порядку");
  if (items.length > 0 && seqs.at(-1) !== cursor) throw new Error(`cursor ${cursor} не равен последнему seq ${seqs.at(-1)}`);
  return { items, cursor, hasMore };
}

type Written = { last: string; documents: { key: string; number: string; date: string }[]; rejected: { key: string; msg: string }[]; refused: string | null };

/** Books the whole page in the site's order; the acknowledgement goes only up to the first event that the base refuses. */
function bookPage(run: Run, items: unknown[]): Written {
  const written: Written = { last: "", documents: [], rejected: [], refused: null };
  for (const item of items) {
    const labels = labelsOf(item);
    const refuse = run.take("refuse");
    try {
      const { outcome, number } = book(run.state, item as Structure, run.now(), refuse ? String(refuse.params.msg ?? "Период закрыт для изменений") : null);
      noteArrival(run.state, { at: run.now(), way: "changes", ...labels, outcome, note: "" });
      if (outcome === "booked") run.report.booked.push({ key: labels.key, number, sum: run.state.books[labels.key]!.sum });
      if (outcome === "known") run.report.known += 1;
      if (number !== "") written.documents.push({ key: labels.key, number, date: localMoment(run) });
      if (written.refused === null) written.last = textField(item, "seq");
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      noteArrival(run.state, { at: run.now(), way: "changes", ...labels, outcome: "refused", note: why });
      written.refused ??= `${labels.key || "событие"}: ${why}`;
      written.rejected.push({ key: labels.key, msg: why });
    }
  }
  return written;
}

const localMoment = (run: Run) => new Date(run.now() + 3 * 3_600_000).toISOString().slice(0, 19);

/** The numbers of the documents go along, so that the site can show them. */
async function acknowledge(run: Run, { last, documents, rejected }: Written): Promise<void> {
  // The first event of the page was refused: its reason goes with the cursor that stands.
  const cursor = last || run.state.cursor;
  await run.site.post(`${PREFIX}/changes/ack`, { cursor, documents, rejected }, { loseAnswer: run.take("ack_lost") !== null });
  run.state.cursor = cursor;
}

/** After a payment was booked: what managers do to orders that are paid already. */
export function meddle(run: Run): void {
  for (const { key } of run.report.booked) {
    const order = run.state.orders[run.state.books[key]?.orderId ?? ""];
    if (!order || order.fromSite) continue;
    if (run.take("edit_after_payment")) {
      order.lines = order.lines.map((line, i) => (i === 0 ? makeLine(line, line.quantity, line.price + 100_00n, line.discountPercent) : line));
      order.version += 1;
      order.notes.push("менеджер изменил оплаченный заказ");
    }
    if (run.take("delete_after_payment")) {
      order.deleted = true;
      order.posted = false;
      order.version += 1;
      order.notes.push("менеджер удалил оплаченный заказ");
    }
  }
}
