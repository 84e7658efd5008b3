import { describe, expect, test } from "vitest";
import { fixture, documentsOf } from "./fixtures/read-fixture.ts";
import { rawOf } from "./document-text.ts";
import { createOrderParser, defaultParseLimits, readOrderFile } from "./parse-orders.ts";
import type { OnecDocument } from "./types.ts";

const file = (body: string, attributes = 'ВерсияСхемы="2.07"') => `<КоммерческаяИнформация ${attributes}>${body}</КоммерческаяИнформация>`;
const order = (number: string, more = "") =>
  `<Документ><Ид>ref-${number}</Ид><Номер>${number}</Номер><ХозОперация>Заказ товара</ХозОперация>${more}</Документ>`;

/** What was read before the failure, and its reason. */
async function readUntilFailure(text: string | Uint8Array, limits = defaultParseLimits): Promise<{ numbers: string[]; reason: string }> {
  const numbers: string[] = [];
  try {
    for await (const document of readOrderFile([Buffer.from(text)], limits)) numbers.push(document.number);
  } catch (error) {
    return { numbers, reason: error instanceof Error ? error.message : "not an error" };
  }
  return { numbers, reason: "none" };
}

describe("CML-17: files of real configurations", () => {
  test("A9: each document keeps its own text, however the file is cut and whatever stands around it", async () => {
    const texts = [order("1", "<Комментарий>5 &lt; 6</Комментарий>"), order("2"), `<Документ  а="1"\n><Ид>3</Ид></Документ\n>`];
    const whole = file(`<!-- <Документ> -->\r\n${texts[0]!}<Прочее><Документ/></Прочее>${texts[1]!}<Контейнер>${texts[2]!}</Контейнер>`);
    for (const size of [1, 7, 64, 4_096]) expect((await documentsOf(Buffer.from(whole), size)).map((each) => rawOf(each)?.text)).toEqual(texts);
  });

  test("УТ 11.5, BOM and CRLF: a legal entity, VAT inside and on top", async () => {
    const [first, second, ...more] = await documentsOf(fixture("orders-ut11-legal.xml"));
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      kind: "order", ref: "c0ffee01-c2d4-11f1-8f10-0050568b1a01", number: "B2B-000101", createdLocal: "2026-11-16T10:12:30",
      currency: "643", totalKopecks: 9_211_000n, comment: "Отгрузка до конца недели; пропуск на машину заказан & согласован", problem: null,
      buyer: { form: "legal", name: "Северный Мастер ООО", fullName: 'ООО "Северный Мастер"', inn: "9900000024", kpp: "990101001" },
    });
    expect(first?.lines.map((line) => [line.quantity, line.sumKopecks, line.vatKopecks, line.vatIncluded, line.rateText, line.service])).toEqual([
      ["4", 8_113_000n, 1_463_000n, true, "22", false],
      ["12", 732_000n, 132_000n, true, "22", false],
      ["1", 366_000n, 66_000n, true, "22", true],
    ]);
    expect(first?.lines[0]?.echo.discounts).toEqual([{ name: "5", sum: "4270", percent: "5", included: "true" }]);
    expect(second?.lines[0]).toMatchObject({ sumKopecks: 1_000_000n, vatKopecks: 220_000n, vatIncluded: false });
    // The hour has one digit in the file.
    expect(second?.marks.onecDateLocal).toBe("2026-11-18T09:05:00");
  });

  test("CML-31: УТ 10.3 in windows-1251 gives short documents", async () => {
    const documents = await documentsOf(fixture("orders-ut103-short-1251.xml"));
    expect(documents.map((each) => [each.kind, each.number, each.marks.onecNumber])).toEqual([
      ["status", "S-10240", "ТД000004512"],
      ["status", "S-10241", "ТД000004513"],
    ]);
    expect(documents[0]?.marks).toMatchObject({ paymentNumber: "ТД000001877", paymentDateLocal: "2026-11-11T00:00:00", deleted: false, posted: true });
    expect(documents[1]?.marks).toMatchObject({ final: true, statusText: "Выполнен", shipmentDateLocal: "2026-11-12T00:00:00" });
  });

  test("CML-30: УНФ gives payments as subordinate documents, and the buyer's e-mail", async () => {
    const [document] = await documentsOf(fixture("orders-unf-subordinate.xml"));
    expect(document?.buyer?.email).toBe("buh@vector.example");
    expect(document?.subordinates).toHaveLength(1);
    expect(document?.subordinates[0]).toMatchObject({
      kind: "other", operation: "Выплата безналичных денег", number: "", totalKopecks: 1_000_000n, createdLocal: "2026-11-19T16:00:00",
      marks: { paid: true, bankDocumentNumber: "318", paymentNumber: "НФНФ-000012" },
    });
  });

  test("an upload without documents is a good file", async () => {
    expect(await documentsOf(fixture("orders-ut11-changed-0.xml"))).toEqual([]);
  });

  test.each(["orders-ut11-legal.xml", "orders-ut103-short-1251.xml", "orders-unf-subordinate.xml"])("%s reads the same cut at every byte", async (name) => {
    const bytes = fixture(name);
    expect(await documentsOf(bytes, 1)).toEqual(await documentsOf(bytes));
  });

  test("CML-10: pieces that end inside a character, tag or document give each document once", () => {
    const bytes = fixture("orders-ut11-legal.xml");
    const parser = createOrderParser();
    const read: OnecDocument[] = [];
    for (let from = 0; from < bytes.length; from += 4001) read.push(...parser.write(bytes.subarray(from, from + 4001)));
    read.push(...parser.end());
    expect(read.map((each) => each.number)).toEqual(["B2B-000101", "B2B-000102"]);
  });
});

