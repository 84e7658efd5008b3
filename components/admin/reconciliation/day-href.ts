import type { DayColumn } from "@/lib/reconciliation/index.ts";
import { dayColumns } from "@/lib/reconciliation/day-columns.ts";
import { discrepancyClasses } from "@/lib/reconciliation/states.ts";
import type { DiscrepancyClass } from "@/lib/reconciliation/states.ts";

export const dayTabs = ["open", "expected", "closed"] as const;
export type DayTab = (typeof dayTabs)[number];

/** What the address of a day holds. `bank`: an acquirer's id, or "none" for what stands outside of banks; `opened`: the discrepancy that is unfolded. */
export type DayView = { tab?: DayTab | null; bank?: string | null; column?: DayColumn | null; class?: DiscrepancyClass | null; page?: number; opened?: string | null };

export function dayHref(day: string, view: DayView): string {
  const query = new URLSearchParams();
  if (view.tab) query.set("tab", view.tab);
  if (view.bank) query.set("bank", view.bank);
  if (view.column) query.set("column", view.column);
  if (view.class) query.set("class", view.class);
  if (view.page) query.set("page", String(view.page));
  if (view.opened) query.set("opened", view.opened);
  const text = query.toString();
  return `/admin/reconciliation/${day}${text && `?${text}`}#${view.opened ? `d-${view.opened}` : "differences"}`;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads it back; what is not known is left out. */
export function parseDayView(one: (name: string) => string | null): DayView {
  const [tab, bank, column, name, page, opened] = ["tab", "bank", "column", "class", "page", "opened"].map(one);
  return {
    tab: dayTabs.find((each) => each === tab) ?? null,
    bank: bank === "none" || (bank && UUID.test(bank)) ? bank : null,
    column: dayColumns.find((each) => each === column) ?? null,
    class: name && Object.hasOwn(discrepancyClasses, name) ? (name as DiscrepancyClass) : null,
    page: page && /^\d{1,4}$/.test(page) ? Number(page) : 0,
    opened: opened && UUID.test(opened) ? opened : null,
  };
}
