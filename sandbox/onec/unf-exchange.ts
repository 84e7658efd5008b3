import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { ExchangeOptions } from "./exchange.ts";
import { sendPieces } from "./exchange.ts";
import { loadOrders } from "./load.ts";
import { readSiteOrders } from "./read-orders.ts";
import { readXml } from "./read-xml.ts";
import { checkauth, readVerdict, type Session } from "./session.ts";
import type { ExchangeReport, OnecOrder, OnecState } from "./state.ts";
import { textOfAnswer, type Answer, type Wire } from "./wire.ts";
import { ordersFile } from "./write-xml.ts";
import { unzipFirst } from "./zip.ts";

const PROGRESS_MAX = 500;

/** One session of УНФ 3.0, protocol «Битрикс»: checkauth, init, query, success, then the files, all in the same session. */
export async function unfSession(state: OnecState, wire: Wire, report: ExchangeReport, options: ExchangeOptions): Promise<boolean> {
  const session = await openUnf(state, wire);
  const { zip, fileLimit } = readLenientInit(textOfAnswer(await wire.get(`type=sale&mode=init${session.suffix}`, session.cookie)));
  if (zip) throw new Error("УНФ в песочнице не упаковывает файлы: поставьте zip=no");
  const orders = readSiteOrders(await readQuery(await wire.get(`type=sale&mode=query${session.suffix}`, session.cookie)));
  if (options.die === "before_load") {
    report.error = "1С упала: ответ взят, не записан, success не отправлен";
    return false;
  }
  const { touchedIds, ...loaded } = loadOrders(state, orders, options.now());
  report.loaded = loaded;
  if (options.die === "after_load") {
    report.error = "1С упала: заказы записаны, success не отправлен";
    return false;
  }
  await wire.get(`type=sale&mode=success${session.suffix}`, session.cookie);
  await ordersOut(state, wire, session, fileLimit, report, options, new Set(touchedIds));
  return true;
}

async function openUnf(state: OnecState, wire: Wire): Promise<Session> {
  const session = await checkauth(wire, "sale", false);
  return { ...session, suffix: `${session.suffix}${state.settings.subordinate ? "&version=2.09&cmlVersion=2.10" : ""}` };
}

/** One line is enough for УНФ, further ones are read past. */
function readLenientInit(text: string): { zip: boolean; fileLimit: number | null } {
  const values = new Map(text.split("\n").map((line) => line.trim().split("=") as [string, string | undefined]));
  if (!values.has("zip") && !values.has("file_limit")) throw new Error(`ответ init не читается: ${text}`);
  const bytes = Number(values.get("file_limit"));
  return { zip: values.get("zip") === "yes", fileLimit: Number.isInteger(bytes) && bytes > 0 ? bytes : null };
}

/** Takes an XML with or without its declaration, a zip, and `failure` with a reason; unreadable Cyrillic is tried as windows-1251. */
async function readQuery(answer: Answer): Promise<string> {
  const bytes = answer.bytes.subarray(0, 2).toString("latin1") === "PK" ? await unzipFirst(answer.bytes) : answer.bytes;
  let text = bytes === answer.bytes ? textOfAnswer(answer) : bytes.toString("utf8");
  if (text.includes("\uFFFD")) text = new TextDecoder("windows-1251").decode(bytes);
  if (text.startsWith("failure")) throw new Error(`query: ${readVerdict(text).rest}`);
  if (!text.startsWith("<?xml") && !text.startsWith("<КоммерческаяИнформация")) throw new Error(`ответ query не XML: ${text.slice(0, 200)}`);
  return text;
}

async function ordersOut(state: OnecState, wire: Wire, session: Session, fileLimit: number | null, report: ExchangeReport, options: ExchangeOptions, touched: ReadonlySet<string>): Promise<void> {
  const waiting = Object.values(state.orders).filter((o) => o.siteNumber !== "" && ((o.version > o.sentVersion && !touched.has(o.id)) || options.again.has(o.id)));
  for (let from = 0, part = 1; from < waiting.length; from += state.settings.ordersPerFile, part++) {
    const portion: OnecOrder[] = waiting.slice(from, from + state.settings.ordersPerFile);
    const versions = portion.map((o) => ({ id: o.id, number: o.siteNumber, version: o.version }));
    const name = `orders-${randomUUID()}_${part}.xml`;
    await sendPieces(wire, session, name, ordersFile(portion, options.now(), state.settings), fileLimit);
    // Only the protocol with subordinate documents calls import for orders.
    if (state.settings.subordinate) await importFile(state, wire, session, name);
    for (const { id, number, version } of versions) {
      const order = state.orders[id];
      if (order) order.sentVersion = Math.max(order.sentVersion, version);
      report.uploaded.push({ number, version });
    }
  }
}

async function importFile(state: OnecState, wire: Wire, session: Session, name: string): Promise<void> {
  for (let i = 0; i < PROGRESS_MAX; i++) {
    const text = textOfAnswer(await wire.get(`type=sale&mode=import&filename=${encodeURIComponent(name)}${session.suffix}`, session.cookie));
    const { word, rest } = readVerdict(text);
    if (word === "success") return;
    if (word !== "progress") throw new Error(`import: ${word === "failure" ? rest : text}`);
    await wait(state.settings.progressPauseMs);
  }
  throw new Error("import: сайт слишком долго отвечает progress");
}

export type SiteLists = { statuses: { id: string; name: string }[]; paySystems: { id: string; name: string }[]; deliveries: { id: string; name: string }[] };

/** `mode=info`: the lists for the mapping tables of the settings form. The root's name is free, the path is always Bitrix's. */
export async function readInfo(state: OnecState, wire: Wire): Promise<SiteLists> {
  const session = await openUnf(state, wire);
  const text = textOfAnswer(await wire.getBitrix(`type=sale&mode=info${session.suffix}`, session.cookie));
  if (!text.startsWith("<?xml")) throw new Error(`info: ${readVerdict(text).rest || text.slice(0, 200)}`);
  const root = readXml(text);
  const list = (...names: string[]) =>
    (root.children.find((one) => names.includes(one.name))?.children ?? []).map((item) => {
      const part = (name: string) => item.children.find((one) => one.name === name)?.text.trim() ?? "";
      return { id: part("Ид"), name: part("Название") };
    });
  // Bitrix writes the first letter of «Статусы» in Latin; both are read.
  return { statuses: list("Статусы", "Cтатусы"), paySystems: list("ПлатежныеСистемы"), deliveries: list("СлужбыДоставки") };
}
