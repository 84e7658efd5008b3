/** Between PayKeeper's words and ours, both ways. Pure. */
import type { OpenPayment, SeenPayment, SeenRefund } from "@/lib/acquirers/acquirer.ts";
import { parseRubles, rublesText } from "@/lib/kit/money.ts";
import { instantOfLocal, localText } from "@/lib/kit/time.ts";
import type { CreateFields } from "./signature.ts";
import type { Invoice, Notification, Payment, Refund } from "./wire.ts";

type PaymentFacts = {
  state: SeenPayment["state"];
  /** No later news is expected of this status. */
  final: boolean;
  refund: "in_progress" | "partial" | "full" | null;
  /** `stuck`: paid, but our side never acknowledged. */
  acknowledged: boolean | null;
};

const plain = { final: false, refund: null, acknowledged: null };

/** Statuses that mean money are equal as far as money goes; a poller that knows only `success` loses payments. */
export const paymentStatuses: Readonly<Record<string, PaymentFacts>> = {
  pending: { ...plain, state: "waiting" },
  obtained: { ...plain, state: "paid" },
  success: { ...plain, state: "paid", acknowledged: true },
  stuck: { ...plain, state: "paid", acknowledged: false },
  canceled: { ...plain, state: "canceled", final: true },
  failed: { ...plain, state: "declined", final: true },
  refunding: { ...plain, state: "paid", refund: "in_progress" },
  partially_refunded: { ...plain, state: "paid", refund: "partial" },
  refunded: { ...plain, state: "paid", refund: "full", final: true },
};

/** What reconciliation asks for. */
export const moneyStatuses = Object.keys(paymentStatuses).filter((status) => paymentStatuses[status]?.state === "paid");

const invoiceStates: Readonly<Record<string, SeenPayment["state"]>> = { created: "waiting", sent: "waiting", paid: "paid", expired: "expired" };
export const invoiceStatuses = Object.keys(invoiceStates);

const kopecksOf = (text: string): bigint | null => {
  try {
    return text === "" ? null : parseRubles(text, { trimZeros: true });
  } catch {
    return null;
  }
};
const orNull = (text: string) => (text === "" ? null : text);

export const nothingSeen: SeenPayment = {
  state: "absent", rawState: "", reference: null, providerInvoiceId: null, providerPaymentId: null, amountKopecks: null, refundedKopecks: null,
  currency: "RUB", payerId: null, paidAt: null, instrument: null, rrn: null, declineCode: null, declineClass: null, acknowledged: null,
};

/** `heldStatuses`: what this cabinet calls money that is held and not taken (two-stage). */
export function seenPayment(payment: Payment, heldStatuses: readonly string[], providerInvoiceId: string | null = null): SeenPayment {
  const plainFacts = Object.hasOwn(paymentStatuses, payment.status) ? paymentStatuses[payment.status] : undefined;
  const facts = heldStatuses.includes(payment.status) ? { ...plain, state: "held" as const } : plainFacts;
  const paid = facts?.state === "paid";
  return {
    ...nothingSeen,
    state: facts?.state ?? "unrecognized",
    rawState: payment.status,
    reference: orNull(payment.orderid),
    providerInvoiceId,
    providerPaymentId: payment.id,
    amountKopecks: kopecksOf(payment.pay_amount),
    refundedKopecks: kopecksOf(payment.refund_amount),
    payerId: orNull(payment.clientid),
    paidAt: paid ? (instantOfLocal(payment.obtain_datetime) ?? instantOfLocal(payment.success_datetime)) : null,
    declineCode: facts?.state === "declined" ? payment.status : null,
    acknowledged: facts?.acknowledged ?? null,
  };
}

/** An invoice without a payment yet. A paid one is read through its payment instead. */
export function seenInvoice(invoice: Invoice): SeenPayment {
  return {
    ...nothingSeen,
    state: (Object.hasOwn(invoiceStates, invoice.status) ? invoiceStates[invoice.status] : undefined) ?? "unrecognized",
    rawState: invoice.status,
    reference: orNull(invoice.orderid),
    providerInvoiceId: invoice.id,
    providerPaymentId: orNull(invoice.paymentid),
    amountKopecks: kopecksOf(invoice.pay_amount),
    payerId: orNull(invoice.clientid),
  };
}

const refundStates: Readonly<Record<string, SeenRefund["state"]>> = { started: "waiting", done: "done", failed: "refused" };

/** null when the answer names no sum: such a refund cannot be counted. An unknown status counts as still running. */
export function seenRefund(refund: Refund): SeenRefund | null {
  const amountKopecks = kopecksOf(refund.amount);
  if (amountKopecks === null) return null;
  const state = (Object.hasOwn(refundStates, refund.status) ? refundStates[refund.status] : undefined) ?? "waiting";
  return { providerRefundId: orNull(refund.id), state, amountKopecks, createdAt: instantOfLocal(refund.datetime) };
}

/** What a genuine notification says; null when its sum cannot be read. One-stage cabinets only: it always means money. */
export function notifiedPayment(note: Notification): (SeenPayment & { state: "paid"; providerPaymentId: string; amountKopecks: bigint }) | null {
  const amountKopecks = kopecksOf(note.sum);
  if (amountKopecks === null || amountKopecks <= 0n) return null;
  return {
    ...nothingSeen,
    state: "paid",
    rawState: "notified",
    reference: orNull(note.orderid),
    providerPaymentId: note.id,
    amountKopecks,
    payerId: orNull(note.clientid),
    paidAt: instantOfLocal(note.obtain_datetime),
    instrument: cardName(note.card_number),
    rrn: /^\d{6,20}$/.test(note.RRN) ? note.RRN : null,
  };
}

const brands: readonly [RegExp, string][] = [[/^220[0-4]/, "Мир"], [/^4/, "Visa"], [/^(?:5[1-5]|2[2-7])/, "Mastercard"], [/^62/, "UnionPay"], [/^(?:50|5[6-9]|6)/, "Maestro"]];

/** «Мир •••• 0013» from "220138******0013". */
function cardName(masked: string): string | null {
  const last4 = /(\d{4})$/.exec(masked)?.[1];
  if (!last4) return null;
  const brand = brands.find(([prefix]) => prefix.test(masked))?.[1] ?? "Карта";
  return `${brand} •••• ${last4}`;
}

/** The exact form of `expiry`: a bare date would end a day earlier (paykeeper.md, date semantics). */
export const expiryText = (expiresAt: Date): string => localText(expiresAt).replace("T", " ");

/** Fields of `/change/invoice/preview/` without the token. No cart: our own register prints (README decision 9). */
export function invoiceFields(payment: OpenPayment): Record<string, string> {
  return {
    pay_amount: rublesText(payment.amountKopecks),
    clientid: payment.payerId,
    orderid: payment.reference,
    service_name: JSON.stringify({ service_name: payment.purpose, lang: "ru", user_result_callback: payment.returnUrl }),
    ...(payment.email === null ? {} : { client_email: payment.email }),
    ...(payment.phone === null ? {} : { client_phone: payment.phone }),
    ...(payment.expiresAt === null ? {} : { expiry: expiryText(payment.expiresAt) }),
  };
}

/** Signed fields of `/create/` for an SBP QR. `expiry` is left out: its place in the signature is not known. */
export const qrFields = (payment: OpenPayment): CreateFields => ({
  sum: rublesText(payment.amountKopecks),
  clientid: payment.payerId,
  orderid: payment.reference,
  service_name: payment.purpose,
  client_email: payment.email ?? "",
  client_phone: payment.phone ?? "",
});
