import { randomBytes, randomUUID } from "node:crypto";
import { loadOrders } from "./load.ts";
import { readSiteOrders } from "./read-orders.ts";
import { checkauth, readInit, readQueryStart, readVerdict, type Session } from "./session.ts";
import type { ExchangeReport, OnecOrder, OnecState } from "./state.ts";
import { openWire, textOfAnswer, type Node1C, type Wire } from "./wire.ts";
import { unfSession } from "./unf-exchange.ts";
import { ordersFile } from "./write-xml.ts";
import { unzipFirst, zipOne } from "./zip.ts";

const PROGRESS_MAX = 10_000;
const ERROR_SHOWN = 500;
const PROGRESS_MS = 30 * 60_000;

export type ExchangeOptions = {
  now: () => number;
  /** Stops between `query` and `success`; "after_load" = the base has written the orders already. */
  die: "before_load" | "after_load" | null;
  /** Sends also orders whose registration is gone. */
  again: ReadonlySet<string>;
};

/** One session of the scheduled job of УТ 11.5: orders in, then orders out. Never throws. */
export async function runExchange(state: OnecState, node: Node1C, options: ExchangeOptions): Promise<ExchangeReport> {
  const report: ExchangeReport = { at: options.now(), ok: false, error: null, steps: [], loaded: null, uploaded: [] };
  try {
    const wire = openWire(node);
    report.steps = wire.steps;
    if (state.settings.configuration === "unf") {
      report.ok = await unfSession(state, wire, report, options);
      return report;
    }
    const touched = await ordersIn(state, wire, report, options);
    if (touched === null) return report;
    await ordersOut(state, wire, report, options, touched);
    report.ok = true;
  } catch (error) {
    report.error = (error instanceof Error ? error.message : String(error)).slice(0, ERROR_SHOWN);
  }
  return report;
}

/** Ids written in this session (they are not sent back at once), or null when 1C «died». */
async function ordersIn(state: OnecState, wire: Wire, report: ExchangeReport, options: ExchangeOptions): Promise<Set<string> | null> {
  const session = await checkauth(wire, "sale", state.settings.withoutSessid);
  const answer = await wire.get(`type=sale&mode=query${session.suffix}`, session.cookie);
  const plain = textOfAnswer(answer);
  const xml = readQueryStart(answer.bytes, plain) === "zip" ? (await unzipFirst(answer.bytes)).toString("utf8") : plain;
  if (options.die === "before_load") {
    report.error = "1С упала: ответ взят, не записан, success не отправлен";
    return null;
  }
  const { touchedIds, ...loaded } = loadOrders(state, readSiteOrders(xml), options.now());
  report.loaded = loaded;
  if (options.die === "after_load") {
    report.error = "1С упала: заказы записаны, success не отправлен";
    return null;
  }
  await wire.get(`type=sale&mode=success${session.suffix}`, session.cookie);
  return new Set(touchedIds);
}

async function ordersOut(state: OnecState, wire: Wire, report: ExchangeReport, options: ExchangeOptions, touched: ReadonlySet<string>): Promise<void> {
  const waiting = Object.values(state.orders).filter(
    (o) => o.siteNumber !== "" && ((o.version > o.sentVersion && !touched.has(o.id)) || options.again.has(o.id)),
  );
  const size = Math.max(1, state.settings.ordersPerFile);
  const portions: OnecOrder[][] = [];
  for (let i = 0; i < waiting.length; i += size) portions.push(waiting.slice(i, i + size));
  if (portions.length === 0 && state.settings.sendEmptyFile) portions.push([]);
  for (const [index, portion] of portions.entries()) {
    const versions = portion.map((o) => ({ id: o.id, number: o.siteNumber, version: o.version }));
    await uploadFile(state, wire, `orders-${randomUUID()}_${index + 1}.xml`, ordersFile(portion, options.now()));
    for (const { id, number, version } of versions) {
      const order = state.orders[id];
      if (order) order.sentVersion = Math.max(order.sentVersion, version);
      report.uploaded.push({ number, version });
    }
  }
}

/** A portion: checkauth → init → file in pieces (or one archive) → import while «progress». Throws unless it ends in success. */
export async function uploadFile(state: OnecState, wire: Wire, name: string, bytes: Buffer): Promise<void> {
  const session = await checkauth(wire, "sale", state.settings.withoutSessid);
  const init = readInit(textOfAnswer(await wire.get(`type=sale&mode=init${session.suffix}`, session.cookie)));
  const archive = init.zip ? `v8_${randomBytes(2).toString("hex").toUpperCase()}.zip` : null;
  await sendPieces(wire, session, archive ?? name, archive ? zipOne(name, bytes) : bytes, init.fileLimit);
  const started = Date.now();
  for (let i = 0; i < PROGRESS_MAX && Date.now() - started < PROGRESS_MS; i++) {
    const text = textOfAnswer(await wire.get(`type=sale&mode=import&filename=${encodeURIComponent(name)}${session.suffix}`, session.cookie));
    const { word, rest } = readVerdict(text);
    if (word === "success") return;
    if (word !== "progress") throw new Error(`import: ${word === "failure" ? rest : text}`);
  }
  throw new Error("import: сайт слишком долго отвечает progress");
}

export async function sendPieces(wire: Wire, session: Session, name: string, bytes: Buffer, limit: number | null): Promise<void> {
  const piece = limit ?? Math.max(bytes.length, 1);
  for (let from = 0; from < bytes.length; from += piece) {
    const body = bytes.subarray(from, from + piece);
    const text = textOfAnswer(await wire.post(`type=sale&mode=file&filename=${encodeURIComponent(name)}${session.suffix}`, session.cookie, body));
    if (readVerdict(text).word !== "success") throw new Error(`file: ${text}`);
  }
}
