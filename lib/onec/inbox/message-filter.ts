/** What the journal of messages shows, as it stands in the address (A9). Pure. */
import { messageDirections, messageKinds, messageResults } from "@/lib/onec-messages/states.ts";
import type { MessageDirection, MessageKind, MessageResult } from "@/lib/onec-messages/states.ts";

export const messageTabs = ["all", "errors", "conflicts", "waiting"] as const;
export type MessageTab = (typeof messageTabs)[number];
export const messageTabLabels: Record<MessageTab, string> = { all: "Все", errors: "Ошибки", conflicts: "Конфликты", waiting: "Ждут 1С" };

export type MessageFilter = {
  tab: MessageTab; baseId: string | null; direction: MessageDirection | null; kind: MessageKind | null; result: MessageResult | null; from: string | null; to: string | null; text: string | null; orderId: string | null; cursor: string | null;
  /** `documents`: the words are looked for in the documents themselves too. */
  where: "documents" | null;
  /** Of the tab of conflicts: those that are decided instead of the open ones. */
  decided: "yes" | null;
};

type Params = Record<string, string | string[] | undefined>;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function parseMessageFilter(params: Params): MessageFilter {
  const one = (name: string) => { const value = params[name]; return (Array.isArray(value) ? value[0] : value)?.trim() || null; };
  const known = <T extends string>(name: string, values: readonly T[]): T | null => values.find((value) => value === one(name)) ?? null;
  const id = (name: string) => { const value = one(name); return value && UUID.test(value) ? value : null; };
  const day = (name: string) => { const value = one(name); return value && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : null; };
  return {
    tab: known("tab", messageTabs) ?? "all", baseId: id("base"), direction: known("direction", messageDirections), kind: known("kind", messageKinds), result: known("result", messageResults),
    from: day("from"), to: day("to"), text: one("q")?.slice(0, 100) ?? null, orderId: id("order"), cursor: one("after"), where: known("in", ["documents"]), decided: known("decided", ["yes"]),
  };
}

const names = { tab: "tab", baseId: "base", direction: "direction", kind: "kind", result: "result", from: "from", to: "to", text: "q", orderId: "order", cursor: "after", where: "in", decided: "decided" } as const;

/** The address of the list with some of it changed; the place in the list is forgotten unless it is given. */
export function messageQuery(filter: MessageFilter, change: Partial<MessageFilter> = {}): string {
  const next = { ...filter, cursor: null, ...change };
  const query = new URLSearchParams();
  for (const [key, name] of Object.entries(names) as [keyof typeof names, string][]) {
    const value = next[key];
    if (value !== null && !(key === "tab" && value === "all")) query.set(name, value);
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

/** What «Сбросить» takes away. */
export const noNarrowing = { baseId: null, direction: null, kind: null, result: null, from: null, to: null, text: null, orderId: null, where: null } as const satisfies Partial<MessageFilter>;

export const isNarrowed = (filter: MessageFilter): boolean => [filter.baseId, filter.direction, filter.kind, filter.result, filter.from, filter.to, filter.text, filter.orderId].some((value) => value !== null);
