/** What the list of payments may be asked for, as it stands in the address (A4, LIST of ux.md 9). Pure. */
import { z } from "zod";
import { MoneyFormatError, parseRubles } from "@/lib/kit/money.ts";
import { payMethods } from "@/lib/ledger/kinds.ts";

export const paymentTabs = ["succeeded", "working", "unknown", "declined", "refunds", "unbound", "disputes"] as const;
export type PaymentTab = (typeof paymentTabs)[number];
export const paymentTabLabels: Record<PaymentTab, string> = { succeeded: "Успешные", working: "В работе", unknown: "Неизвестные", declined: "Отклонённые", refunds: "Возвраты", unbound: "Без заказа", disputes: "Споры" };
/** Tabs that are rows of one list; the others are queues of decisions. */
export const listTabs = ["succeeded", "working", "unknown", "declined", "refunds"] as const satisfies readonly PaymentTab[];
export type ListTab = (typeof listTabs)[number];
export const isListTab = (tab: PaymentTab): tab is ListTab => (listTabs as readonly PaymentTab[]).includes(tab);

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/).refine((text) => !Number.isNaN(Date.parse(`${text}T00:00:00Z`)));

/** A sum as people type it; what is no sum is dropped like every other senseless key. */
const sum = z.string().max(30).refine((text) => {
  try {
    return parseRubles(text) >= 0n;
  } catch (error) {
    if (error instanceof MoneyFormatError) return false;
    throw error;
  }
});

const Filter = z.object({
  tab: z.enum(paymentTabs).catch("succeeded"),
  method: z.enum(payMethods).nullable().catch(null),
  provider: z.string().regex(/^[a-z_]{1,30}$/).nullable().catch(null),
  from: day.nullable().catch(null),
  to: day.nullable().catch(null),
  min: sum.nullable().catch(null),
  max: sum.nullable().catch(null),
  text: z.string().trim().min(1).max(100).nullable().catch(null),
  cursor: z.string().regex(/^\d{4}-\d{2}-\d{2}T[\d:.]{8,15}Z_[0-9a-f-]{36}$/).nullable().catch(null),
  open: z.string().regex(/^[afr]-[0-9a-f-]{36}$/).nullable().catch(null),
});
export type PaymentFilter = z.infer<typeof Filter>;

type Given = Record<string, string | string[] | undefined>;
const one = (value: string | string[] | undefined): string | null => (Array.isArray(value) ? value[0] : value) || null;

export function parsePaymentFilter(given: Given): PaymentFilter {
  return Filter.parse({
    tab: one(given["tab"]), method: one(given["method"]), provider: one(given["provider"]), from: one(given["from"]), to: one(given["to"]), min: one(given["min"]), max: one(given["max"]), text: one(given["q"]),
    cursor: one(given["after"]), open: one(given["open"]),
  });
}

/** The address of the same list with something else in it; a change of the question goes back to the first page and closes the opened row. */
export function paymentFilterQuery(filter: PaymentFilter, change: Partial<PaymentFilter> = {}): string {
  const next = { ...filter, cursor: null, open: null, ...change };
  const query = new URLSearchParams();
  if (next.tab !== "succeeded") query.set("tab", next.tab);
  for (const key of ["method", "provider", "from", "to", "min", "max"] as const) if (next[key]) query.set(key, next[key]);
  if (next.text) query.set("q", next.text);
  if (next.cursor) query.set("after", next.cursor);
  if (next.open) query.set("open", next.open);
  const text = query.toString();
  return text ? `?${text}` : "?";
}

export const isNarrowed = (filter: PaymentFilter): boolean => Boolean(filter.method ?? filter.provider ?? filter.from ?? filter.to ?? filter.min ?? filter.max ?? filter.text);
