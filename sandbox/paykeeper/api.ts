import type { World } from "../core/world.ts";
import { basicAuth, cut, formOf, isForm, same, send, sendEmpty, sleep, type Call } from "../core/http.ts";
import { numberParam } from "../core/faults.ts";
import { kopecks } from "../core/money.ts";
import type { Cabinet } from "./cabinet.ts";
import { expiryMoment, nameAndReturn } from "./fields.ts";
import { createByForm } from "./create-form.ts";
import { fail, invoiceWire, paymentWire, refundWire, type Answer } from "./wire.ts";
import { readList } from "./lists.ts";
import { PS_CARD, PS_SBP } from "./state.ts";

const SUCCESS = { result: "success" };
const QUOTED_ID = /"(id|invoice_id|payment_id|paymentid|user_id)":"(\d+)"/;
const LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Вход</title></head><body><form><input name=login><input name=password type=password></form></body></html>";

/** The JSON API of the cabinet and /create/. `path` begins after /paykeeper. */
export async function payKeeperApi(world: World, cabinet: Cabinet, call: Call, path: string): Promise<void> {
  // Adapters ask for a token before each write: a one-shot fault must not be spent on that.
  const take = (fault: string) => world.faults.take("paykeeper", fault, path, path === "/info/settings/token/");
  const slow = take("slow");
  if (slow) await sleep(numberParam(slow, "seconds", 60, 600) * 1000);
  if (take("502_before")) return send(call, 502, "text/html", "");
  if (take("html_login")) return send(call, 200, "text/html; charset=utf-8", LOGIN_PAGE);
  if (path !== "/create/" && !authorized(world, call)) {
    return send(call, 401, "text/html", "Unauthorized", { "WWW-Authenticate": 'Basic realm="PayKeeper"' });
  }
  const answer = await work(world, cabinet, call, path);
  if (answer === null) return send(call, 404, "text/html", "Not Found");
  const writes = call.method === "POST";
  const lost = writes && take("create_timeout_after");
  if (lost) {
    world.log("paykeeper", "answer lost", { path });
    await sleep(numberParam(lost, "seconds", 0, 600) * 1000);
    return cut(call);
  }
  if (writes && take("502_after")) return send(call, 502, "text/html", "");
  if ("location" in answer) return sendEmpty(call, 302, { Location: String(answer.location) });
  world.log("paykeeper", "call", { method: call.method, path, answer: brief(answer.json) });
  const wrapped = !Array.isArray(answer.json) && take("array_wrapped") ? [answer.json] : answer.json;
  let text = escapeUnicode(JSON.stringify(wrapped));
  if (QUOTED_ID.test(text) && take("bare_number_ids")) text = text.replaceAll(new RegExp(QUOTED_ID, "g"), '"$1":$2');
  send(call, 200, "application/json", text);
}

function authorized(world: World, call: Call): boolean {
  const given = basicAuth(call);
  const { login, password } = world.secrets.paykeeper;
  return given !== null && same(given.login, login) && same(given.password, password);
}

async function work(world: World, cabinet: Cabinet, call: Call, path: string): Promise<Answer | null> {
  if (path === "/create/" && call.method === "POST") {
    if (!isForm(call)) return { json: fail("Неверный тип содержимого запроса.") };
    return createByForm(world, cabinet, await formOf(call));
  }
  if (path.startsWith("/change/")) {
    if (call.method !== "POST") return { json: fail("Метод не поддерживается.") };
    if (!isForm(call)) return { json: fail("Неверный тип содержимого запроса.") };
    return change(world, cabinet, path, await formOf(call));
  }
  if (path.startsWith("/info/")) return readInfo(cabinet, path, call.url.searchParams);
  return null;
}

