import { describe, expect, test } from "vitest";
import { fixture, documentsOf } from "./fixtures/read-fixture.ts";
import { readOrder } from "./read-order.ts";
import type { ReadSettings } from "./read-order.ts";
import type { OrderDraft, ReadOrder } from "./order-draft.ts";

const settings = { zeroRateMeans: "none" } as const;
const readFile = async (name: string) => (await documentsOf(fixture(name))).map((document) => readOrder(document, settings));
const readDrafts = async (name: string) => (await readFile(name)).filter((each) => each.kind === "order");

const base: Record<string, string> = {
  Ид: "c0ffee01-c2d4-11f1-8f10-0050568b1a01", Номер: "S-1", Дата: "2026-11-16", Время: "9:05:00", ХозОперация: "Заказ товара", Валюта: "643", Сумма: "100",
  Товары: "<Товар><Ид>g</Ид><Наименование>Товар</Наименование><ЦенаЗаЕдиницу>100</ЦенаЗаЕдиницу><Количество>1</Количество><Сумма>100</Сумма></Товар>",
};

async function read(change: Record<string, string | null> = {}, options: ReadSettings = settings): Promise<ReadOrder> {
  const elements = Object.entries({ ...base, ...change }).flatMap(([name, value]) => (value === null ? [] : [`<${name}>${value}</${name}>`]));
  const [document] = await documentsOf(`<КоммерческаяИнформация><Документ>${elements.join("")}</Документ></КоммерческаяИнформация>`);
  return readOrder(document!, options);
}

async function draft(change: Record<string, string | null> = {}, options?: ReadSettings): Promise<OrderDraft> {
  const result = await read(change, options);
  if (result.kind !== "order") throw new Error(JSON.stringify(result));
  return result;
}

const goods = (...sums: (string | number)[]) =>
  sums.map((sum, at) => `<Товар><Ид>g${at}</Ид><Наименование>Товар ${at}</Наименование><Количество>1</Количество><Сумма>${sum}</Сумма></Товар>`).join("");
const line = (inner: string) => `<Товар><Наименование>Т</Наименование><Количество>2</Количество><Сумма>100</Сумма>${inner}</Товар>`;
const requisite = (name: string, value: string) => `<ЗначениеРеквизита><Наименование>${name}</Наименование><Значение>${value}</Значение></ЗначениеРеквизита>`;

const states = async (total: string, ...sums: (string | number)[]) => {
  const order = await draft({ Сумма: total, Товары: goods(...sums) });
  return { match: order.linesMatchTotal, left: order.lines.filter((each) => !each.included).map((each) => each.position), warnings: order.warnings };
};
const tax = (inner: string) => ({ Товары: line(`<Налоги><Налог><Наименование>НДС</Наименование>${inner}<Ставка>22</Ставка></Налог></Налоги>`) });
const contact = (type: string, value: string) => `<Контакт><Тип>${type}</Тип><Значение>${value}</Значение></Контакт>`;
const buyer = (contacts: string) => ({ Контрагенты: `<Контрагент><Наименование>П</Наименование><Контакты>${contacts}</Контакты></Контрагент>` });

test("НомерВерсии is a version where it counts; 1C's «версия данных», and a base whose JSON counts its own way, have none (2.7)", async () => {
  const version = async (text: string | null, counts = true) => {
    const given = await draft({ НомерВерсии: text }, { zeroRateMeans: "none", countsVersions: counts });
    return given.version;
  };
  expect([await version("42"), await version("AAAAAAABvGY="), await version("12345678901234567890"), await version(null), await version("42", false)]).toEqual([42, undefined, undefined, undefined, undefined]);
  expect(await draft({ НомерВерсии: "42" })).toMatchObject({ contentHash: (await draft()).contentHash });
});

