import { fromMoscow } from "../core/clock.ts";
import type { Cabinet } from "./cabinet.ts";
import type { Invoice, Payment } from "./state.ts";
import { fail, invoiceWire, paymentWire, type Answer } from "./wire.ts";

const DAY_MS = 86_400_000;
const PAGE_MAX = 500;

/** Lists, counts and searches with paging. null = no such call. */
export function readList(cabinet: Cabinet, path: string, query: URLSearchParams): Answer | null {
  switch (path) {
    case "/info/invoice/list/":
      return invoices(cabinet, query, (found) => paged(found, query).map(invoiceWire));
    case "/info/invoice/listcount/":
      return invoices(cabinet, query, counts);
    case "/info/invoice/search/": {
      const text = (query.get("query") ?? "").toLowerCase();
      if (text === "") return { json: [] };
      return { json: paged(allInvoices(cabinet).filter((i) => matches(i, text)), query).map(invoiceWire) };
    }
    case "/info/payments/bydate/":
      return payments(cabinet, query, "start", "end", (found) => paged(found, query).map((p) => paymentWire(p, false)));
    case "/info/payments/bydatecount/":
      return payments(cabinet, query, "start", "end", counts);
    case "/info/payments/search/": {
      const text = (query.get("query") ?? "").toLowerCase();
      if (text === "") return { json: [] };
      return payments(cabinet, query, "beg_date", "end_date", (found) =>
        paged(found.filter((p) => matches(p, text)), query).map((p) => paymentWire(p, false)),
      );
    }
    default:
      return null;
  }
}

function allInvoices(cabinet: Cabinet): Invoice[] {
  return Object.keys(cabinet.state.invoices)
    .map((id) => cabinet.invoice(id))
    .filter((i): i is Invoice => i !== null)
    .filter((i) => i.status !== "revoked" || cabinet.state.settings.revokedInvoice === "revoked")
    .sort((a, b) => a.createdAt - b.createdAt);
}

function invoices(cabinet: Cabinet, query: URLSearchParams, shape: (found: Invoice[]) => unknown): Answer {
  const span = period(query, "start_date", "end_date");
  if (!span) return { json: fail("Некорректный период.") };
  const wanted = query.getAll("status[]");
  const found = allInvoices(cabinet).filter(
    (i) => i.createdAt >= span.from && i.createdAt < span.to && (wanted.length === 0 || wanted.includes(i.status)),
  );
  return { json: shape(found) };
}

function payments(cabinet: Cabinet, query: URLSearchParams, start: string, end: string, shape: (found: Payment[]) => unknown): Answer {
  const span = period(query, start, end);
  if (!span) return { json: fail("Некорректный период.") };
  const statuses = query.getAll("status[]");
  const systems = query.getAll("payment_system_id[]");
  const found = Object.values(cabinet.state.payments)
    .filter((p) => {
      const at = p.obtainedAt ?? p.pendingAt;
      return at >= span.from && at < span.to && (statuses.length === 0 || statuses.includes(p.status)) && (systems.length === 0 || systems.includes(p.psId));
    })
    .sort((a, b) => a.pendingAt - b.pendingAt || Number(a.id) - Number(b.id));
  return { json: shape(found) };
}

/** Both ends are Moscow dates; the last day is inside. */
function period(query: URLSearchParams, start: string, end: string): { from: number; to: number } | null {
  const a = query.get(start);
  const b = query.get(end);
  const from = a ? fromMoscow(a) : 0;
  const to = b ? fromMoscow(b) : Number.MAX_SAFE_INTEGER - DAY_MS;
  return from === null || to === null ? null : { from, to: to + DAY_MS };
}

function paged<T>(all: T[], query: URLSearchParams): T[] {
  const from = natural(query.get("from"), 0);
  const limit = Math.min(natural(query.get("limit"), 100), PAGE_MAX);
  return all.slice(from, from + limit);
}

function natural(text: string | null, otherwise: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}

function counts(found: { status: string }[]): Record<string, string> {
  const by: Record<string, number> = {};
  for (const one of found) by[one.status] = (by[one.status] ?? 0) + 1;
  return Object.fromEntries(Object.entries(by).map(([status, n]) => [status, String(n)]));
}

function matches(one: { orderid: string; clientid: string; email: string; id: string }, text: string): boolean {
  return [one.orderid, one.clientid, one.email, one.id].some((field) => field.toLowerCase().includes(text));
}
