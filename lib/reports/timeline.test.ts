import { expect, test } from "vitest";
import { orderEventKinds } from "@/lib/orders/record-event.ts";
import { attachRaw, byDay, isInFeed } from "./timeline.ts";
import type { RawExchange, TimelineLine } from "./timeline.ts";
import { actorName, sentenceOf } from "./timeline-sentences.ts";
import type { TimelineEvent } from "./timeline-sentences.ts";

const event = (given: Partial<TimelineEvent>): TimelineEvent => ({ eventId: "e", at: new Date("2026-11-21T11:05:27Z"), kind: "money.captured", actor: "system", amountKopecks: null, subjectId: null, detail: {}, ...given });
const plain = (text: string | null) => text?.replace(/[\u00A0\u202F]/g, " ") ?? null;

test("A3: every kind of event has a Russian sentence, with and without details", () => {
  for (const kind of orderEventKinds) {
    for (const given of [event({ kind }), event({ kind, amountKopecks: 663_100n, detail: { method: "card", provider: "paykeeper", declineClass: "no_money", reason: "причина", fdNumber: "10452", number: "77", state: "expired", from: "active", to: "cancelled" } })]) {
      const { title } = sentenceOf(given);
      expect(title, kind).toMatch(/[а-яё]/i);
      expect(title, kind).not.toMatch(/[a-z]{3,}|undefined|null|\s{2,}|\s$/i);
    }
  }
});

test("A3: money, receipt, decline and 1C in words", () => {
  const captured = sentenceOf(event({ amountKopecks: 1_234_560n, detail: { method: "sbp", provider: "paykeeper", providerPaymentId: "8812764" } }));
  expect(plain(captured.title)).toBe("Оплачено через СБП 12 345,60 ₽");
  expect(captured.note).toBe("PayKeeper · платёж 8812764");
  expect(plain(sentenceOf(event({ kind: "receipt.registered", detail: { fdNumber: "10452" } })).title)).toBe("Чек пробит, ФД 10452");
  expect(sentenceOf(event({ kind: "attempt.declined", detail: { method: "card", declineClass: "no_money" } })).title).toBe("Карта: не хватило денег");
  expect(sentenceOf(event({ kind: "receipt.failed", detail: { nextAt: "2026-11-21T11:10:00Z", reason: "Очередь кассы заполнена" } })).title).toBe("Касса не приняла чек, повторим");
  expect(sentenceOf(event({ kind: "receipt.failed", detail: { reason: "Неверный e-mail" } })).title).toBe("Чек не пробит, нужно решение");
});

test("A3: what 1C changed is told with both sums and both states", () => {
  const revised = sentenceOf(event({ kind: "order.revised", amountKopecks: 598_550n, detail: { oldTotalKopecks: "663100", newTotalKopecks: "598550", revisionNo: 2 } }));
  expect(plain(revised.title)).toBe("1С изменила заказ: было 6 631,00 ₽, стало 5 985,50 ₽");
  const moved = (detail: Record<string, unknown>) => sentenceOf(event({ kind: "order.status_changed", detail })).title;
  expect(moved({ from: "active", to: "cancelled", posted: true, wasPosted: true })).toBe("1С отменила заказ");
  expect(moved({ from: "cancelled", to: "active", posted: true, wasPosted: true })).toBe("1С вернула заказ в работу");
  expect(moved({ from: "active", to: "shipped", posted: true, wasPosted: true })).toBe("1С: заказ отгружен");
  expect(moved({ from: "active", to: "active", posted: false, wasPosted: true })).toBe("1С отменила проведение заказа");
  expect(moved({ from: "active", to: "active", posted: true, wasPosted: false })).toBe("1С провела заказ");
});

test("A3: people and the buyer are named, our own steps are not", () => {
  const names = new Map([["u1", "Ирина Белова"]]);
  expect([actorName("staff:u1", names), actorName("staff:gone", names), actorName("buyer", names), actorName("system", names), actorName("onec:1", names)]).toEqual(["Ирина Белова", "Сотрудник", "Покупатель", null, null]);
});

const raw = (given: Partial<RawExchange>): RawExchange => ({ exchangeId: "x", at: new Date("2026-11-21T11:05:26Z"), title: "acquirer.open", request: "", answer: null, outcome: "done", durationMs: 1, subjectId: "a", ...given });

test("A3: a raw exchange stands under the first event that came of it, else apart", () => {
  const events = [event({ eventId: "later", subjectId: "a", at: new Date("2026-11-21T11:06:00Z") }), event({ eventId: "first", subjectId: "a" }), event({ eventId: "other", subjectId: "b", at: new Date("2026-11-21T11:05:20Z") })];
  const of = (given: Partial<RawExchange>) => [...attachRaw(events, [raw(given)]).attached.keys()];
  expect(of({})).toEqual(["first"]);
  expect(of({ subjectId: "c" })).toEqual([]);
  expect(of({ at: new Date("2026-11-21T11:05:40Z") })).toEqual(["later"]);
  expect(of({ at: new Date("2026-11-21T10:00:00Z") })).toEqual([]);
  expect(attachRaw(events, [raw({ subjectId: "c" })]).rest).toHaveLength(1);
  // A notification names no row of ours: it belongs to the money it brought.
  expect(of({ subjectId: null, title: "notification" })).toEqual(["first"]);
});

test("A3: lines are grouped by the shop's clock: today, yesterday, seven days, before", () => {
  const line = (at: string) => ({ eventId: at, at: new Date(at) }) as TimelineLine;
  const groups = (...at: string[]) => byDay(at.map(line), new Date("2026-11-21T09:00:00Z"), "Europe/Moscow").map((day) => [plain(day.title), day.isOld, day.lines.length]);
  expect(groups("2026-11-20T21:30:00Z", "2026-11-20T20:30:00Z", "2026-11-19T20:30:00Z", "2026-11-15T09:00:00Z", "2026-11-14T20:59:00Z", "2026-10-01T09:00:00Z")).toEqual([
    ["Сегодня", false, 1], ["Вчера", false, 1], ["7 дней", true, 2], ["Раньше", true, 2],
  ]);
});

test("A3: a thread of the story holds its own kinds, and every kind of money is in «Деньги»", () => {
  const of = (feed: "money" | "receipts" | "onec") => orderEventKinds.filter((kind) => isInFeed(feed, kind));
  expect(of("money")).toEqual(expect.arrayContaining(["money.captured", "money.returned", "refund.unknown", "hold.requested", "dispute.opened", "registry.seen", "settlement.credited"]));
  expect(of("receipts").every((kind) => kind.startsWith("receipt."))).toBe(true);
  expect(of("onec")).toEqual(expect.arrayContaining(["order.revised", "order.shipped", "export.confirmed"]));
  expect(of("money").filter((kind) => of("receipts").includes(kind) || of("onec").includes(kind))).toEqual([]);
  expect(orderEventKinds.every((kind) => isInFeed("all", kind))).toBe(true);
});
