import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OpenPayment } from "@/lib/acquirers/acquirer.ts";
import { createSign } from "./signature.ts";
import { createPayKeeper } from "./index.ts";

type Seen = { method: string; path: string; query: URLSearchParams; form: URLSearchParams; auth: string | undefined };
type Reply = { status?: number; type?: string; body?: unknown; headers?: Record<string, string>; cut?: boolean };

let server: Server;
let seen: Seen[];
let answers: Record<string, Reply | ((call: Seen, nth: number) => Reply)>;
let now: Date;

const text = async (request: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

beforeEach(async () => {
  seen = [];
  now = new Date("2026-11-21T08:00:00Z");
  answers = { "/info/settings/token/": { body: { token: "fd50e4750000000000000000000000a1" } } };
  server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? "/", "http://x");
      const call: Seen = { method: request.method ?? "", path: url.pathname, query: url.searchParams, form: new URLSearchParams(await text(request)), auth: request.headers.authorization };
      seen.push(call);
      const set = answers[url.pathname] ?? { status: 404, body: "<html>404</html>" };
      const reply = typeof set === "function" ? set(call, seen.filter((each) => each.path === call.path).length) : set;
      if (reply.cut) return response.destroy();
      response.writeHead(reply.status ?? 200, { "content-type": reply.type ?? "application/json", ...reply.headers });
      return response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body ?? null));
    })();
  }).listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const make = (over: Partial<Parameters<typeof createPayKeeper>[0]> = {}) =>
  createPayKeeper(
    { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, login: "admin", password: "п@роль:1", secretWord: "Sec-Word_7f3a", fiscalisation: "own", ...over },
    { now: () => now },
  );
const signal = () => new AbortController().signal;
const order: OpenPayment = {
  reference: "ut-000417-1", amountKopecks: 124950n, method: "card", purpose: "Заказ № УТ-000417", email: "ivanov@example.ru", phone: null, payerId: "p-7",
  returnUrl: "https://shop.example.ru/pay/t/back", expiresAt: new Date("2026-12-01T15:30:00Z"),
};
const stale = { body: { result: "fail", msg: "Токен безопасности не верен." } };
const invoice = { id: "20261121101530417", status: "created", pay_amount: "1249.50", orderid: "ut-000417-1", clientid: "p-7", paymentid: null };
const paid = { id: "41700123", status: "success", pay_amount: "1249.50", refund_amount: "0.00", orderid: "ut-000417-1", clientid: "p-7", obtain_datetime: "2026-11-21 10:17:01", success_datetime: "" };
const ref = { reference: "ut-000417-1", providerInvoiceId: null, providerPaymentId: null, createdAt: new Date("2026-11-21T07:15:00Z") };

