/** What the kit makes of objects of УТ: which of them go out, and what is said of an order that was born on the site. */
import { expect, test } from "vitest";
import { inspectKit } from "./inspect.ts";
import { openInterpreter } from "./interpret.ts";
import { kitModules } from "./kit-files.ts";
import { parseModule } from "./parse.ts";
import { createBase } from "./platform.ts";
import { fromJson, List, Obj, Structure, toJson } from "./things.ts";

const link = (type: string, fields: Record<string, unknown>) => {
  const id = "c0ffee12-c2d4-11f1-8f10-0050568b1a01";
  return new Obj(type, { Ид: id, ...fields }, { УникальныйИдентификатор: () => id });
};
const filled = (type: string, fields: Record<string, unknown> = {}) => link(type, { Код: "796", Наименование: "Краска", НаименованиеПолное: "Краска белая", Артикул: "К-1", ТипНоменклатуры: "Перечисление.Товар", ...fields });
const base = createBase({}, {});
const names = (name: string) => ({ get: (member: string) => ({ get: (value: string) => `${name}.${member}.${value}` }) });
Object.assign(base.platform.globals, { Перечисления: names("Перечисления") });
const modules = (...own: string[]) => kitModules().filter(({ name }) => own.includes(name));

test("2.2: a hand-over and a return go out posted; one that has gone out goes again when it is unposted or marked for deletion, or its receipt would go for goods that nobody handed over", async () => {
  const { КопейкаПереопределяемый: _stub, ...globals } = base.platform.globals;
  const kit = openInterpreter(modules("КопейкаПереопределяемый", "КопейкаОчередь"), { ...base.platform, globals });
  for (const [type, kind] of [["РеализацияТоваровУслуг", "Отгрузка"], ["ВозвратТоваровОтКлиента", "Возврат"]] as const) {
    const kindOf = (posted: boolean) => kit.run("КопейкаПереопределяемый", "ВидОбъектаОбмена", link(`ДокументСсылка.${type}`, { Проведен: posted }));
    base.registers["КопейкаОчередь"]!.clear();
    expect([await kindOf(false), await kindOf(true)]).toEqual(["", kind]);
    await kit.run("КопейкаОчередь", "Поставить", link(`ДокументСсылка.${type}`, { Проведен: true }), kind);
    expect(await kindOf(false)).toBe(kind);
  }
});

test("API-18: an unposted order of the site says its number alone: its buyer is paying, and an empty field would wipe what the site knows", async () => {
  let siteId = "019aa6c0-0b1e-7c11-8f10-2d4411f18f10";
  const globals = { ...base.platform.globals, КопейкаЗаказыСайта: new Obj("Модуль", {}, { ИдентификаторНаСайте: () => siteId }) };
  const kit = openInterpreter(modules("КопейкаОписания", "КопейкаПокупатели", "КопейкаЗначения"), { ...base.platform, globals });
  const goods = new Obj("Строка", { Отменено: false, Номенклатура: filled("Номенклатура", { ЕдиницаИзмерения: filled("Единица") }), Характеристика: undefined, Количество: 24, КоличествоУпаковок: 2, Цена: 1200, СуммаСНДС: 2400, СтавкаНДС: "22%", СуммаНДС: 432.79 });
  const order = (fields: Record<string, unknown>) => link("ДокументСсылка.ЗаказКлиента", { Номер: "УТ00-000841 ", Дата: "2026-11-21", Комментарий: "", Менеджер: "", Контрагент: undefined, Соглашение: undefined, Товары: new List([goods]), ПометкаУдаления: false, ...fields });
  const said = async (fields: Record<string, unknown>) => toJson(await kit.run("КопейкаОписания", "Заказ", order(fields)));
  expect(await said({ Проведен: false })).toEqual({ number: "УТ00-000841", siteId });
  expect(await said({ Проведен: false, ПометкаУдаления: true })).toMatchObject({ state: { deleted: true, posted: false } });
  const posted = (await said({ Проведен: true })) as Record<string, unknown>;
  expect(posted).not.toHaveProperty("customer");
  // Two packs of twelve at 1200: a piece is 100.
  expect(posted).toMatchObject({ siteId, amount: 2400, items: [{ quantity: 24, price: 100, amount: 2400, vatRate: "22" }], state: { posted: true } });
  siteId = "";
  const own = (await said({ Проведен: false })) as Record<string, unknown>;
  expect(own).toMatchObject({ state: { posted: false }, customer: { id: null, type: "person", name: "Розничный покупатель" } });
  expect(Object.keys(own["customer"] as object)).toEqual(["id", "type", "name"]);
});