describe("CML-17: shapes that occur in the field", () => {
  test("containers of 3.1 are walked, prefixes and namespaces ignored, unknown elements skipped", async () => {
    const documents = await documentsOf(
      `<к:КоммерческаяИнформация xmlns:к="urn:1C.ru:commerceml_3" ВерсияСхемы="3.1"><к:Свойства><к:Документ/></к:Свойства>` +
        `<к:Контейнер><к:Документ><к:Номер>A-1</к:Номер><к:ХозОперация>Заказ товара</к:ХозОперация><к:Номер1С>УТ-1</к:Номер1С><к:Дата1С>2026-11-01T1:02:03</к:Дата1С>` +
        `<к:ПометкаУдаления>Истина</к:ПометкаУдаления><к:Новое><к:Номер>чужой</к:Номер></к:Новое></к:Документ>` +
        `<к:Документ><к:Номер>P-1</к:Номер><к:ХозОперация>Выплата безналичных денег</к:ХозОперация><к:Сумма>10,5000</к:Сумма><к:Основание>A-1</к:Основание></к:Документ></к:Контейнер>` +
        `<к:Контейнер><к:Документ><к:Номер>A-2</к:Номер></к:Документ></к:Контейнер></к:КоммерческаяИнформация>`,
    );
    expect(documents.map((each) => [each.number, each.container, each.kind])).toEqual([["A-1", 1, "status"], ["P-1", 1, "other"], ["A-2", 2, "other"]]);
    expect(documents[0]?.marks).toMatchObject({ onecNumber: "УТ-1", onecDateLocal: "2026-11-01T01:02:03", deleted: true });
    expect(documents[1]).toMatchObject({ totalKopecks: 1050n, baseRef: "A-1" });
  });

  test("БазоваяЕдиница comes in four shapes", async () => {
    const units = ['<БазоваяЕдиница Код="796" НаименованиеПолное="Штука"/>', '<БазоваяЕдиница Код="796">шт</БазоваяЕдиница>', "<БазоваяЕдиница>796</БазоваяЕдиница>", "<БазоваяЕдиница><Код>796</Код><НаименованиеПолное>Штука</НаименованиеПолное></БазоваяЕдиница>"];
    const lines = units.map((unit) => `<Товар>${unit}<Количество>1</Количество><Сумма>1</Сумма></Товар>`).join("");
    const [document] = await documentsOf(file(order("1", `<Товары>${lines}</Товары>`)));
    expect(document?.lines.map((line) => line.echo.unit)).toEqual([
      { code: "796", fullName: "Штука" }, { code: "796", text: "шт" }, { text: "796" }, { code: "796", fullName: "Штука" },
    ]);
  });

  test("CDATA is text", async () => {
    const [document] = await documentsOf(file(order("1", "<Комментарий>a <![CDATA[<b> & c]]></Комментарий>")));
    expect(document?.comment).toBe("a <b> & c");
  });

  test.each([["true", true], ["Да", true], ["ЛОЖЬ", false], ["0", false], ["может быть", null]])("a flag spelled %s is %s", async (spelled, expected) => {
    const requisite = `<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Отменён</Наименование><Значение>${spelled}</Значение></ЗначениеРеквизита></ЗначенияРеквизитов>`;
    const [document] = await documentsOf(file(order("1", requisite)));
    expect(document?.marks.cancelled).toBe(expected);
    expect(document?.warnings).toHaveLength(expected === null ? 1 : 0);
  });
});

describe("CML-23: what is broken does not take the documents before it along", () => {
  test.each([
    ["a cut file", file(order("1") + order("2")).slice(0, -10), "Файл обрывается"],
    ["a file cut right after a document", `<КоммерческаяИнформация>${order("1")}${order("2")}\n`, "не закрыт элемент"],
    ["wrong nesting", `<КоммерческаяИнформация>${order("1")}${order("2")}<Документ></Номер>`, "нарушена разметка"],
    ["an unknown entity", file(`${order("1")}${order("2")}${order("&x;")}`), "неизвестная ссылка"],
    ["a forbidden character", file(`${order("1")}${order("2")}${order("\u0001")}`), "недопустимый символ"],
    ["text after the root", `${file(order("1") + order("2"))} хвост`, "нарушена разметка"],
  ])("%s", async (_name, text, reason) => {
    const read = await readUntilFailure(text);
    expect(read.numbers).toEqual(["1", "2"]);
    expect(read.reason).toContain(reason);
  });

  test("a parser that failed stays failed", () => {
    const parser = createOrderParser();
    expect(parser.write(Buffer.from(`<КоммерческаяИнформация>${order("1")}</x>`)).map((each) => each.number)).toEqual(["1"]);
    expect(() => parser.write(Buffer.from(order("2")))).toThrow("нарушена разметка");
    expect(() => parser.end()).toThrow("нарушена разметка");
  });
});

