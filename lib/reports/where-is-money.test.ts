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
  order, facts: [capture], receipts: [{ state: "registered", nextTryAt: null }], exports: [{ state: "delivered", byHand: null }], attempts: [], refunds: [], disputes: [], holds: [], awaitsRevision: false, bank: { isInRegistry: false, creditedOn: null }, hasInvoice: false, linkValidUntil: null, now, zone: "Europe/Moscow",
};
const unpaid: MoneyStory = { ...story, order: { ...order, paymentStatus: "not_paid", capturedKopecks: 0n }, facts: [], receipts: [], exports: [] };
const told = (given: MoneyStory) => plain(whereIsMoney(given).text);

test("A3: paid, printed, taken by 1C: one sentence says all of it", () => {
  expect(whereIsMoney(story).tone).toBe("info");
  expect(told(story)).toBe("6 631,00 ₽ приняты PayKeeper сегодня в 14:05 картой, чек пробит, передано в 1С, ждём учёта");
  expect(whereIsMoney({ ...story, exports: [{ state: "confirmed", byHand: null }] })).toMatchObject({ tone: "success" });
  expect(told({ ...story, exports: [{ state: "confirmed", byHand: null }] })).toMatch(/чек пробит, в 1С учтено$/);
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
  expect(tone({ exports: [{ state: "confirmed", byHand: null }, { state: "rejected", byHand: null }] })).toBe("danger");
  expect(tone({ exports: [{ state: "confirmed", byHand: null }, { state: "pending", byHand: "part" }] })).toBe("danger");
  expect(told({ ...story, exports: [{ state: "delivered", byHand: null }, { state: "pending", byHand: "refund" }] })).toContain("1С этого не примет: нужно провести вручную");
  expect(told({ ...story, receipts: [{ state: "failed_retryable", nextTryAt: at("2026-11-21T12:10:00Z") }] })).toContain("чек не пробит, повтор в 15:10");
});

