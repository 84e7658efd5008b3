import { expect, test } from "vitest";
import { orderBadge, shortName } from "./order-badge.ts";
import type { BadgeOrder } from "./order-badge.ts";
import { orderFilterQuery, parseOrderFilter } from "./order-filter.ts";
import { paymentStatuses } from "./states.ts";

const order: BadgeOrder = { paymentStatus: "not_paid", lifecycle: "active", dueDate: null, onecPaymentNumber: null };
const today = "2026-11-21";
const badge = (given: Partial<BadgeOrder>) => orderBadge({ ...order, ...given }, today);
const plain = (text: string) => text.replace(/\u00A0/g, " ");

test("ux 5: deferral, the last day, overdue from the day after (B2B-05)", () => {
  expect(plain(badge({ dueDate: "2026-12-21" }).label)).toBe("Отсрочка до 21.12.2026");
  expect(badge({ dueDate: "2026-11-21" }).tone).toBe("deferred");
  expect(badge({ dueDate: "2026-11-20" })).toMatchObject({ tone: "danger" });
  expect(plain(badge({ dueDate: "2026-11-16", paymentStatus: "partially_paid" }).label)).toBe("Просрочен на 5 дней");
  expect(badge({ dueDate: "2026-11-16", paymentStatus: "paid" }).label).toBe("Оплачен");
});

test("ux 5: money of a cancelled order is louder than its end", () => {
  expect(badge({ lifecycle: "cancelled" }).label).toBe("Отменён");
  expect(badge({ lifecycle: "cancelled", paymentStatus: "overpaid" })).toEqual({ tone: "warning", label: "Переплата" });
  expect(badge({ onecPaymentNumber: "77" }).label).toBe("Оплачен по данным 1С");
  for (const paymentStatus of paymentStatuses) expect(badge({ paymentStatus }).label).toMatch(/[а-яё]/);
});

test("names of people are shortened, firms and odd names are not", () => {
  expect([shortName("Иванов Иван Иванович"), shortName("Петров-Водкин Кузьма"), shortName("ООО «Вектор»"), shortName("ИП Кузнецова Ольга Игоревна"), shortName(" x ")].map(plain)).toEqual([
    "Иванов И. И.", "Петров-Водкин К.", "ООО «Вектор»", "ИП Кузнецова Ольга Игоревна", "x",
  ]);
});

test("A2: a filter survives its address, nonsense in it does not", () => {
  const filter = parseOrderFilter({ tab: "waiting", view: "overdue", method: "sbp", from: "2026-11-01", to: "2026-11-21", q: " 6 631,00 ", sort: "-sum", after: "abc" });
  expect(parseOrderFilter(Object.fromEntries(new URLSearchParams(orderFilterQuery(filter, { cursor: "abc" }))))).toEqual(filter);
  expect(orderFilterQuery(filter, { tab: "all" })).not.toContain("after");
  expect(parseOrderFilter({ tab: "x", view: "'; drop table", from: "2026-13-45", sort: ["sum", "date"], q: "x".repeat(500) })).toEqual({ tab: "all", view: null, method: null, from: null, to: null, text: null, sort: "sum", cursor: null });
});
