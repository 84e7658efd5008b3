/** The modules of onec-kit, run by its interpreter, against our JSON exchange over real HTTP. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openInterpreter } from "@/onec-kit/check/interpret.ts";
import { kitModules } from "@/onec-kit/check/kit-files.ts";
import { createBase } from "@/onec-kit/check/platform.ts";
import type { Base } from "@/onec-kit/check/platform.ts";
import { fromJson, Obj } from "@/onec-kit/check/things.ts";
import type { Structure } from "@/onec-kit/check/things.ts";
import { jsonDoor } from "@/lib/onec/json/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { openDoor } from "@/lib/testing/open-door.ts";
import type { OpenDoor } from "@/lib/testing/open-door.ts";

let t: TestContext;
let shop: TestShop;
let door: OpenDoor;
let bankId: string;
let base: Base;
const booked: string[] = [];
let closed: string | null = null;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t, { login: "exchange", onecSettings: { doors: ["json"] } });
  bankId = (await anAcquirer(t, { sellerOrgId: shop.sellerOrgId })).connectionId;
  door = await openDoor((request) => jsonDoor(t.ctx, request));
  base = createBase({ КопейкаАдресСайта: door.url, КопейкаПользователь: "exchange", КопейкаКурсор: "0" }, {
    СекретыОбмена: () => new Obj("Структура", { Пароль: "secret", СекретПодписи: "" }),
    ВидОбъектаОбмена: () => "Заказ",
    ТолькоВручную: () => false,
    ОписаниеОбъекта: (link) => fromJson({
      number: (link as Obj).get("Номер"), date: "2026-11-21T11:00:00", currency: "RUB", vatIncluded: true, amount: (link as Obj).get("Сумма"), state: { posted: true, deleted: false, cancelled: false },
      customer: { id: null, type: "person", name: "Розничный покупатель", inn: "", kpp: "", address: "", email: "", phone: "" },
      items: [{ line: 1, name: "Краска", quantity: 1, price: 1220, amount: 1220, vatRate: "22", vatAmount: 220, subject: "commodity" }],
    }),
    ОбработатьСобытие: (event) => {
      if (closed !== null) throw new Error(closed);
      booked.push(String((event as Structure).get("key")));
      return new Obj("Документ", { Номер: `УТ00-00000${booked.length}` });
    },
  });
});
afterAll(async () => {
  await door.close();
  await t.close();
});

const kit = () => openInterpreter(kitModules().filter(({ name }) => !["КопейкаПереопределяемый", "КопейкаОписания", "КопейкаПокупатели", "КопейкаУчет", "КопейкаЗаказыСайта", "ФормаЗаказа", "КопейкаПечать"].includes(name)), base.platform);
const anOrder = (number: string, amount = 1220) => {
  const id = newId();
  return new Obj("ДокументСсылка", { Ид: id, Номер: number, Сумма: amount }, { УникальныйИдентификатор: () => id });
};
const save = (link: Obj) => kit().run("КопейкаОчередь", "ПриЗаписиОбъекта", new Obj("ДокументОбъект", { Ссылка: link, ОбменДанными: new Obj("ПараметрыОбмена", { Загрузка: false }) }), false);
const job = () => kit().run("КопейкаОтправка", "Обмен");
const exports = async () => [...(await t.ctx.database.sql<{ state: string; number: string | null; reason: string | null }[]>`select state, onec_document_number as number, rejected_reason as reason from export_messages order by created_at`)];

test("the kit connects, sends an order, keeps its pay link, and shows a refusal with its reason", async () => {
  expect(((await kit().run("КопейкаСоединение", "ПроверитьСоединение")) as Structure).get("Успешно")).toBe(true);
  const [good, bad] = [anOrder("УТ00-000841"), anOrder("УТ00-000842", 100)];
  await save(good);
  await save(bad);
  await job();
  expect(await kit().run("КопейкаОчередь", "СсылкаНаОплату", good)).toMatch(/^https:\/\/pay\.test\/pay\//);
  const rows = [...base.registers["КопейкаОчередь"]!.values()];
  expect(rows.map((row) => [row["Ждет"], String(row["ОтветСайта"]).split(":")[0]])).toEqual([[false, "created"], [false, "отвергнут сайтом"]]);
  expect(base.journal.filter((line) => line.startsWith("Ошибка"))).toHaveLength(1);
  const orders = await t.ctx.database.sql`select number, total_kopecks from orders where onec_connection_id = ${shop.onecId}`;
  expect([...orders]).toEqual([{ number: "УТ00-000841", totalKopecks: 122_000n }]);
});

test("a payment is booked once and «Учтено в 1С»; while the period is closed the site shows why, and takes the number afterwards", async () => {
  const [order] = await t.ctx.database.sql<{ id: string }[]>`select id from orders where number = 'УТ00-000841'`;
  await cardMoney(t, order!.id, 22_000n, bankId);
  closed = "Период закрыт";
  await job();
  expect(await exports()).toEqual([{ state: "rejected", number: null, reason: "Период закрыт" }]);
  closed = null;
  await cardMoney(t, order!.id, 100_000n, bankId);
  await job();
  await job();
  expect(booked).toHaveLength(2);
  expect(await exports()).toEqual([{ state: "confirmed", number: "УТ00-000001", reason: null }, { state: "confirmed", number: "УТ00-000002", reason: null }]);
});

test("a reason longer than the site keeps holds nothing up; the cursor that push has moved on is taken over, and what was refused before is told of", async () => {
  const order = anOrder("УТ00-000843");
  await save(order);
  await job();
  const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from orders where number = 'УТ00-000843'`;
  const before = (await exports()).length;
  closed = `Не удалось провести: ${"остаток меньше; ".repeat(60)}`;
  await cardMoney(t, row!.id, 22_000n, bankId);
  await job();
  expect((await exports()).slice(before)).toEqual([{ state: "rejected", number: null, reason: closed.slice(0, 500).trim() }]);
  // The HTTP-сервис took the next one: the site's cursor goes on without the job's.
  const client = jsonClient(t, "exchange");
  await cardMoney(t, row!.id, 100_000n, bankId);
  const { cursor } = (await client.get<{ cursor: string }>("/changes")).json;
  await client.post("/changes/ack", { cursor });
  closed = null;
  await job();
  // The other one was said to be taken, without its number.
  expect((await exports()).slice(before)).toEqual(expect.arrayContaining([{ state: "confirmed", number: expect.stringMatching(/^УТ00-/) as string, reason: null }, { state: "confirmed", number: null, reason: null }]));
  expect(base.constants["КопейкаКурсор"]).toBe(cursor);
});
