import { randomUUID } from "node:crypto";
import { rubles } from "../core/money.ts";
import { field, listField, textField, type Structure } from "../core/structure.ts";
import type { Line } from "../onec/state.ts";
import type { Run } from "./exchange.ts";
import { localDate } from "./order-json.ts";
import { changed, nextDocument } from "./orders.ts";
import { PREFIX } from "./site.ts";
import type { JsonOrder, Paper } from "./state.ts";

const PAPERS_KEPT = 1_000;

/** What the base sends besides orders. A paper is kept with its id, so that it can be sent again word for word. */
export async function sendPaper(run: Run, kind: Paper["kind"], input: Record<string, unknown>): Promise<Paper> {
  const again = typeof input.again === "string" ? run.state.papers.find((one) => one.id === input.again) : undefined;
  const paper = again ?? make(run, kind, input);
  if (!again) run.state.papers = [paper, ...run.state.papers].slice(0, PAPERS_KEPT);
  const answer = await deliver(run, paper);
  paper.verdict = verdictOf(paper.kind, answer);
  paper.answer = answer;
  return paper;
}

function make(run: Run, kind: Paper["kind"], input: Record<string, unknown>): Paper {
  const order = Object.values(run.state.orders).find((one) => one.id === input.order || one.number === input.order);
  if (!order && kind !== "statement") throw new SyntaxError("order: unknown");
  const paper: Paper = { id: randomUUID(), kind, orderNumber: order?.number ?? "", number: nextDocument(run.state), at: run.now(), body: {}, verdict: "", answer: null };
  paper.body = kind === "statement" ? { base64: String(input.base64 ?? "") } : bodyOf(run, kind, order!, paper, input);
  return paper;
}

function bodyOf(run: Run, kind: Paper["kind"], order: JsonOrder, paper: Paper, input: Record<string, unknown>): Record<string, unknown> {
  const head = { id: paper.id, number: paper.number, date: localDate(paper.at), orderId: order.id, orderNumber: order.number };
  switch (kind) {
    case "shipment":
      order.shippedAt ??= paper.at;
      return { ...head, posted: true, deleted: false, items: goodsOf(order, input).map((line) => ({ ...goods(line), unitCode: line.unitCode, vatRate: line.vat === "0" ? "none" : line.vat, ...marks(line, input) })) };
    case "return":
      return { ...head, posted: true, deleted: false, items: goodsOf(order, input).map(goods) };
    case "counterparty": {
      changed(order);
      const { customer: c } = order;
      return { id: c.id, type: c.kind === "company" ? "legal" : c.kind === "sole_trader" ? "entrepreneur" : "person", name: c.fullName || c.name, inn: c.inn, kpp: c.kpp, address: c.address, email: c.email, phone: c.phone, ...(input.deferral !== undefined && { deferral: input.deferral }) };
    }
    case "refund": {
      const payment = Object.values(run.state.books).find((one) => one.orderId === order.id && one.sum > 0n);
      return { id: paper.id, number: paper.number, orderId: order.id, paymentId: String(input.paymentId ?? payment?.key.replace(/^payment:/, "") ?? ""), amount: String(input.amount ?? ""), reason: String(input.reason ?? "goods_return") };
    }
    default:
      return { ...head, kind: String(input.kind ?? "upd"), amount: rubles(order.lines.reduce((sum, line) => sum + line.sum, 0n)), base64: String(input.base64 ?? Buffer.from("%PDF-1.4\n%пример\n").toString("base64")) };
  }
}

/** `lines`: numbers of the order's lines; none = all of them. */
const goodsOf = (order: JsonOrder, input: Record<string, unknown>): Line[] => order.lines.filter((line, i) => !line.cancelled && (!Array.isArray(input.lines) || input.lines.includes(i + 1)));

function goods(line: Line): Record<string, unknown> {
  const [id = "", characteristicId = ""] = line.id.split("#");
  return { id, ...(characteristicId && { characteristicId }), name: line.name, quantity: Number(line.quantity), amount: Number(rubles(line.sum)) };
}

/** `marks`: true = a code for each piece, "short" = one too few. */
function marks(line: Line, input: Record<string, unknown>): Record<string, unknown> {
  if (!input.marks || line.kind !== "Товар") return {};
  const pieces = Math.max(0, Math.floor(Number(line.quantity)) - (input.marks === "short" ? 1 : 0));
  return { markCodes: Array.from({ length: pieces }, (_, i) => `010460000000000${i % 10}21${line.id.slice(0, 8)}${String(i).padStart(5, "0")}\u001D91EE06\u001D92dGVzdA==`) };
}

const LISTS = { shipment: "shipments", return: "returns", counterparty: "counterparties" } as const;

async function deliver(run: Run, { id, kind, body, number }: Paper): Promise<Structure> {
  if (kind === "shipment" || kind === "return" || kind === "counterparty") return run.site.post(`${PREFIX}/${LISTS[kind]}`, { [LISTS[kind]]: [body] });
  if (kind === "refund") return run.site.post(`${PREFIX}/refunds`, body);
  const bytes = Buffer.from(String(body.base64), "base64");
  if (kind === "statement") return run.site.send("POST", `${PREFIX}/statements`, bytes, "text/plain");
  const query = new URLSearchParams({ kind: String(body.kind), number, date: String(body.date).slice(0, 10), order: String(body.orderId), amount: String(body.amount) });
  return run.site.send("PUT", `${PREFIX}/documents/${id}?${query.toString()}`, bytes, "application/pdf");
}

function verdictOf(kind: Paper["kind"], answer: Structure): string {
  if (!(kind in LISTS)) return textField(answer, "status") + (textField(answer, "msg") ? `: ${textField(answer, "msg")}` : "");
  const [first] = listField(answer, "results");
  field(answer, "accepted");
  const msg = textField(first, "msg");
  return textField(first, "status") + (msg ? `: ${msg}` : "");
}
