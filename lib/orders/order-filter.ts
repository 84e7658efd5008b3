/** What the list of orders may be asked for, as it stands in the address (LIST of ux.md 9). Pure. */
import { z } from "zod";

export const orderTabs = ["all", "waiting", "partial", "paid", "overpaid", "cancelled"] as const;
export type OrderTab = (typeof orderTabs)[number];
export const orderTabLabels: Record<OrderTab, string> = {
  all: "Все",
  waiting: "Ждут оплаты",
  partial: "Частично",
  paid: "Оплачены",
  overpaid: "Переплата",
  cancelled: "Отменены",
};

/** Ready-made questions about what is stuck. */
export const orderViews = ["today", "no_receipt", "not_in_onec", "by_hand", "overdue"] as const;
export type OrderView = (typeof orderViews)[number];
export const orderViewLabels: Record<OrderView, string> = {
  today: "Ждут оплаты сегодня",
  no_receipt: "Оплачены без чека",
  not_in_onec: "Оплачены, нет в 1С",
  by_hand: "Провести в 1С вручную",
  overdue: "Просрочка",
};

export const orderMethods = ["card", "sbp", "bank_transfer"] as const;
export type OrderMethod = (typeof orderMethods)[number];
export const orderSorts = ["-date", "date", "-sum", "sum", "-due", "due"] as const;
export type OrderSort = (typeof orderSorts)[number];

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/).refine((text) => !Number.isNaN(Date.parse(`${text}T00:00:00Z`)));

/** A key that makes no sense is dropped: an old bookmark still opens the list. */
const Filter = z.object({
  tab: z.enum(orderTabs).catch("all"),
  view: z.enum(orderViews).nullable().catch(null),
  method: z.enum(orderMethods).nullable().catch(null),
  from: day.nullable().catch(null),
  to: day.nullable().catch(null),
  text: z.string().trim().min(1).max(100).nullable().catch(null),
  sort: z.enum(orderSorts).catch("-date"),
  cursor: z.string().max(200).nullable().catch(null),
});
export type OrderFilter = z.infer<typeof Filter>;

type Given = Record<string, string | string[] | undefined>;
const one = (value: string | string[] | undefined): string | null => (Array.isArray(value) ? value[0] : value) || null;

export function parseOrderFilter(given: Given): OrderFilter {
  return Filter.parse({
    tab: one(given["tab"]), view: one(given["view"]), method: one(given["method"]), from: one(given["from"]), to: one(given["to"]), text: one(given["q"]), sort: one(given["sort"]),
    cursor: one(given["after"]),
  });
}

/** The address of the same list with something else in it; a change of the question goes back to the first page. */
export function orderFilterQuery(filter: OrderFilter, change: Partial<OrderFilter> = {}): string {
  const next = { ...filter, cursor: null, ...change };
  const query = new URLSearchParams();
  if (next.tab !== "all") query.set("tab", next.tab);
  if (next.view) query.set("view", next.view);
  if (next.method) query.set("method", next.method);
  if (next.from) query.set("from", next.from);
  if (next.to) query.set("to", next.to);
  if (next.text) query.set("q", next.text);
  if (next.sort !== "-date") query.set("sort", next.sort);
  if (next.cursor) query.set("after", next.cursor);
  const text = query.toString();
  return text ? `?${text}` : "?";
}