describe("opening", () => {
  test("a card payment is an invoice: exact fields, exact expiry, no cart", async () => {
    answers["/change/invoice/preview/"] = { body: '[{"invoice_id":20261121101530417,"invoice_url":"https://shop.server.paykeeper.ru/bill/20261121101530417/","invoice":"<html>"}]' };
    expect(await make().open(order, signal())).toEqual({
      kind: "done",
      value: { providerInvoiceId: "20261121101530417", providerPaymentId: null, go: { kind: "redirect", url: "https://shop.server.paykeeper.ru/bill/20261121101530417/" } },
    });
    const { form, auth } = seen[1] ?? {};
    expect(auth).toBe("Basic YWRtaW460L9A0YDQvtC70Yw6MQ==");
    expect(Object.fromEntries(form ?? [])).toEqual({
      pay_amount: "1249.50", clientid: "p-7", orderid: "ut-000417-1", client_email: "ivanov@example.ru", expiry: "2026-12-01 18:30:00", token: "fd50e4750000000000000000000000a1",
      service_name: JSON.stringify({ service_name: "Заказ № УТ-000417", lang: "ru", user_result_callback: "https://shop.example.ru/pay/t/back" }),
    });
  });

  test("SBP is a signed form without Basic or token", async () => {
    answers["/create/"] = { body: { payment_id: "41700124", qr_link: "https://qr.nspk.ru/AD1000", qr_code: "data:image/png;base64,AA" } };
    expect(await make().open({ ...order, method: "sbp" }, signal())).toEqual({
      kind: "done", value: { providerInvoiceId: null, providerPaymentId: "41700124", go: { kind: "qr", payload: "https://qr.nspk.ru/AD1000" } },
    });
    const sent = Object.fromEntries(seen[0]?.form ?? []);
    const signed = { sum: "1249.50", clientid: "p-7", orderid: "ut-000417-1", service_name: "Заказ № УТ-000417", client_email: "ivanov@example.ru", client_phone: "" };
    expect(sent).toEqual({ ...signed, pstype: "sbp_default", json: "true", lang: "ru", user_result_callback: order.returnUrl, sign: createSign(signed, "Sec-Word_7f3a") });
    expect([seen.length, seen[0]?.auth]).toEqual([1, undefined]);
  });

  test("README decision 9: PayKeeper's own receipts cannot be asked for by mistake", async () => {
    expect(await make({ fiscalisation: "paykeeper" }).open(order, signal())).toMatchObject({ kind: "refused", code: "config" });
    expect(seen).toEqual([]);
  });

  test("LOST-19: a write that was cut, timed out by the caller or answered 502 is unknown, never repeated", async () => {
    for (const reply of [{ cut: true }, { status: 502, type: "text/html", body: "" }, { body: '{"invoice_id":"2026' }, { type: "text/html", body: "<html>" }, { body: { other: 1 } }]) {
      answers["/change/invoice/preview/"] = reply;
      expect(await make().open(order, signal())).toMatchObject({ kind: "unknown" });
    }
    expect(seen.filter((call) => call.path === "/change/invoice/preview/")).toHaveLength(5);
    const stop = new AbortController();
    answers["/change/invoice/preview/"] = () => {
      stop.abort();
      return { cut: true };
    };
    expect(await make().open(order, stop.signal)).toMatchObject({ kind: "unknown" });
  });

  test("what never left is unreached", async () => {
    expect(await make({ baseUrl: "http://127.0.0.1:1" }).open(order, signal())).toMatchObject({ kind: "unreached", message: expect.stringContaining("ECONNREFUSED") });
    expect(await make({ baseUrl: "http://paykeeper.invalid" }).open(order, signal())).toMatchObject({ kind: "unreached" });
    expect(await make().open(order, AbortSignal.abort())).toMatchObject({ kind: "unreached" });
    answers["/info/settings/token/"] = { status: 502, body: "" };
    expect(await make().open(order, signal())).toMatchObject({ kind: "unreached" });
  });

  test("an answer over two megabytes is not read to its end", async () => {
    answers["/change/invoice/preview/"] = { body: `"${"x".repeat(3 * 1024 * 1024)}"` };
    expect(await make().open(order, signal())).toMatchObject({ kind: "unknown", message: expect.stringContaining("larger") });
  });
});

describe("token", () => {
  test("is cached for less than 23 hours and asked again after", async () => {
    answers["/change/invoice/revoke/"] = { body: { result: "success" } };
    const paykeeper = make();
    const cancel = () => paykeeper.cancel({ ...ref, providerInvoiceId: "1" }, signal());
    expect(await cancel()).toEqual({ kind: "done", value: undefined });
    now = new Date(now.getTime() + 21 * 3_600_000);
    await cancel();
    expect(seen.filter((call) => call.path === "/info/settings/token/")).toHaveLength(1);
    now = new Date(now.getTime() + 3_600_000 + 1);
    await cancel();
    expect(seen.filter((call) => call.path === "/info/settings/token/")).toHaveLength(2);
  });

  test("a stale one is fetched again once, then it is an auth refusal", async () => {
    answers["/change/invoice/revoke/"] = (_, nth) => (nth === 1 ? stale : { body: [{ result: "success" }] });
    expect(await make().cancel({ ...ref, providerInvoiceId: "1" }, signal())).toEqual({ kind: "done", value: undefined });
    answers["/change/invoice/revoke/"] = stale;
    seen.length = 0;
    expect(await make().cancel({ ...ref, providerInvoiceId: "1" }, signal())).toMatchObject({ kind: "refused", code: "auth" });
    expect(seen.filter((call) => call.path === "/change/invoice/revoke/")).toHaveLength(2);
  });

  test("401, a redirect and a login page are refusals, and redirects are not followed", async () => {
    for (const reply of [{ status: 401, body: "Unauthorized" }, { status: 303, headers: { location: "/login" } }, { type: "text/html", body: "<html><title>Вход</title></html>" }]) {
      answers["/info/settings/token/"] = reply;
      expect(await make().open(order, signal())).toMatchObject({ kind: "refused", code: expect.stringMatching(/^auth/) });
    }
    expect(new Set(seen.map((call) => call.path))).toEqual(new Set(["/info/settings/token/"]));
  });
});

