import { expect, test } from "vitest";
import { baseSettings } from "./base-settings.ts";

test("CML-30: an untouched base is УТ 11.5 with our own names of methods, the shop's clock and rules", () => {
  expect(baseSettings({ settings: { login: "1c" } })).toMatchObject({
    flavour: "ut", doors: ["commerceml"], moneyChannel: "commerceml", zone: null, createOrders: null, zeroRateMeans: null, siteOrders: "at_once", offeredMethods: ["card", "sbp"],
    methodNames: { card: { id: "card", name: "Банковская карта" }, sbp: { id: "sbp", name: "СБП" } },
  });
});

test("several bases: the table of methods and of states is read by name, what is not named stays ours", () => {
  const { methodNames, offeredMethods, statusMap } = baseSettings({
    settings: { methodNames: { card: { id: "12", name: "Эквайринг Сбербанк" }, sbp_b2b: { id: "sbpb" } }, statusMap: { " Выполнен ": "completed", "Отменён": "cancelled", "Новый": "no such state" } },
  });
  expect(methodNames).toMatchObject({ card: { id: "12", name: "Эквайринг Сбербанк" }, sbp: { id: "sbp", name: "СБП" }, sbp_b2b: { id: "sbpb", name: "СБП для бизнеса" } });
  expect(offeredMethods).toEqual(["card", "sbp", "sbp_b2b"]);
  expect([...statusMap]).toEqual([["выполнен", "completed"], ["отменен", "cancelled"]]);
});

test.each([
  ["a number for a table", { methodNames: 5, statusMap: [1], paymentStates: "x", zone: 7, createOrders: "yes", zeroRateMeans: "0", flavour: "bitrix", siteOrders: 1 }],
  ["null everywhere", { methodNames: null, statusMap: null, paymentStates: null, zone: null, createOrders: null, zeroRateMeans: null, flavour: null, siteOrders: null }],
  ["a zone that is none", { zone: "Moscow/Europe" }],
])("what cannot be read counts as not said: %s", (_what, settings) => {
  expect(baseSettings({ settings })).toEqual(baseSettings({ settings: {} }));
});