describe("orders of stock УТ 11.5", () => {
  test("a legal entity with VAT inside; a sole trader with VAT on top", async () => {
    const [company, trader] = await readDrafts("orders-ut11-legal.xml");
    expect(company).toMatchObject({
      kind: "order", totalKopecks: 9_211_000n, linesMatchTotal: true, vatIncluded: true, warnings: [],
      buyer: { kind: "organization", fullName: 'ООО "Северный Мастер"', inn: "9900000024", kpp: "990101001", phone: null, email: null },
      state: { number: "УТ00-000815", dateLocal: "2026-11-16T10:12:30", posted: true, deleted: false, paid: null, shipped: null },
    });
    expect(company?.lines[0]).toMatchObject({
      name: "Доска обрезная 50×150×6000 сорт 1", unitName: "м³", unitCode: "113", quantity: "4", priceKopecks: 2_135_000n,
      discountKopecks: 427_000n, sumKopecks: 8_113_000n, vat: "vat22", vatKopecks: 1_463_000n, service: false, included: true,
    });
    expect(company?.lines[2]?.service).toBe(true);
    expect(trader).toMatchObject({ totalKopecks: 1_220_000n, linesMatchTotal: true, vatIncluded: false, buyer: { kind: "sole_proprietor", inn: "990000000299", kpp: null } });
    // VAT on top: what is paid for the line includes it, and so does the price people see.
    expect(trader?.lines[0]).toMatchObject({ sumKopecks: 1_220_000n, priceKopecks: 122_000n, discountKopecks: 0n, vatKopecks: 220_000n });
  });

  test("an individual with 22 %, 10 % and no VAT", async () => {
    const [order] = await readDrafts("orders-ut11-individual.xml");
    expect(order?.buyer).toMatchObject({ kind: "individual", fullName: "Иванова Мария Петровна" });
    expect(order?.lines.map((each) => [each.vat, each.vatKopecks, each.sumKopecks])).toEqual([["vat22", 39_600n, 219_600n], ["vat10", 5_000n, 55_000n], ["none", 0n, 100_000n]]);
  });

  test("CML-21, CML-18: the re-upload tells payment, shipment, deletion, unposting and a cancelled line", async () => {
    const [paid, deleted, cancelledLine] = await readDrafts("orders-ut11-status-reupload.xml");
    expect(paid?.state).toMatchObject({
      paid: { number: "УТ00-000377", dateLocal: "2026-11-20T12:00:00" },
      shipped: { number: "УТ00-000590", dateLocal: "2026-11-21T09:30:00" },
    });
    expect(deleted?.state).toMatchObject({ deleted: true, posted: false, paid: null });
    expect(cancelledLine).toMatchObject({ totalKopecks: 122_000n, linesMatchTotal: true });
    expect(cancelledLine?.lines.map((each) => each.included)).toEqual([true, false]);
  });
});

test("CML-31: documents without goods, or with an empty list of them, touch statuses only", async () => {
  expect((await readFile("orders-ut103-short-1251.xml")).map((each) => each.kind)).toEqual(["status", "status"]);
  expect(await read({ Товары: "" })).toMatchObject({ kind: "status", number: "S-1" });
  expect(await read({ Товары: null, Сумма: null, Валюта: null })).toMatchObject({ kind: "status", state: { posted: false } });
});

test("CML-30: УНФ payments come along as facts, and a part payment is not «оплачен»", async () => {
  const [order] = await readDrafts("orders-unf-subordinate.xml");
  expect(order).toMatchObject({ kind: "order", state: { paid: null, statusText: "В работе" } });
  expect(order?.operations).toHaveLength(1);
  expect(order?.operations[0]).toMatchObject({ operation: "Выплата безналичных денег", totalKopecks: 1_000_000n, marks: { bankDocumentNumber: "318" } });
});

