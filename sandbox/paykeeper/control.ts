import type { World } from "../core/world.ts";
import { inputOf, sendJson, type Call } from "../core/http.ts";
import { kopecks } from "../core/money.ts";
import type { Cabinet, Outcome } from "./cabinet.ts";
import { notificationBody } from "./notifier.ts";
import { MONEY_IN, PS_CARD, PS_SBP, type PayKeeperSettings } from "./state.ts";

const OUTCOMES: readonly Outcome[] = ["success", "insufficient_funds", "3ds_fail", "decline"];

/** POST /_ctl/paykeeper/settings */
export async function changeSettings(cabinet: Cabinet, call: Call): Promise<void> {
  const input = await inputOf(call);
  const s: PayKeeperSettings = cabinet.state.settings;
  if (typeof input.notifyUrl === "string") s.notifyUrl = input.notifyUrl;
  if (typeof input.qrBase === "string" && input.qrBase !== "") s.qrBase = input.qrBase;
  if (typeof input.shopName === "string" && input.shopName !== "") s.shopName = input.shopName.slice(0, 120);
  if (input.revokedInvoice === "revoked" || input.revokedInvoice === "not_found") s.revokedInvoice = input.revokedInvoice;
  if (typeof input.twoStage === "boolean") s.twoStage = input.twoStage;
  const holdSeconds = Number(input.holdSeconds ?? s.holdSeconds);
  if (holdSeconds > 0 && holdSeconds <= 60 * 86_400) s.holdSeconds = holdSeconds;
  if (Array.isArray(input.retryPauses)) s.retryPauses = input.retryPauses.map(Number).filter((n) => n >= 0 && n <= 86_400).slice(0, 100);
  const refundSeconds = Number(input.refundSeconds ?? s.refundSeconds);
  if (refundSeconds >= 0 && refundSeconds <= 86_400) s.refundSeconds = refundSeconds;
  cabinet.touch();
  sendJson(call, 200, s);
}

/**
 * POST /_ctl/pay/<invoice or payment id> {outcome, method, amount, late}: pays without a browser.
 * `amount` makes the bank take another sum, `late` pays past the expiry or after a revoke, as real money sometimes does.
 */
export async function payDirectly(cabinet: Cabinet, call: Call, id: string): Promise<void> {
  const input = await inputOf(call);
  const outcome = OUTCOMES.find((o) => o === (input.outcome ?? "success"));
  if (!outcome) return sendJson(call, 400, { error: "unknown outcome" });
  const amount = input.amount === undefined ? null : kopecks(String(input.amount));
  if (input.amount !== undefined && amount === null) return sendJson(call, 400, { error: "bad amount" });
  const invoice = cabinet.invoice(id);
  if (invoice && invoice.status !== "created" && invoice.status !== "sent" && input.late !== true) {
    return sendJson(call, 409, { error: `invoice is ${invoice.status}` });
  }
  const payment = invoice ? cabinet.startPayment(invoice, input.method === "sbp" ? PS_SBP : PS_CARD, invoice.id) : cabinet.payment(id);
  if (!payment) return sendJson(call, 404, { error: "no such invoice or payment" });
  if (payment.status !== "pending") return sendJson(call, 409, { error: `payment is ${payment.status}` });
  if (payment.expiresAt !== null && cabinet.now() >= payment.expiresAt && input.late !== true) return sendJson(call, 409, { error: "expired" });
  if (amount !== null) payment.amount = amount;
  await cabinet.finish(payment, outcome);
  sendJson(call, 200, payment);
}

/** POST /_ctl/paykeeper/refund/<paymentId> {amount}: a refund begun in the cabinet, past the API. */
export async function refundInCabinet(cabinet: Cabinet, call: Call, id: string): Promise<void> {
  const amount = kopecks(String((await inputOf(call)).amount));
  if (amount === null) return sendJson(call, 400, { error: "bad amount" });
  const done = cabinet.refund(id, amount, true);
  return typeof done === "string" ? sendJson(call, 409, { error: done }) : sendJson(call, 200, done);
}

/** POST /_ctl/paykeeper/bounce/<refundId>: a refund that was done comes back. */
export function bounceRefund(cabinet: Cabinet, call: Call, id: string): void {
  const bounced = cabinet.bounce(id);
  sendJson(call, bounced ? 200 : 409, bounced ? { ok: true } : { error: "no such refund, or it is not done" });
}

/** POST /_ctl/paykeeper/flip/<paymentId>: a paid payment becomes cancelled without a word, as banks' mistakes do. */
export function flipPayment(cabinet: Cabinet, call: Call, id: string): void {
  const payment = cabinet.payment(id);
  if (!payment || !MONEY_IN.includes(payment.status)) return sendJson(call, 409, { error: "no such paid payment" });
  payment.status = "canceled";
  cabinet.touch();
  sendJson(call, 200, payment);
}

/** POST /_ctl/paykeeper/again/<paymentId>: somebody else pays the same SBP QR once more; the bank takes it as a payment of its own. */
export async function payQrAgain(cabinet: Cabinet, call: Call, id: string): Promise<void> {
  const first = cabinet.payment(id);
  if (!first || first.qrcId === null || !MONEY_IN.includes(first.status)) return sendJson(call, 409, { error: "no such paid QR" });
  const second = cabinet.startPayment(first, PS_SBP, first.invoiceId);
  second.qrcId = first.qrcId;
  second.qrLink = first.qrLink;
  await cabinet.finish(second, "success");
  sendJson(call, 200, second);
}

/** GET /_ctl/paykeeper/state */
export function showState(cabinet: Cabinet, call: Call): void {
  const { invoices, payments, refunds, settings } = cabinet.state;
  sendJson(call, 200, { invoices: Object.values(invoices), payments: Object.values(payments), refunds, settings });
}

/** GET /_ctl/paykeeper/notification/<paymentId>: the exact body that is sent, for tests that send it themselves. */
export function showNotification(world: World, cabinet: Cabinet, call: Call, id: string): void {
  const payment = cabinet.payment(id);
  if (!payment) return sendJson(call, 404, { error: "no such payment" });
  sendJson(call, 200, { url: cabinet.state.settings.notifyUrl, body: notificationBody(payment, world.secrets.paykeeper.secretWord) });
}
