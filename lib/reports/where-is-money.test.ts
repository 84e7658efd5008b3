import { expect, test } from "vitest";
import { whereIsMoney } from "./where-is-money.ts";
import type { MoneyStory } from "./where-is-money.ts";

const now = new Date("2026-11-21T12:00:00Z");
const at = (text: string) => new Date(text);
const plain = (text: string) => text.replace(/[\u00A0\u202F]/g, " ");

const order: MoneyStory["order"] = {
  lifecycle: "active", paymentStatus: "paid", totalKopecks: 663_100n, capturedKopecks: 663_100n, reversedKopecks: 0n, refundedKopecks: 0n, chargedBackKopecks: 0n, goodsReturnedKopecks: 0n, dueDate: null, onecPaymentNumber: null, isPosted: true,
};
const capture: MoneyStory["facts"][number] = { kind: "payment_captured", method: "card", amountKopecks: 663_100n, occurredAt: at("2026-11-21T11:05:27Z"), providerName: "PayKeeper", documentNumber: null };
const story: MoneyStory = {
  order, facts: [capture], receipts: [{ state: "registered", nextTryAt: null }], exports: [{ state: "delivered" }], attempts: [], hasInvoice: false, linkValidUntil: null, now, zone: "Europe/Moscow",
};
const unpaid: MoneyStory = { ...story, order: { ...order, paymentStatus: "not_paid", capturedKopecks: 0n }, facts: [], receipts: [], exports: [] };
const told = (given: MoneyStory) => plain(whereIsMoney(given).text);

test("A3: paid, printed, taken by 1C: one sentence says all of it", () => {
  expect(whereIsMoney(story).tone).toBe("info");
  expect(told(story)).toBe("6 631,00 ₽ приняты PayKeeper сегодня в 14:05 картой, чек пробит, передано в 1С, ждём учёта");
  expect(whereIsMoney({ ...story, exports: [{ state: "confirmed" }] })).toMatchObject({ tone: "success" });
  expect(told({ ...story, exports: [{ state: "confirmed" }] })).toMatch(/чек пробит, в 1С учтено$/);
});

test("A3: days have names, other years their number, and midnight belongs to the shop's zone", () => {
  const on = (day: string) => told({ ...story, facts: [{ ...capture, occurredAt: at(day) }] });
  expect(on("2026-11-20T20:59:00Z")).toContain("вчера в 23:59");
  expect(on("2026-11-20T21:01:00Z")).toContain("сегодня в 00:01");
  expect(on("2026-11-05T09:00:00Z")).toContain("5 ноября в 12:00");
  expect(on("2025-11-05T09:00:00Z")).toContain("5 ноября 2025 г. в 12:00");
});

test("A3: a bank transfer has its document and its day, no minute", () => {
  const transfer = { ...capture, method: "bank_transfer" as const, providerName: "УТ", documentNumber: "1184" };
  expect(told({ ...story, facts: [transfer], receipts: [{ state: "not_required", nextTryAt: null }] })).toMatch(/^6 631,00 ₽ приняты по документу № 1184 сегодня переводом по счёту, чек не требуется/);
});

test("A3: the worst of receipts and messages decides the tone", () => {
  const tone = (given: Partial<MoneyStory>) => whereIsMoney({ ...story, ...given }).tone;
  expect(tone({ receipts: [{ state: "registered", nextTryAt: null }, { state: "failed_final", nextTryAt: null }] })).toBe("danger");
  expect(tone({ receipts: [{ state: "unknown", nextTryAt: null }] })).toBe("warning");
  expect(tone({ exports: [{ state: "confirmed" }, { state: "rejected" }] })).toBe("danger");
  expect(told({ ...story, receipts: [{ state: "failed_retryable", nextTryAt: at("2026-11-21T12:10:00Z") }] })).toContain("чек не пробит, повтор в 15:10");
});

test("A3: part, surplus, money of a cancelled order, money given back", () => {
  expect(told({ ...story, order: { ...order, capturedKopecks: 200_000n, paymentStatus: "partially_paid" } })).toMatch(/^2 000,00 ₽ .*осталось 4 631,00 ₽$/);
  expect(told({ ...story, order: { ...order, capturedKopecks: 1_326_200n } })).toContain("лишние 6 631,00 ₽ нужно вернуть");
  expect(told({ ...story, order: { ...order, lifecycle: "cancelled" } })).toContain("заказ отменён, деньги нужно вернуть");
  expect(told({ ...story, order: { ...order, refundedKopecks: 663_100n } })).toBe("6 631,00 ₽ были приняты и возвращены покупателю полностью");
  expect(told({ ...story, facts: [capture, capture] })).toContain("2 платежами");
});

test("A3: nothing came: why, and what is awaited", () => {
  expect(told({ ...unpaid, linkValidUntil: at("2026-11-24T15:00:00Z") })).toBe("Денег нет: ждём 6 631,00 ₽, ссылка действует до 24 ноября, 18:00");
  expect(told(unpaid)).toContain("действующей ссылки у покупателя нет");
  expect(told({ ...unpaid, hasInvoice: true })).toBe("Счёт выставлен, ждём поступления 6 631,00 ₽");
  expect(told({ ...unpaid, order: { ...unpaid.order, dueDate: "2026-12-21" } })).toBe("Ждём 6 631,00 ₽: отсрочка до 21.12.2026");
  expect(whereIsMoney({ ...unpaid, order: { ...unpaid.order, dueDate: "2026-11-16" } })).toMatchObject({ tone: "danger" });
  expect(told({ ...unpaid, order: { ...unpaid.order, dueDate: "2026-11-16" } })).toContain("просрочка 5 дней");
  expect(told({ ...unpaid, order: { ...unpaid.order, dueDate: "2026-11-21" } })).toContain("отсрочка до 21.11.2026");
  expect(told({ ...unpaid, order: { ...unpaid.order, lifecycle: "cancelled" } })).toBe("Денег не было: заказ отменён");
  expect(told({ ...unpaid, order: { ...unpaid.order, onecPaymentNumber: "77" } })).toContain("Оплачен по данным 1С, документ № 77");
  expect(told({ ...unpaid, order: { ...unpaid.order, isPosted: false } })).toContain("не проведён");
});

test("A3, LOST-19: an unknown outcome is said to be unknown", () => {
  const attempts = [{ state: "unknown", amountKopecks: 663_100n, providerName: "PayKeeper" }];
  expect(whereIsMoney({ ...unpaid, attempts })).toMatchObject({ tone: "warning" });
  expect(told({ ...unpaid, attempts })).toContain("неизвестен: спрашиваем PayKeeper");
});