test("a payment in another currency is no sum in roubles, and its order is taken; goods of a document in another currency are not read", async () => {
  const inside = (currency: string) => ({ ПодчиненныеДокументы: `<ПодчиненныйДокумент><Ид>p</Ид><ХозОперация>Выплата безналичных денег</ХозОперация>${currency}<Сумма>100</Сумма></ПодчиненныйДокумент>` });
  const sumOf = async (currency: string) => (await draft(inside(currency))).operations[0]?.totalKopecks;
  expect([await sumOf("<Валюта>USD</Валюта>"), await sumOf("<Валюта>643</Валюта>"), await sumOf("")]).toEqual([null, 10_000n, 10_000n]);
  expect((await draft(inside("<Валюта>USD</Валюта>"))).warnings).toEqual(["Выплата безналичных денег: валюта USD не поддерживается, нужны рубли"]);
  expect(await read({ ХозОперация: "Отпуск товара", Основание: "S-1", Валюта: "978" })).toMatchObject({ kind: "other", operation: { totalKopecks: null, lines: [] } });
});

test("CML-19: references are kept in one spelling, whatever a tool writes; ids that are no GUID stay", async () => {
  const order = await draft({ Ид: base["Ид"]!.toUpperCase(), Контрагенты: "<Контрагент><Ид>C0FFEE09-C2D4-11F1-8F10-0050568B1A01</Ид><Наименование>П</Наименование></Контрагент>" });
  expect([order.onecRef, order.buyer.ref]).toEqual([base["Ид"], "c0ffee09-c2d4-11f1-8f10-0050568b1a01"]);
  expect((await draft({ Ид: "Order-17" })).onecRef).toBe("Order-17");
});

test("another operation is stored as a fact", async () => {
  expect(await read({ ХозОперация: "Отпуск товара", Номер: null, Основание: "S-1" })).toMatchObject({ kind: "other", operation: { operation: "Отпуск товара", baseRef: "S-1", totalKopecks: 10_000n } });
});

describe("CML-18: lines that do not add up to the total", () => {
  test.each([
    ["one line left out", "70", ["70", "30"], [2]],
    ["two lines left out", "70", ["70", "30", "5"], [2, 3]],
    ["a free line changes nothing", "70", ["70", "0", "30"], [3]],
  ])("%s", async (_name, total, sums, left) => {
    expect(await states(total, ...sums)).toEqual({ match: true, left, warnings: [] });
  });
  test.each([
    ["two equal lines are two choices", "100", ["70", "30", "30"]],
    ["one line or two others", "70", ["40", "30", "20", "10"]],
    ["three lines", "70", ["70", "1", "2", "4"]],
    ["lines below the total", "200", ["70", "30"]],
    ["nothing would remain", "0", ["70", "30"]],
    ["no choice fits", "70", ["60", "30"]],
  ])("%s: a person decides", async (_name, total, sums) => {
    expect(await states(total, ...sums)).toEqual({ match: false, left: [], warnings: ["строки не сходятся с суммой"] });
  });
});

