/** The PayKeeper-compatible door (json-api.md 2): routes in, JSON out. */
import type { OpenConnection } from "@/lib/connections/index.ts";
import { actingAs } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { jsonAnswer } from "@/lib/kit/json-answer.ts";
import { readBodyBytes } from "@/lib/kit/read-body.ts";
import { enterBase } from "../enter-base.ts";
import { logDoorCall } from "../log-call.ts";
import { billUrl, renderBill } from "./bill-rows.ts";
import { acceptCash, revokeBill } from "./end-bill.ts";
import type { Ended } from "./end-bill.ts";
import { countBills, findBill, listBills, readFilter } from "./list-bills.ts";
import { previewBill } from "./preview-bill.ts";
import { previewFields, readBill } from "./read-bill.ts";
import { readForm } from "./read-form.ts";
import { UNKNOWN_BILL, orderName, sendBill } from "./send-bill.ts";
import { tellPaid } from "./tell-paid.ts";
import { isToken, tokenNow } from "./token.ts";

const BODY_MAX = 64 * 1024;

/** What goes back, and the sentence about it for the journal of calls. */
type Said = { json: unknown; summary: string };
const fail = (msg: string): Said => ({ json: { result: "fail", msg }, summary: msg });
const success = (summary: string, more: Record<string, string> = {}): Said => ({ json: { result: "success", msg: "", ...more }, summary });

type Inside = { ctx: Ctx; base: OpenConnection; query: URLSearchParams; body: Uint8Array };
type Call = { method: "GET" | "POST"; answer(inside: Inside): Promise<Said> };

const calls: Record<string, Call> = {
  "/info/settings/token": { method: "GET", answer: ({ ctx, base }) => Promise.resolve({ json: { token: tokenNow(base, ctx.now(), ctx.zone) }, summary: "Выдан токен" }) },
  "/change/invoice/preview": { method: "POST", answer: preview },
  "/change/invoice/send": { method: "POST", answer: (inside) => ofBill(inside, sendBill, "отправлен покупателю") },
  "/change/invoice/revoke": { method: "POST", answer: (inside) => ofBill(inside, revokeBill, "отозван") },
  "/change/invoice/accept-cash": { method: "POST", answer: (inside) => ofBill(inside, acceptCash, "отмечен оплаченным наличными") },
  "/info/invoice/byid": { method: "GET", answer: byId },
  "/info/invoice/list": { method: "GET", answer: list },
  "/info/invoice/listcount": { method: "GET", answer: listCount },
};

/**
 * One call of 1C code that was written for PayKeeper. Never throws and never redirects; whatever happens but a wrong password is a 200 with
 * a JSON object (API-6, API-7): the code shows everything else as a failed connection.
 */
export async function payKeeperRoute(ctx: Ctx, request: Request): Promise<Response> {
  const started = performance.now();
  const { pathname, searchParams: query } = new URL(request.url);
  const path = pathname.replace(/\/+$/, "");
  let base: OpenConnection | null = null;
  let said: Said;
  try {
    const entered = await enterBase(ctx, request.headers.get("authorization"), "paykeeper");
    if (entered.kind === "denied" && !entered.isKnown) return jsonAnswer(fail(entered.message).json, { status: 401, headers: { "www-authenticate": 'Basic realm="1C"' } });
    if (entered.kind === "denied") return jsonAnswer(fail(entered.message).json);
    base = entered.base;
    const call = Object.hasOwn(calls, path) ? calls[path]! : null;
    const body = await readBodyBytes(request, BODY_MAX);
    if (!call) said = fail(`Вызова ${path.slice(0, 60)} на этом сайте нет`);
    else if (call.method !== request.method) said = fail(`Вызов ${path} принимается методом ${call.method}`);
    else if (body === null) said = fail("Запрос длиннее 64 КБ");
    else said = await call.answer({ ctx: actingAs(ctx, { kind: "onec", connectionId: base.id }), base, query, body });
  } catch (error) {
    ctx.log.error({ err: error, path: path.slice(0, 60) }, "a call of the PayKeeper-compatible door failed");
    said = fail("Внутренняя ошибка сайта, повторите позже");
  } finally {
    // What is not read is let go, so that a refused body does not hold the connection.
    if (request.body && !request.body.locked) await request.body.cancel().catch(() => undefined);
  }
  if (base) await logDoorCall(ctx, { base, door: "paykeeper", mode: path.split("/").pop() ?? "", isRefused: isRefusal(said), summary: said.summary, started }).catch(() => undefined);
  return jsonAnswer(said.json);
}