async function change(world: World, cabinet: Cabinet, path: string, form: URLSearchParams): Promise<Answer | null> {
  if (world.faults.take("paykeeper", "token_rotated", path)) cabinet.rotateToken();
  if (!same(form.get("token") ?? "", cabinet.token())) return { json: fail("Токен безопасности не верен.") };
  const id = form.get("id") ?? "";
  switch (path) {
    case "/change/invoice/preview/":
      return { json: await preview(world, cabinet, form) };
    case "/change/invoice/send/": {
      const invoice = cabinet.invoice(id);
      if (!invoice || invoice.status === "revoked") return { json: fail("Счёт не найден.") };
      if (invoice.email === "") return { json: fail("Не указан адрес электронной почты клиента.") };
      if (invoice.status === "created") invoice.status = "sent";
      cabinet.touch();
      return { json: SUCCESS };
    }
    case "/change/invoice/revoke/": {
      const invoice = cabinet.invoice(id);
      if (!invoice || invoice.status === "revoked") return { json: fail("Счёт не найден.") };
      if (invoice.status === "paid") return { json: fail("Нельзя отозвать оплаченный счёт.") };
      invoice.status = "revoked";
      cabinet.touch();
      return { json: SUCCESS };
    }
    case "/change/payment/reverse/":
      return { json: reverse(cabinet, form) };
    case "/change/payment/capture/": {
      const amount = form.has("amount") ? kopecks(form.get("amount") ?? "") : null;
      if (form.has("amount") && amount === null) return { json: fail("Некорректная сумма списания.") };
      const why = await cabinet.capture(id, amount);
      return { json: why === null ? SUCCESS : fail(why) };
    }
    case "/change/payment/repeatcnt/": {
      const payment = cabinet.payment(id);
      if (!payment) return { json: fail("Платёж не найден.") };
      return { json: cabinet.repeatNotification(payment) ? SUCCESS : fail("По платежу нет денег: уведомлять не о чем.") };
    }
    default:
      return null;
  }
}

async function preview(world: World, cabinet: Cabinet, form: URLSearchParams): Promise<unknown> {
  const amount = kopecks(form.get("pay_amount") ?? "");
  if (amount === null || amount <= 0n) return fail("Некорректная сумма счёта.");
  const expiry = form.get("expiry") ?? "";
  const expiresAt = expiry === "" ? null : expiryMoment(expiry);
  if (expiry !== "" && expiresAt === null) return fail("Некорректный срок действия счёта.");
  const serviceName = form.get("service_name") ?? "";
  const invoice = cabinet.createInvoice({
    amount,
    clientid: form.get("clientid") ?? "",
    orderid: form.get("orderid") ?? "",
    serviceName,
    email: form.get("client_email") ?? "",
    phone: form.get("client_phone") ?? "",
    expiresAt,
    returnUrl: nameAndReturn(serviceName).returnUrl,
  });
  const early = world.faults.take("paykeeper", "notify_before_create_returns", "/change/invoice/preview/");
  if (early) await cabinet.finish(cabinet.startPayment(invoice, early.params.method === "sbp" ? PS_SBP : PS_CARD, invoice.id), "success");
  const url = `${world.baseUrl}/paykeeper/bill/${invoice.id}/`;
  return { invoice_id: invoice.id, invoice_url: url, invoice: `<html><body><a href="${url}">Оплатить счёт</a></body></html>` };
}

function reverse(cabinet: Cabinet, form: URLSearchParams): unknown {
  const amount = kopecks(form.get("amount") ?? "");
  const partial = form.get("partial");
  if (amount === null) return fail("Некорректная сумма возврата.");
  if (partial !== "true" && partial !== "false") return fail("Не указан признак частичного возврата.");
  const done = cabinet.reverse(form.get("id") ?? "", amount, partial === "true");
  return typeof done === "string" ? fail(done) : SUCCESS;
}

function readInfo(cabinet: Cabinet, path: string, query: URLSearchParams): Answer | null {
  const id = query.get("id") ?? "";
  switch (path) {
    case "/info/settings/token/":
      return { json: { token: cabinet.token() } };
    case "/info/invoice/byid/": {
      const invoice = cabinet.invoice(id);
      const hidden = invoice?.status === "revoked" && cabinet.state.settings.revokedInvoice === "not_found";
      return { json: !invoice || hidden ? fail("Счёт не найден.") : invoiceWire(invoice) };
    }
    case "/info/payments/byid/": {
      const payment = cabinet.payment(id);
      return { json: payment ? [paymentWire(payment, query.get("advanced") === "true")] : [] };
    }
    case "/info/refunds/bypaymentid/":
      return { json: cabinet.state.refunds.filter((r) => r.paymentId === id).map(refundWire) };
    case "/info/options/byid/":
      return { json: cabinet.payment(id) ? [] : fail("Платёж не найден.") };
    case "/info/systems/list/":
      return { json: [{ id: PS_CARD, name: "Банковская карта", code: "card" }, { id: PS_SBP, name: "СБП", code: "sbp_default" }] };
    default:
      return readList(cabinet, path, query);
  }
}

function escapeUnicode(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function brief(json: unknown): string {
  const text = JSON.stringify(json).replace(/"token":"[^"]+"/, '"token":"…"');
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