describe("values", () => {
  test.each(["643", "RUB", "rur", "руб", "руб."])("currency %s is roubles", async (currency) => {
    expect((await draft({ Валюта: currency })).totalKopecks).toBe(10_000n);
  });

  test.each([["3746", 374_600n], ["12.5", 1_250n], ["1 234,50", 123_450n], ["100.0000", 10_000n], ["0.01", 1n]])("NUM-02: amount %s", async (spelled, kopecks) => {
    const order = await draft({ Сумма: spelled, Товары: goods(spelled) });
    expect([order.totalKopecks, order.lines[0]?.sumKopecks]).toEqual([kopecks, kopecks]);
  });

  test("a rate of 0 means what the setting says", async () => {
    const zero = { Товары: line("<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>0</Ставка></СтавкаНалога></СтавкиНалогов>") };
    expect((await draft(zero)).lines[0]?.vat).toBe("none");
    expect((await draft(zero, { zeroRateMeans: "vat0" })).lines[0]?.vat).toBe("vat0");
  });

  test.each([["Без НДС", "none"], ["22", "vat22"], ["10.00", "vat10"], ["5", "vat5"], ["20%", "vat20"]])("rate «%s» is %s", async (spelled, rate) => {
    const order = await draft({ Товары: line(`<Налоги><Налог><Наименование>НДС</Наименование><Ставка>${spelled}</Ставка></Налог></Налоги>`) });
    expect(order.lines[0]?.vat).toBe(rate);
  });

  test("VAT-02: the VAT of a line is 1C's figure, or computed when 1C gives none", async () => {
    expect((await draft(tax("<Сумма>18.05</Сумма>"))).lines[0]?.vatKopecks).toBe(1805n);
    expect((await draft(tax(""))).lines[0]?.vatKopecks).toBe(1803n);
  });

  test("contacts are read by kind of contact, in any spelling; a bad one is a warning without the value", async () => {
    const order = await draft(buyer(contact("Телефон мобильный", "8 (999) 123-45-67") + contact("E-mail", "a@b.ru")));
    expect(order.buyer).toMatchObject({ phone: "+79991234567", email: "a@b.ru", kind: "individual" });
    expect((await draft(buyer(contact("Почта", "нет")))).warnings).toEqual(["e-mail покупателя не распознан"]);
  });

  test("INV-12: a wrong check digit of an INN is a warning, never a refusal", async () => {
    const order = await draft({ Контрагенты: "<Контрагент><Наименование>А</Наименование><ОфициальноеНаименование>АО А</ОфициальноеНаименование><ИНН>7707083890</ИНН></Контрагент>" });
    expect(order.buyer).toMatchObject({ kind: "organization", inn: "7707083890" });
    expect(order.warnings).toEqual(["ИНН покупателя «7707083890» не проходит проверку"]);
  });

  test("no counterparty is an unknown payer; long words are cut, the echo keeps them", async () => {
    const name = "Ж".repeat(300);
    const order = await draft({ Товары: `<Товар><Наименование>${name}</Наименование><Количество>1</Количество><Сумма>100</Сумма></Товар>`, Комментарий: "к".repeat(4000) });
    expect(order.buyer.kind).toBe("unknown");
    expect([order.lines[0]?.name.length, order.lines[0]?.echo.name?.length, order.comment?.length]).toEqual([255, 300, 3000]);
    // Never between the halves of a letter: the database takes no half.
    const odd = `${"Ж".repeat(254)}😀Ж`;
    const cut = await draft({ Контрагенты: `<Контрагент><Наименование>${odd}</Наименование></Контрагент>`, Товары: `<Товар><Наименование>${odd}</Наименование><Количество>1</Количество><Сумма>100</Сумма></Товар>` });
    expect([cut.buyer.name, cut.buyer.fullName, cut.lines[0]?.name]).toEqual(Array(3).fill("Ж".repeat(254)));
  });

  test("a sum that price and quantity do not explain gets the price of one unit", async () => {
    const inner = "<ЦенаЗаЕдиницу>10.3333</ЦенаЗаЕдиницу>";
    expect((await draft({ Товары: line(inner) })).lines[0]).toMatchObject({ priceKopecks: 5_000n, discountKopecks: 0n, sumKopecks: 10_000n });
  });

  test("Единица names the package that Количество counts", async () => {
    const unit = '<БазоваяЕдиница Код="796" НаименованиеПолное="Штука"/>';
    expect((await draft({ Товары: line(`${unit}<Единица>778</Единица>`) })).lines[0]).toMatchObject({ unitCode: "778", unitName: "упак" });
    expect((await draft({ Товары: line(`${unit}<Единица>796</Единица>`) })).lines[0]).toMatchObject({ unitCode: "796", unitName: "шт" });
    expect((await draft({ Товары: line("<БазоваяЕдиница>вагон</БазоваяЕдиница>") })).lines[0]).toMatchObject({ unitCode: null, unitName: "вагон" });
  });
});