test("A3: part, surplus, money of a cancelled order, money given back", () => {
  expect(told({ ...story, order: { ...order, capturedKopecks: 200_000n, paymentStatus: "partially_paid" } })).toMatch(/^2 000,00 ₽ .*осталось 4 631,00 ₽$/);
  expect(told({ ...story, order: { ...order, capturedKopecks: 1_326_200n } })).toContain("лишние 6 631,00 ₽ нужно вернуть");
  expect(told({ ...story, order: { ...order, lifecycle: "cancelled" } })).toContain("заказ отменён, деньги нужно вернуть");
  expect(told({ ...story, order: { ...order, lifecycle: "cancelled", refundedKopecks: 663_100n } })).toBe("6 631,00 ₽ были приняты и возвращены покупателю полностью");
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

const refund = (state: MoneyStory["refunds"][number]["state"], given: Partial<MoneyStory["refunds"][number]> = {}): MoneyStory["refunds"][number] => ({ state, method: "instrument", amountKopecks: 120_000n, ...given });
const money = (given: Partial<MoneyStory["order"]>): MoneyStory => ({ ...story, exports: [{ state: "confirmed", byHand: null }], order: { ...order, ...given } });

test("A3, 2.5: a refund under way is told by its state, and an unknown one stays unknown", () => {
  const said = (...refunds: MoneyStory["refunds"]) => ({ ...whereIsMoney({ ...money({}), refunds }), text: told({ ...money({}), refunds }) });
  expect(said(refund("requested"))).toMatchObject({ tone: "warning", text: expect.stringMatching(/, возврат 1 200,00 ₽ ждёт одобрения$/) });
  expect(said(refund("approved")).text).toMatch(/возврат 1 200,00 ₽ отправляется в банк$/);
  expect(said(refund("approved", { method: "bank_transfer" })).text).toMatch(/одобрен, ждёт выплаты бухгалтером$/);
  expect(said(refund("submitting"), refund("approved", { amountKopecks: 100n })).text).toMatch(/возврат 1 201,00 ₽ отправляется/);
  expect(said(refund("pending"))).toMatchObject({ tone: "info", text: expect.stringMatching(/выполняет банк$/) });
  expect(said(refund("unknown"))).toMatchObject({ tone: "warning", text: expect.stringMatching(/результат возврата 1 200,00 ₽ неизвестен, спрашиваем банк$/) });
  expect(said(refund("failed"))).toMatchObject({ tone: "danger", text: expect.stringMatching(/не исполнен, деньги у нас$/) });
  expect(said(refund("succeeded"), refund("failed")).text).not.toContain("не исполнен");
  expect(said(refund("rejected")).text).not.toContain("возврат");
});

test("A3, PAY-06: a part went back; while 1C owes the new sum, the rest is not asked for", () => {
  const part = money({ refundedKopecks: 64_550n, paymentStatus: "partially_paid" });
  expect(told(part)).toMatch(/возвращено 645,50 ₽, осталось 645,50 ₽$/);
  expect(told({ ...part, awaitsRevision: true })).toMatch(/возвращено 645,50 ₽, ждём новую сумму из 1С$/);
  expect(told({ ...money({ refundedKopecks: 663_100n }), awaitsRevision: true })).toBe("6 631,00 ₽ были приняты и возвращены покупателю полностью, ждём новую сумму из 1С");
});

test("A3, LOST-09: a surplus that is on its way back is not asked for twice", () => {
  const over = money({ capturedKopecks: 763_100n, paymentStatus: "overpaid" });
  expect(told(over)).toContain("лишние 1 000,00 ₽ нужно вернуть");
  expect(told({ ...over, refunds: [refund("pending", { amountKopecks: 40_000n })] })).toContain("лишние 600,00 ₽ нужно вернуть");
  expect(told({ ...over, refunds: [refund("requested", { amountKopecks: 100_000n })] })).not.toContain("нужно вернуть");
});

test("A3, LOST-14: disputed money is gone until the dispute is over", () => {
  const taken = money({ chargedBackKopecks: 663_100n, paymentStatus: "not_paid" });
  const open = { ...taken, disputes: [{ state: "opened" as const, amountKopecks: 663_100n, deadlineOn: "2026-12-01" }] };
  expect(whereIsMoney(open).tone).toBe("danger");
  expect(told(open)).toContain("6 631,00 ₽ списаны по спору, он ещё идёт, ответить до 01.12.2026");
  expect(told({ ...taken, disputes: [{ state: "under_review", amountKopecks: 663_100n, deadlineOn: "2026-12-01" }] })).not.toContain("ответить до");
  expect(told({ ...taken, disputes: [{ state: "lost", amountKopecks: 663_100n, deadlineOn: null }] })).toContain("списаны банком по спору, осталось 6 631,00 ₽");
});

test("A3, LOST-13: reversed money never came, and the order owes again", () => {
  expect(told(money({ reversedKopecks: 663_100n, paymentStatus: "not_paid" }))).toMatch(/6 631,00 ₽ отменены: деньги не поступили, осталось 6 631,00 ₽$/);
});

test("A3, LOST-31: held money says what is being done with it", () => {
  const attempts = [{ state: "authorized", amountKopecks: 663_100n, providerName: "PayKeeper" }];
  const held = (asked: "capture" | "void" | null) => told({ ...unpaid, attempts, holds: [{ heldKopecks: 663_100n, asked }] });
  expect(held(null)).toContain("заблокированы на карте, PayKeeper ещё не списал их");
  expect(held("capture")).toBe("6 631,00 ₽ заблокированы на карте, списываем");
  expect(held("void")).toBe("снимаем блокировку 6 631,00 ₽");
});

test("A3, REC-06: the bank's papers are the last step: the registry, then the account", () => {
  expect(told({ ...money({}), bank: { isInRegistry: true, creditedOn: null } })).toMatch(/в 1С учтено, есть в реестре банка$/);
  expect(told({ ...money({}), bank: { isInRegistry: true, creditedOn: "2026-11-23" } })).toMatch(/зачислено на счёт 23\.11\.2026$/);
});
