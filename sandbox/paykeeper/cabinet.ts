import { randomBytes, randomInt } from "node:crypto";
import type { World } from "../core/world.ts";
import { moscow } from "../core/clock.ts";
import { nameAndReturn } from "./fields.ts";
import { createNotifier, type Notifier } from "./notifier.ts";
import { createRefunds } from "./refunds.ts";
import { qrLink } from "./sign.ts";
import { KEEP, MONEY_IN, PS_CARD, PS_SBP, type Invoice, type Payment, type PayKeeperState, type Refund } from "./state.ts";

const DAY_MS = 86_400_000;

export type Order = {
  amount: bigint;
  clientid: string;
  orderid: string;
  serviceName: string;
  email: string;
  phone: string;
  expiresAt: number | null;
  returnUrl: string | null;
};

export type Outcome = "success" | "insufficient_funds" | "3ds_fail" | "decline";

const FAIL_TEXT: Record<Exclude<Outcome, "success">, string> = {
  insufficient_funds: "Недостаточно средств на карте",
  "3ds_fail": "Банк не подтвердил операцию (3-D Secure)",
  decline: "Плательщик отказался от оплаты",
};

/** The merchant's cabinet: invoices, payments and the rules of their lives; refunds.ts has those of money that goes back. */
export type Cabinet = ReturnType<typeof createCabinet>;