describe("looking", () => {
  test("by payment id; `stuck` is paid and not acknowledged (LOST-03)", async () => {
    answers["/info/payments/byid/"] = { body: [{ ...paid, status: "stuck" }] };
    expect(await make().look({ ...ref, providerPaymentId: "41700123" }, signal())).toMatchObject({
      kind: "done",
      value: { state: "paid", rawState: "stuck", acknowledged: false, amountKopecks: 124950n, refundedKopecks: 0n, reference: "ut-000417-1", payerId: "p-7", paidAt: new Date("2026-11-21T07:17:01Z") },
    });
  });

  test("by invoice: unpaid, expired, paid through its payment, unknown status", async () => {
    const look = () => make().look({ ...ref, providerInvoiceId: invoice.id }, signal());
    answers["/info/invoice/byid/"] = { body: invoice };
    expect(await look()).toMatchObject({ kind: "done", value: { state: "waiting", providerInvoiceId: invoice.id, providerPaymentId: null } });
    answers["/info/invoice/byid/"] = { body: { ...invoice, status: "expired" } };
    expect(await look()).toMatchObject({ kind: "done", value: { state: "expired" } });
    answers["/info/invoice/byid/"] = { body: { ...invoice, status: "rejected" } };
    expect(await look()).toMatchObject({ kind: "done", value: { state: "unrecognized", rawState: "rejected" } });
    answers["/info/invoice/byid/"] = { body: JSON.stringify({ ...invoice, status: "paid", paymentid: 41700123 }).replace('"20261121101530417"', "20261121101530417") };
    answers["/info/payments/byid/"] = { body: [paid] };
    expect(await look()).toMatchObject({ kind: "done", value: { state: "paid", providerPaymentId: "41700123", providerInvoiceId: invoice.id } });
  });

  test("LOST-19: an unanswered create is found by our reference, exactly ours", async () => {
    answers["/info/payments/search/"] = { body: [] };
    answers["/info/payments/bydate/"] = { body: [{ ...paid, orderid: "ut-000417-10" }] };
    answers["/info/invoice/search/"] = { body: [{ ...invoice, id: "20261121101530499", orderid: "ut-000417-12" }, invoice] };
    expect(await make().look(ref, signal())).toMatchObject({ kind: "done", value: { state: "waiting", providerInvoiceId: invoice.id } });
    answers["/info/payments/search/"] = { body: [{ ...paid, id: "41700122", status: "failed" }, paid, { ...paid, id: "41700125", status: "pending" }] };
    expect(await make().look(ref, signal())).toMatchObject({ kind: "done", value: { state: "paid", providerPaymentId: "41700123" } });
  });

  test("absent only after the lists were read; a missing search is no proof", async () => {
    answers["/info/payments/bydate/"] = { body: [] };
    answers["/info/invoice/list/"] = { body: { result: "fail", msg: "Счёт не найден." } };
    expect(await make().look(ref, signal())).toMatchObject({ kind: "done", value: { state: "absent" } });
    expect(seen.map((call) => call.path)).toEqual(["/info/payments/search/", "/info/payments/bydate/", "/info/invoice/search/", "/info/invoice/list/"]);
    expect(seen[1]?.query.getAll("status[]")).toContain("stuck");
    expect([seen[1]?.query.get("start"), seen[1]?.query.get("end")]).toEqual(["2026-11-20", "2026-11-22"]);
    answers["/info/invoice/list/"] = { status: 500, body: "" };
    expect(await make().look(ref, signal())).toMatchObject({ kind: "unknown" });
  });

  test("README decision 4: a status we do not know is pending plus an alert for the caller", async () => {
    answers["/info/payments/byid/"] = { body: [{ ...paid, status: "hold_by_bank" }] };
    expect(await make().look({ ...ref, providerPaymentId: "41700123" }, signal())).toMatchObject({ kind: "done", value: { state: "unrecognized", rawState: "hold_by_bank", paidAt: null } });
  });
});