describe("CML-23: a document is refused for one short reason in Russian", () => {
  test.each<[string, Record<string, string | null>, string]>([
    ["no reference", { Ид: null }, "нет идентификатора документа"],
    ["long reference", { Ид: "x".repeat(41) }, "идентификатор длиннее 40 знаков"],
    ["no number", { Номер: null }, "нет номера заказа"],
    ["long number", { Номер: "1".repeat(256) }, "номер длиннее 255 знаков"],
    ["no currency", { Валюта: null }, "не указана валюта"],
    ["foreign currency", { Валюта: "USD" }, "валюта USD не поддерживается, нужны рубли"],
    ["no total", { Сумма: null }, "нет суммы документа"],
    ["unreadable total", { Сумма: "сто" }, "сумма документа не читается: «сто»"],
    ["total finer than a kopeck", { Сумма: "100.001" }, "сумма документа не читается: «100.001»"],
    ["negative total", { Сумма: "-1" }, "сумма документа меньше нуля: «-1»"],
    ["unreadable date", { Дата: "вчера" }, "дата документа не читается: «вчера»"],
    ["unreadable line sum", { Товары: goods("1e3") }, "сумма в строке 1 не читается: «1e3»"],
    ["no line sum", { Товары: "<Товар><Количество>1</Количество></Товар>" }, "нет суммы в строке 1"],
    ["no quantity", { Товары: "<Товар><Сумма>1</Сумма></Товар>" }, "нет количества в строке 1"],
    ["zero quantity", { Товары: "<Товар><Сумма>1</Сумма><Количество>0</Количество></Товар>" }, "нулевое количество в строке 1"],
    ["fine quantity", { Товары: "<Товар><Сумма>1</Сумма><Количество>0.1234</Количество></Товар>" }, "количество в строке 1 точнее трёх знаков: «0.1234»"],
    ["unknown rate", { Товары: line("<СтавкиНалогов><СтавкаНалога><Ставка>18</Ставка></СтавкаНалога></СтавкиНалогов>") }, "ставка НДС «18» в строке 1 не поддерживается"],
  ])("%s", async (_name, change, reason) => {
    expect(await read(change)).toMatchObject({ kind: "refused", reason });
  });
});

const hash = async (change: Record<string, string | null> = {}) => (await draft(change)).contentHash;

describe("CML-20: the hash tells whether anything changed", () => {
  test("spelling and empty elements do not matter", async () => {
    expect(await hash({ Сумма: "100,0000", Время: "09:05:00" })).toBe(await hash());
    expect(await hash({ ЗначенияРеквизитов: "\r\n\t" })).toBe(await hash());
  });
  test.each<[string, Record<string, string>]>([
    ["total", { Сумма: "90" }],
    ["a line's name", { Товары: base["Товары"]!.replace("Товар<", "Товар 2<") }],
    ["what only the echo holds", { Товары: base["Товары"]!.replace("</Сумма>", "</Сумма><Коэффициент>2</Коэффициент>") }],
    ["posting", { ЗначенияРеквизитов: requisite("Проведен", "true") }],
    ["payment in 1C", { ЗначенияРеквизитов: requisite("Номер оплаты по 1С", "1") }],
    ["buyer", { Контрагенты: "<Контрагент><Наименование>П</Наименование></Контрагент>" }],
    ["a subordinate payment", { ПодчиненныеДокументы: "<ПодчиненныйДокумент><Ид>p</Ид><Сумма>1</Сумма></ПодчиненныйДокумент>" }],
  ])("%s does", async (_name, change) => {
    expect(await hash(change)).not.toBe(await hash());
  });
  test("«Отгружен» beside the number of a shipment does", async () => {
    const shipped = (word: string) => hash({ ЗначенияРеквизитов: requisite("Номер отгрузки по 1С", "7") + requisite("Отгружен", word) });
    expect(await shipped("false")).not.toBe(await shipped("true"));
  });
});