test("FISC-51: goods that stand in two rows of a hand-over share their marking codes: each code goes once, each row has as many as pieces", async () => {
  const kit = openInterpreter(modules("КопейкаОписания"), base.platform);
  const paint = filled("Номенклатура", { ЕдиницаИзмерения: filled("Единица"), ОсобенностьУчета: "Духи" });
  const row = (quantity: number) => new Obj("Строка", { Номенклатура: paint, Характеристика: undefined, Количество: quantity, СуммаСНДС: 100, СтавкаНДС: "22%" });
  const codes = ["а", "б", "в"].map((code) => new Obj("Строка", { ШтрихкодУпаковки: new Obj("Штрихкод", { Номенклатура: paint, Характеристика: undefined, ЗначениеШтрихкода: code }) }));
  const shipment = link("ДокументСсылка.РеализацияТоваровУслуг", { Номер: "Р-1", Дата: "2026-11-21", ЗаказКлиента: link("ДокументСсылка.ЗаказКлиента", { Номер: "УТ-1" }), Проведен: true, ПометкаУдаления: false, Товары: new List([row(2), row(1)]), ШтрихкодыУпаковок: new List(codes) });
  const said = toJson(await kit.run("КопейкаОписания", "Отгрузка", shipment)) as { orderNumber: string; items: { markCodes: string[] }[] }[];
  expect(said.map(({ orderNumber, items }) => [orderNumber, items.map(({ markCodes }) => markCodes)])).toEqual([["УТ-1", [["а", "б"], ["в"]]]]);
  // A hand-over of several orders names them in its rows: one for each, under one id.
  const [one, two] = [link("ДокументСсылка.ЗаказКлиента", { Номер: "УТ-1" }), link("ДокументСсылка.ЗаказКлиента", { Номер: "УТ-2" })];
  const rowOf = (order: Obj | undefined) => new Obj("Строка", { Номенклатура: filled("Номенклатура", { ЕдиницаИзмерения: filled("Единица"), ОсобенностьУчета: undefined }), Характеристика: undefined, Количество: 1, СуммаСНДС: 100, СтавкаНДС: "22%", ЗаказКлиента: order });
  const several = (...rows: Obj[]) => link("ДокументСсылка.РеализацияТоваровУслуг", { Номер: "Р-2", Дата: "2026-11-21", ЗаказКлиента: undefined, Проведен: true, ПометкаУдаления: false, Товары: new List(rows), ШтрихкодыУпаковок: new List([]) });
  const parts = toJson(await kit.run("КопейкаОписания", "Отгрузка", several(rowOf(one), rowOf(two), rowOf(one)))) as { orderNumber: string; items: unknown[] }[];
  expect(parts.map(({ orderNumber, items }) => [orderNumber, items.length])).toEqual([["УТ-1", 2], ["УТ-2", 1]]);
  await expect(kit.run("КопейкаОписания", "Отгрузка", several(rowOf(one), rowOf(undefined)))).rejects.toThrow("не указан заказ клиента");
  await expect(kit.run("КопейкаОписания", "Отгрузка", several())).rejects.toThrow("нет товаров");
});

test("a document of several parts leaves the queue when the site has all of them", async () => {
  const shipment = link("ДокументСсылка.РеализацияТоваровУслуг", {});
  base.registers["КопейкаОчередь"]!.clear();
  let refused = 0;
  const globals = {
    ...base.platform.globals,
    КопейкаСоединение: new Obj("Модуль", {}, { Настройки: () => new Structure("ЗаказовВПакете", [100]), ЗаписатьВЖурнал: () => undefined, Вызвать: (_method, _path, pack) => fromJson({
      results: ((pack as Obj).get("shipments") as List).items.map((part, at) => ({ status: at === refused ? "rejected" : "created", code: at === refused ? "unknown_order" : "", msg: String((part as Obj).get("id")) })),
    }) }),
    КопейкаПереопределяемый: new Obj("Модуль", {}, { ОписаниеОбъекта: () => new List([new Structure(), new Structure()]) }),
  };
  const kit = openInterpreter(modules("КопейкаОтправка", "КопейкаОчередь"), { ...base.platform, globals });
  await kit.run("КопейкаОчередь", "Поставить", shipment, "Отгрузка");
  const waits = () => [...base.registers["КопейкаОчередь"]!.values()].map((row) => row["Ждет"]);
  for (refused of [0, 1]) {
    await kit.run("КопейкаОтправка", "ОтправитьОтгрузки");
    expect([refused, waits()]).toEqual([refused, [true]]);
  }
  refused = -1;
  await kit.run("КопейкаОтправка", "ОтправитьОтгрузки");
  expect(waits()).toEqual([false]);
});

test("long documents go in several packages: a package that the site finds too large would hold the queue up for ever", async () => {
  const queue = [1, 2, 3].map((n) => new Obj("Строка", { Объект: link("ДокументСсылка.ЗаказКлиента", { Ид: `c0ffee1${n}` }), Версия: n }));
  const sent: number[] = [];
  const stub = (methods: Record<string, (...args: unknown[]) => unknown>) => new Obj("Модуль", {}, methods);
  const globals = {
    ...base.platform.globals,
    КопейкаСоединение: stub({ Настройки: () => new Structure("ЗаказовВПакете", [3]), ЗаписатьВЖурнал: () => undefined, Вызвать: (_method, _path, pack) => {
      const orders = (pack as Obj).get("orders") as List;
      sent.push(orders.items.length);
      return fromJson({ results: orders.items.map(() => ({ status: "created", payUrl: "", code: "", msg: "" })) });
    } }),
    КопейкаОчередь: stub({ Ожидающие: () => new List([...queue]), Передано: () => void queue.shift() }),
    КопейкаПереопределяемый: stub({ ОписаниеОбъекта: () => fromJson({ items: Array.from({ length: 2_600 }, () => 1) }) }),
  };
  const kit = openInterpreter(modules("КопейкаОтправка"), { ...base.platform, globals });
  for (const _ of [1, 2]) await kit.run("КопейкаОтправка", "ОтправитьЗаказы");
  expect(sent).toEqual([2, 1]);
});

test("a local name that the platform has taken is no variable: 1C would refuse to write it", () => {
  const slips = parseModule("Мой", "Процедура А()\nДокументы = Новый Массив;\nДля Каждого Задачи Из Документы Цикл\nКонецЦикла;\nКонецПроцедуры\nПроцедура Б(Документы)\nДокументы = 1;\nКонецПроцедуры");
  expect(inspectKit([slips]).map((one) => one.split(": ")[1])).toEqual(["имя Документы занято платформой", "имя Задачи занято платформой"]);
});