const isRefusal = ({ json }: Said): boolean => (json as { result?: unknown }).result === "fail";

async function preview({ ctx, base, body }: Inside): Promise<Said> {
  const form = readForm(body, previewFields);
  if (!form.ok) return fail(form.problem);
  if (!isToken(base, form.values.token, ctx.now(), ctx.zone)) return fail("Неверный токен");
  const asked = readBill(form.values, { now: ctx.now(), zone: ctx.zone });
  // The journal keeps no address and no phone, not even wrong ones.
  if ("problem" in asked) return { ...fail(asked.problem), summary: asked.problem.replace(/ «[^»]*»/, "") };
  const previewed = await previewBill(ctx, base, asked);
  if (previewed.problem !== undefined) return fail(previewed.problem);
  const { bill } = previewed;
  return success(`Счёт ${bill.number} на ${formatMoney(bill.amountKopecks)}${bill.orderRef === "" ? "" : ` по заказу ${bill.orderRef}`}`, {
    invoice_id: bill.number.toString(), invoice_url: billUrl(ctx.publicUrl, bill), invoice: "",
  });
}

async function ofBill({ ctx, base, body }: Inside, verb: (ctx: Ctx, base: OpenConnection, number: string) => Promise<Ended | null>, done: string): Promise<Said> {
  const form = readForm(body, ["token", "id"]);
  if (!form.ok) return fail(form.problem);
  if (!isToken(base, form.values.token, ctx.now(), ctx.zone)) return fail("Неверный токен");
  const ended = await verb(ctx, base, form.values.id);
  if (!ended) return fail(UNKNOWN_BILL);
  return ended.problem === null ? success(`Счёт ${ended.bill.number} ${done} (${orderName(ended.bill)})`) : fail(ended.problem);
}

async function byId({ ctx, base, query }: Inside): Promise<Said> {
  const bill = await findBill(ctx, base, (query.get("id") ?? "").trim());
  if (!bill) return fail(UNKNOWN_BILL);
  if (bill.status === "paid") await tellPaid(ctx, base, [bill.orderId]);
  return { json: renderBill(bill, { login: loginOf(base), zone: ctx.zone }), summary: `Спрошен счёт ${bill.number}` };
}

async function list({ ctx, base, query }: Inside): Promise<Said> {
  const filter = readFilter(query, ctx.zone);
  if (!filter) return fail("Некорректный период.");
  const bills = await listBills(ctx, base, filter);
  await tellPaid(ctx, base, bills.flatMap((bill) => (bill.status === "paid" ? [bill.orderId] : [])));
  return { json: bills.map((bill) => renderBill(bill, { login: loginOf(base), zone: ctx.zone })), summary: `Отдан список счетов: ${bills.length}` };
}

async function listCount({ ctx, base, query }: Inside): Promise<Said> {
  const filter = readFilter(query, ctx.zone);
  if (!filter) return fail("Некорректный период.");
  const counts = await countBills(ctx, base, filter);
  const total = counts.reduce((sum, each) => sum + each.count, 0);
  return { json: { statuses: counts.map(({ status, count }) => ({ status, count: String(count) })), fullcount: [{ count: String(total) }] }, summary: `Сосчитаны счета: ${total}` };
}

const loginOf = (base: OpenConnection): string => String(base.settings["login"] ?? "");