export function createCabinet(world: World, state: PayKeeperState, touch: () => void) {
  const notifier: Notifier = createNotifier(world, state, touch);
  const refunds = createRefunds(world, state, touch);
  const now = () => world.clock.now();
  if (state.token === "") rotateToken();

  function rotateToken(): void {
    state.token = randomBytes(16).toString("hex");
    state.tokenAt = now();
    touch();
  }

  function createInvoice(order: Order): Invoice {
    const stamp = moscow(now()).replace(/\D/g, "");
    let id = "";
    do id = stamp + String(randomInt(1000)).padStart(3, "0");
    while (state.invoices[id]);
    const invoice: Invoice = { id, status: "created", ...order, createdAt: now(), paidAt: null, paymentId: null };
    state.invoices[id] = invoice;
    forgetOldest(state.invoices);
    touch();
    world.log("paykeeper", "invoice", { id, orderid: order.orderid, amount: order.amount.toString() });
    return invoice;
  }

  function expire(invoice: Invoice): void {
    if ((invoice.status === "created" || invoice.status === "sent") && invoice.expiresAt !== null && now() >= invoice.expiresAt) {
      invoice.status = "expired";
      touch();
    }
  }

  function invoice(id: string): Invoice | null {
    const found = Object.hasOwn(state.invoices, id) ? (state.invoices[id] ?? null) : null;
    if (found) expire(found);
    return found;
  }

  function startPayment(order: Order, psId: string, invoiceId: string | null): Payment {
    const id = String(++state.lastPaymentId);
    const qrcId = psId === PS_SBP ? `AD10${base32(28)}` : null;
    const payment: Payment = {
      id,
      invoiceId,
      status: "pending",
      amount: order.amount,
      clientid: order.clientid,
      orderid: order.orderid,
      serviceName: order.serviceName,
      email: order.email,
      phone: order.phone,
      expiresAt: order.expiresAt,
      returnUrl: order.returnUrl,
      refunded: 0n,
      psId,
      uniqueId: String(randomInt(100_000_000, 999_999_999)) + String(randomInt(100, 999)),
      cardNumber: psId === PS_CARD ? `220138******${String(randomInt(10_000)).padStart(4, "0")}` : "",
      qrcId,
      qrLink: qrcId ? qrLink(state.settings.qrBase, qrcId, order.amount) : null,
      failReason: null,
      pendingAt: now(),
      obtainedAt: null,
      successAt: null,
      repeatCounter: 0,
      notifyAt: null,
      muted: false,
      lastReply: null,
    };
    state.payments[id] = payment;
    forgetOldest(state.payments);
    touch();
    return payment;
  }

  /** Ends a pending payment. Money that came is notified; resolves after the first try. */
  async function finish(payment: Payment, outcome: Outcome): Promise<void> {
    if (payment.status !== "pending") return;
    world.log("paykeeper", "payment", { id: payment.id, orderid: payment.orderid, amount: payment.amount.toString(), outcome });
    if (outcome !== "success") {
      payment.status = "failed";
      payment.failReason = FAIL_TEXT[outcome];
      touch();
      return;
    }
    payment.status = "obtained";
    payment.obtainedAt = now();
    if (state.settings.twoStage && payment.psId === PS_CARD) hold(payment, now() + (state.settings.holdSeconds ?? 7 * 86_400) * 1000);
    const owner = payment.invoiceId === null ? null : state.invoices[payment.invoiceId];
    if (owner && owner.paymentId === null) {
      owner.status = "paid";
      owner.paidAt = now();
      owner.paymentId = payment.id;
    }
    touch();
    await notifier.begin(payment);
  }

  function hold(payment: Payment, until: number): void {
    payment.heldUntil = until;
    world.clock.at(until, () => {
      if (payment.heldUntil !== until) return;
      release(payment);
      world.log("paykeeper", "hold expired", { id: payment.id });
    });
  }

  function release(payment: Payment): void {
    payment.heldUntil = null;
    payment.notifyAt = null;
    payment.status = "canceled";
    touch();
  }

  /** Why a capture is refused, or null: the held money, or less of it, is taken; the rest goes free. */
  async function capture(id: string, amount: bigint | null): Promise<string | null> {
    const payment = Object.hasOwn(state.payments, id) ? state.payments[id] : undefined;
    if (!payment) return "Платёж не найден.";
    if (!payment.heldUntil) return 'Нельзя списать деньги по платежу, статус которого не "получен".';
    if (amount !== null && (amount <= 0n || amount > payment.amount)) return "Сумма списания превышает сумму блокировки.";
    payment.heldUntil = null;
    payment.takenAt = now();
    payment.successAt = now();
    payment.amount = amount ?? payment.amount;
    payment.status = "success";
    touch();
    world.log("paykeeper", "captured", { id, amount: payment.amount.toString() });
    await notifier.begin(payment);
    return null;
  }

  /** Why a refund is refused, the accepted refund, or null for a released hold, which leaves no refund behind. */
  function reverse(id: string, amount: bigint, partial: boolean): Refund | string | null {
    const payment = Object.hasOwn(state.payments, id) ? state.payments[id] : undefined;
    if (!payment?.heldUntil) return refunds.ask(id, amount, partial);
    if (partial || amount !== payment.amount) return "Блокировку можно снять только целиком.";
    release(payment);
    return null;
  }

  function resume(): void {
    notifier.resume();
    for (const payment of Object.values(state.payments)) if (payment.heldUntil) hold(payment, Math.max(payment.heldUntil, now()));
    refunds.resume();
    // A payment whose first try was cut by the stop of the sandbox starts its round again.
    for (const payment of Object.values(state.payments)) {
      if (payment.status === "obtained" && payment.notifyAt === null) notifier.restart(payment);
    }
  }

  return {
    state,
    touch,
    now,
    createInvoice,
    invoice,
    payment: (id: string): Payment | null => (Object.hasOwn(state.payments, id) ? (state.payments[id] ?? null) : null),
    byQr: (qrcId: string): Payment | null => Object.values(state.payments).find((p) => p.qrcId === qrcId) ?? null,
    startPayment,
    finish,
    refund: refunds.ask,
    reverse,
    capture,
    bounce: refunds.bounce,
    repeatNotification(payment: Payment): boolean {
      if (!MONEY_IN.includes(payment.status)) return false;
      notifier.restart(payment);
      return true;
    },
    token(): string {
      if (now() - state.tokenAt >= DAY_MS) rotateToken();
      return state.token;
    },
    rotateToken,
    resume,
    forget(): void {
      for (const payment of Object.values(state.payments)) payment.notifyAt = null;
      for (const refund of state.refunds) refund.status = "failed";
      state.invoices = {};
      state.payments = {};
      state.refunds = [];
      touch();
    },
    /** Plain text of what is paid. */
    title: (order: { serviceName: string; orderid: string }) => nameAndReturn(order.serviceName).name || `Заказ ${order.orderid}`,
  };
}

function base32(length: number): string {
  const alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

function forgetOldest(records: Record<string, unknown>): void {
  const keys = Object.keys(records);
  for (const key of keys.slice(0, Math.max(0, keys.length - KEEP))) delete records[key];
}
