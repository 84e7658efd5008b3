/** Finding what PayKeeper knows of an attempt, also of one whose creation was never answered (LOST-19). */
import type { PaymentRef, SeenPayment } from "@/lib/acquirers/acquirer.ts";
import { done, unknown, type Outcome } from "@/lib/kit/outcome.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import type { z } from "zod";
import type { Client } from "./client.ts";
import { pages } from "./lists.ts";
import { invoiceStatuses, nothingSeen, paymentStatuses, seenInvoice, seenPayment } from "./translate.ts";
import { Invoices, Payments, type Invoice, type Payment } from "./wire.ts";

type Params = readonly (readonly [string, string])[];
type Search<Row> = { path: string; params: Params; listPath: string; listParams: Params; shape: z.ZodType<Row[]> };

/** Rows read when only our reference is known; more than that is a question for a person. */
const pagesMax = 10;

/**
 * By the surest id we hold; without one, by our reference. `absent` only after every list was read to its end. An empty
 * reference asks for the payment id alone: many strangers' payments have no reference.
 */
export async function lookUp(client: Client, ref: PaymentRef, now: Date, signal: AbortSignal): Promise<Outcome<SeenPayment>> {
  if (ref.providerPaymentId === null) return withoutPaymentId(client, ref, now, signal);
  const payment = await one(client, "/info/payments/byid/", ref.providerPaymentId, Payments, signal);
  if (payment.kind !== "done") return payment;
  if (payment.value === null) return withoutPaymentId(client, ref, now, signal);
  const seen = seenPayment(payment.value, client.heldStatuses, ref.providerInvoiceId);
  if (ref.reference === "" || seen.reference === null || seen.reference === ref.reference) return done(seen);
  // The id we were told belongs to a stranger's payment. Ours may be there all the same; if not, the caller must hear of it.
  const own = await withoutPaymentId(client, ref, now, signal);
  return own.kind === "done" && own.value.state !== "paid" && own.value.state !== "held" ? done(seen) : own;
}

async function withoutPaymentId(client: Client, ref: PaymentRef, now: Date, signal: AbortSignal): Promise<Outcome<SeenPayment>> {
  if (ref.providerInvoiceId !== null) {
    const invoice = await one(client, "/info/invoice/byid/", ref.providerInvoiceId, Invoices, signal);
    if (invoice.kind !== "done") return invoice;
    if (invoice.value) return throughInvoice(client, invoice.value, ref, now, signal);
  }
  if (ref.reference === "") return done(nothingSeen);
  const payment = await paymentNamed(client, ref, now, signal);
  if (payment.kind !== "done") return payment;
  if (payment.value) return done(seenPayment(payment.value, client.heldStatuses));
  const invoice = await invoiceNamed(client, ref, now, signal);
  if (invoice.kind !== "done") return invoice;
  return invoice.value ? throughInvoice(client, invoice.value, ref, now, signal) : done(nothingSeen);
}

/** The payment tells more than its invoice, and money is only known by the payment's id. */
async function throughInvoice(client: Client, invoice: Invoice, ref: PaymentRef, now: Date, signal: AbortSignal): Promise<Outcome<SeenPayment>> {
  if (/^[1-9]\d*$/.test(invoice.paymentid)) {
    const payment = await one(client, "/info/payments/byid/", invoice.paymentid, Payments, signal);
    if (payment.kind !== "done") return payment;
    if (payment.value) return done(seenPayment(payment.value, client.heldStatuses, invoice.id));
  }
  const payment = await paymentNamed(client, ref, now, signal);
  if (payment.kind !== "done") return invoice.status === "paid" ? payment : done(seenInvoice(invoice));
  if (invoice.status !== "paid") {
    const seen = payment.value ? seenPayment(payment.value, client.heldStatuses, invoice.id) : null;
    if (seen?.state === "paid" || seen?.state === "held") return done(seen);
    // A try was refused, the bill stays open for another one: the buyer should read why the money did not go.
    return done({ ...seenInvoice(invoice), ...(seen?.state === "declined" && { declineCode: seen.rawState, declineClass: "blocked" as const }) });
  }
  return payment.value ? done(seenPayment(payment.value, client.heldStatuses, invoice.id)) : unknown("the invoice is paid, but its payment is not listed");
}

async function one<Row extends { id: string }>(client: Client, path: string, id: string, shape: z.ZodType<Row[]>, signal: AbortSignal): Promise<Outcome<Row | null>> {
  const found = await client.get(path, [["id", id]], shape, signal);
  if (found.kind === "refused" && found.code === "not_found") return done(null);
  return found.kind === "done" ? done(found.value.find((row) => row.id === id) ?? null) : found;
}

const days = (ref: PaymentRef, now: Date) => ({ from: addDays(localDate(ref.createdAt), -1), to: addDays(localDate(now), 1) });
const statusParams = (statuses: readonly string[]): Params => statuses.map((status) => ["status[]", status] as const);

/** Money first, then what may still become money, then the newest. */
async function paymentNamed(client: Client, ref: PaymentRef, now: Date, signal: AbortSignal): Promise<Outcome<Payment | null>> {
  const { from, to } = days(ref, now);
  const found = await named(client, ref.reference, {
    path: "/info/payments/search/", params: [["beg_date", from], ["end_date", to]],
    listPath: "/info/payments/bydate/", listParams: [["start", from], ["end", to], ...statusParams(Object.keys(paymentStatuses))],
    shape: Payments,
  }, signal);
  if (found.kind !== "done") return found;
  const rank = (payment: Payment) => ["paid", "held", "waiting", "unrecognized"].indexOf(seenPayment(payment, client.heldStatuses).state) >>> 0;
  return done(found.value.toSorted((a, b) => rank(a) - rank(b) || newestFirst(a.id, b.id))[0] ?? null);
}

async function invoiceNamed(client: Client, ref: PaymentRef, now: Date, signal: AbortSignal): Promise<Outcome<Invoice | null>> {
  const { from, to } = days(ref, now);
  const found = await named(client, ref.reference, {
    path: "/info/invoice/search/", params: [],
    listPath: "/info/invoice/list/", listParams: [...statusParams(invoiceStatuses), ["start_date", from], ["end_date", to]],
    shape: Invoices,
  }, signal);
  if (found.kind !== "done") return found;
  const rank = (invoice: Invoice) => ["paid", "waiting"].indexOf(seenInvoice(invoice).state) >>> 0;
  return done(found.value.toSorted((a, b) => rank(a) - rank(b) || newestFirst(a.id, b.id))[0] ?? null);
}

const newestFirst = (a: string, b: string) => (BigInt(a) < BigInt(b) ? 1 : -1);

/** The search may miss or be missing in a cabinet, so an empty search is confirmed by the list of the days in question. */
async function named<Row extends { id: string; orderid: string }>(client: Client, reference: string, search: Search<Row>, signal: AbortSignal): Promise<Outcome<Row[]>> {
  const ours = (rows: Row[]) => rows.filter((row) => row.orderid === reference);
  const searched = await client.get(search.path, [["query", reference], ...search.params], search.shape, signal);
  if (searched.kind === "unreached") return searched;
  if (searched.kind === "done" && ours(searched.value).length > 0) return done(ours(searched.value));
  const listed = await pages(client, search.listPath, search.listParams, search.shape, pagesMax, signal);
  return listed.kind === "done" ? done(ours(listed.value)) : listed;
}