describe("CML-17: hostile files", () => {
  test.each([
    ["entity bomb", `<!DOCTYPE a [<!ENTITY b "${"x".repeat(1000)}"><!ENTITY c "&b;&b;">]>${file(order("&c;"))}`],
    ["external entity", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${file(order("&b;"))}`],
    ["external DTD", `<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">${file(order("1"))}`],
  ])("%s is refused at the DOCTYPE", async (_name, text) => {
    expect(await readUntilFailure(text)).toEqual({ numbers: [], reason: "В файле есть DOCTYPE, такие файлы не принимаются" });
  });

  const limits = { ...defaultParseLimits, depthMax: 10, textMax: 100, attributesMax: 3, elementsPerDocumentMax: 50, documentsMax: 2 };
  test.each([
    ["depth", file(`<Документ>${"<а>".repeat(20)}`), "вложенность, больше 10"],
    ["a long token that is skipped", file(order("1", `<Чужое>${"я".repeat(200_000)}</Чужое>`)), "длинный текст"],
    ["a long attribute", file("", `а="${"я".repeat(200_000)}"`), "длинный текст"],
    ["attributes", file("", 'а="1" б="2" в="3" г="4"'), "много атрибутов, больше 3"],
    ["documents", file(order("1") + order("2") + order("3")), "больше 2 документов"],
  ])("limit on %s", async (_name, text, reason) => {
    expect((await readUntilFailure(text, limits)).reason).toContain(reason);
  });

  test.each([
    ["many elements", "<а/>".repeat(60), "Слишком большой документ, больше 50 элементов"],
    ["a long text that is kept", `<Комментарий>${"я".repeat(101)}</Комментарий>`, "Слишком длинный текст в элементе, больше 100 знаков"],
    ["many characters", "<а>бббббббббб</а>".repeat(40), "Слишком большой документ"],
  ])("CML-23: a document of %s is refused alone, the rest of the file is read", async (_name, inner, reason) => {
    const small = { ...limits, documentsMax: 9, ...(inner.includes("бб") && { elementsPerDocumentMax: 1000, documentBytesMax: 400 }) };
    const text = file(order("1") + order("2", inner) + order("3"));
    const read: [string, string | null][] = [];
    for await (const each of readOrderFile(inner.includes("бб") ? [...Buffer.from(text)].map((byte) => Uint8Array.of(byte)) : [Buffer.from(text)], small)) read.push([each.number, each.problem]);
    expect(read).toEqual([["1", null], ["2", reason], ["3", null]]);
  });

  test("an order of 10 000 lines is read", async () => {
    const line = `<Товар><Ид>g</Ид><Наименование>Т</Наименование>${"<а>б</а>".repeat(26)}<Количество>1</Количество><Сумма>1</Сумма></Товар>`;
    const [big] = await documentsOf(file(order("1", `<Товары>${line.repeat(10_000)}</Товары>`)));
    expect([big?.problem, big?.lines.length]).toEqual([null, 10_000]);
  });
});

test("CML-8, CML-23: a catalogue and offers beside orders are passed over, the orders are read", async () => {
  const documents = await documentsOf(file(`<Каталог><Товары/><Документ><Номер>чужой</Номер></Документ></Каталог>${order("1")}<ПакетПредложений/>${order("2")}`));
  expect(documents.map((each) => each.number)).toEqual(["1", "2"]);
});

test("marks and line ends before the declaration do no harm", async () => {
  for (const before of ["\uFEFF\uFEFF", "\r\n", "\uFEFF\n\uFEFF "]) {
    expect((await documentsOf(`${before}<?xml version="1.0" encoding="UTF-8"?>${file(order("1"))}`, 1)).map((each) => each.number)).toEqual(["1"]);
  }
});

describe("CML-14: files that are no orders", () => {
  test.each([
    ["another XML", "<html/>", "Это не файл CommerceML"],
    ["CommerceML 1 by version", file("", 'ВерсияСхемы="1.05"'), "CommerceML 1"],
    ["CommerceML 1 by attributes", file('<Документ ХозОперация="Order" Номер="1"/>', ""), "CommerceML 1"],
    ["a catalogue", file(`<Классификатор/><Каталог><Товары>${"<Товар><Ид>1</Ид></Товар>".repeat(200_000)}</Товары></Каталог>`), "каталога товаров"],
    ["prices", file("<ПакетПредложений/>"), "каталога товаров"],
    ["nothing", "", "Файл пуст"],
  ])("%s", async (_name, text, reason) => {
    expect((await readUntilFailure(text)).reason).toContain(reason);
  });
});