describe("refunds and lists", () => {
  test("a refund names the payment, and is only accepted yet", async () => {
    answers["/change/payment/reverse/"] = { body: { result: "success" } };
    expect(await make().refund({ refundId: "r1", providerPaymentId: "41700123", amountKopecks: 50000n, partial: true }, signal())).toEqual({
      kind: "done", value: { providerRefundId: null, state: "waiting", amountKopecks: 50000n, createdAt: null },
    });
    expect(Object.fromEntries(seen[1]?.form ?? [])).toMatchObject({ id: "41700123", amount: "500.00", partial: "true" });
    answers["/change/payment/reverse/"] = { body: { result: "fail", msg: "Нельзя сделать возврат по платежу, статус которого не \"совершён\"" } };
    expect(await make().refund({ refundId: "r1", providerPaymentId: "1", amountKopecks: 1n, partial: false }, signal())).toMatchObject({ kind: "refused", code: "wrong_state" });
  });

  test("refunds of a payment, newest last; an unreadable sum is not a smaller sum", async () => {
    const row = { id: "5012", amount: "500.00", datetime: "2026-11-22 09:00:01", status: "done" };
    answers["/info/refunds/bypaymentid/"] = { body: [row, { ...row, id: "5011", datetime: "2026-11-22 08:00:00", status: "started" }] };
    expect(await make().listRefunds("41700123", signal())).toMatchObject({ kind: "done", value: [{ providerRefundId: "5011", state: "waiting" }, { providerRefundId: "5012", state: "done", amountKopecks: 50000n }] });
    answers["/info/refunds/bypaymentid/"] = { body: [{ ...row, amount: "" }] };
    expect(await make().listRefunds("41700123", signal())).toMatchObject({ kind: "unknown" });
    answers["/info/refunds/bypaymentid/"] = { body: [] };
    expect(await make().listRefunds("41700123", signal())).toEqual({ kind: "done", value: [] });
  });

  test("a period is paged, one day more is asked for and cut off", async () => {
    answers["/info/payments/bydate/"] = (call) => {
      const from = Number(call.query.get("from"));
      const rows = Array.from({ length: from === 0 ? 100 : 20 }, (_, at) => ({ ...paid, id: String(1000 + from + at), obtain_datetime: from === 100 && at < 5 ? "2026-11-22 00:00:00" : "2026-11-21 23:59:59" }));
      return { body: rows };
    };
    const listed = await make().listPayments({ from: "2026-11-21", to: "2026-11-21" }, signal());
    expect(listed.kind === "done" && listed.value.length).toBe(115);
    expect(seen.map((call) => [call.query.get("from"), call.query.get("end")])).toEqual([["0", "2026-11-22"], ["100", "2026-11-22"]]);
  });

  test("checks name what is wrong", async () => {
    answers["/info/invoice/list/"] = { body: [] };
    expect((await make().check(signal())).map((step) => step.ok)).toEqual([true, true, true]);
    answers["/info/settings/token/"] = { status: 401 };
    const [signIn] = await make().check(signal());
    expect(signIn).toMatchObject({ ok: false, advice: expect.stringContaining("пароль") });
  });
});
