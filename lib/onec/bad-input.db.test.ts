/** «Bad input» of the stock exchange: a reason in Russian on the second line, the rest of the file taken, no 5xx, a trace for staff. */
import fc from "fast-check";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop } from "@/lib/testing/factories.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { makeZip } from "./wire/fixtures/make-zip.ts";
import { fixture } from "./wire/fixtures/read-fixture.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());

let bases = 0;
async function aBase() {
  const login = `b-${++bases}`;
  return { ...(await aShop(t, { login })), onec: onecClient(t, login) };
}
const numbersIn = async (onecId: string) => (await t.ctx.database.sql<{ number: string }[]>`select number from orders where onec_connection_id = ${onecId} order by number`).map((order) => order.number);
const traceOf = async (onecId: string) => (await t.ctx.database.sql<{ summary: string }[]>`select summary from onec_calls where connection_id = ${onecId} and mode = 'import' order by at desc, id desc limit 1`)[0]?.summary;

const file = (...documents: string[]) => `<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_2" ВерсияСхемы="2.07" ДатаФормирования="2026-11-18T12:00:00">${documents.join("")}</КоммерческаяИнформация>`;
let guids = 0;
/** A good order with some elements replaced. */
function order(number: string, change: Record<string, string> = {}): string {
  const elements = {
    Ид: `${(++guids).toString(16).padStart(8, "0")}-c2d4-11f1-8f10-0050568b1a01`, Номер: number, Дата: "2026-11-16", ХозОперация: "Заказ товара", Роль: "Продавец", Валюта: "643", Курс: "1", Сумма: "100",
    Контрагенты: "<Контрагент><Ид>k</Ид><Наименование>Петров</Наименование><Роль>Покупатель</Роль></Контрагент>", Время: "10:12:30",
    Товары: "<Товар><Ид>g</Ид><Наименование>Товар</Наименование><ЦенаЗаЕдиницу>100</ЦенаЗаЕдиницу><Количество>1</Количество><Сумма>100</Сумма></Товар>",
    ЗначенияРеквизитов: "<ЗначениеРеквизита><Наименование>Проведен</Наименование><Значение>true</Значение></ЗначениеРеквизита>", ...change,
  };
  return `<Документ>${Object.entries(elements).map(([name, value]) => `<${name}>${value}</${name}>`).join("")}</Документ>`;
}
const requisite = (name: string, value: string) => `<ЗначениеРеквизита><Наименование>${name}</Наименование><Значение>${value}</Значение></ЗначениеРеквизита>`;
const line = (sum: string, more = "") => `<Товар><Ид>g</Ид><Наименование>Товар</Наименование><Количество>1</Количество><Сумма>${sum}</Сумма>${more}</Товар>`;

describe("CML-23: one bad document is named with its reason, its neighbours are taken", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["dollars", { Валюта: "USD" }, /валюта USD не поддерживается/],
    ["a sum of twenty digits", { Сумма: "99999999999999999999" }, /сумма документа не читается/],
    ["a quantity of twelve digits", { Товары: line("1").replace("<Количество>1", "<Количество>123456789012") }, /количество в строке 1 не читается/],
    ["lines that together pass every bound", { Товары: line("9999999999999").repeat(200) }, /сумма строк слишком велика/],
    ["a comment of 30 000 characters", { Комментарий: "я".repeat(30_000) }, /Слишком длинный текст в элементе/],
    ["a date of the year 0001", { Дата: "0001-01-01" }, /дата документа не читается/],
    ["a reference of a thousand characters", { Ид: "x".repeat(1000) }, /идентификатор длиннее 40 знаков/],
    ["no number", { Номер: "" }, /нет номера заказа/],
    ["a rate of 13 %", { Товары: line("100", "<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>13</Ставка></СтавкаНалога></СтавкиНалогов>") }, /ставка НДС «13» в строке 1 не поддерживается/],
  ])("%s", async (_what, change, reason) => {
    const { onec, onecId } = await aBase();
    const said = await onec.give(Buffer.from(file(order("A-1"), order("A-2", change), order("A-3"))));
    expect(said).toMatch(/^failure\n[^\n]+$/);
    expect(said).toMatch(reason);
    expect(await numbersIn(onecId)).toEqual(["A-1", "A-3"]);
    expect(await traceOf(onecId)).toMatch(reason);
    const alerts = await t.ctx.database.sql`select 1 from alerts where object_key = ${`connection:${onecId}:import`} and code = 'ALR-15' and state = 'firing'`;
    expect(alerts).toHaveLength(1);
  });

  test("the same document twice is one order; a number under two GUIDs is the first one's", async () => {
    const { onec, onecId } = await aBase();
    const twice = order("D-1");
    expect(await onec.give(Buffer.from(file(twice, order("D-2"), twice, order("D-2"))))).toBe("failure\nЗаказ D-2: номер занят другим заказом 1С");
    expect(await numbersIn(onecId)).toEqual(["D-1", "D-2"]);
    const [count] = await t.ctx.database.sql`select count(*)::int as n from order_revisions r join orders o on o.id = r.order_id where o.onec_connection_id = ${onecId}`;
    expect(count).toEqual({ n: 2 });
  });
});

describe("what is odd and harmless is taken", () => {
  test.each<[string, string]>([
    ["unknown elements and attributes anywhere", file(order("O-1", { Новое: "<Вложенное а='1'><Номер>чужой</Номер></Вложенное>", Склады: "<Склад><Ид>1</Ид></Склад>" })).replace("<Документ>", '<Документ свойство="1">')],
    ["elements in another order", file(order("O-1")).replace(/(<Документ>)(<Ид>[^<]*<\/Ид>)([\s\S]*)(<\/Документ>)/, "$1$3$2$4")],
    ["empty dates of 1C among the requisites", file(order("O-1", { ЗначенияРеквизитов: requisite("Проведен", "true") + requisite("Дата по 1С", "0001-01-01T00:00:00") + requisite("Дата отгрузки по 1С", "0001-01-01T00:00:00") }))],
    ["no namespace, a processing instruction and comments", file("<?note x?><!-- ой -->", order("O-1")).replace(' xmlns="urn:1C.ru:commerceml_2"', "")],
    ["a catalogue beside the order", file("<Каталог><Товары><Товар><Ид>1</Ид></Товар></Товары></Каталог>", order("O-1"))],
    ["two marks and a line end before the declaration", `\uFEFF\n\uFEFF${file(order("O-1"))}`],
    ["a sum with a comma and spaces", file(order("O-1", { Сумма: "1 234,5000", Товары: line("1234,50") }))],
  ])("%s", async (_what, text) => {
    const { onec, onecId } = await aBase();
    expect(await onec.give(Buffer.from(text))).toBe("success\nЗагружено заказов: 1");
    expect(await numbersIn(onecId)).toEqual(["O-1"]);
    const [row] = await t.ctx.database.sql`select lifecycle, onec_shipment_at from orders where onec_connection_id = ${onecId}`;
    expect(row).toEqual({ lifecycle: "active", onecShipmentAt: null });
  });

  test("a body in another encoding than it declares, in both directions, is read by its bytes", async () => {
    const text = file(order("Ё-1", { Комментарий: "Позвонить заранее, подъезд № 2" }));
    for (const bytes of [iconv.encode(text, "win1251"), Buffer.from(text.replace("UTF-8", "windows-1251"))]) {
      const { onec, onecId } = await aBase();
      expect(await onec.give(bytes)).toBe("success\nЗагружено заказов: 1");
      const [row] = await t.ctx.database.sql`select number, comment from orders where onec_connection_id = ${onecId}`;
      expect(row).toEqual({ number: "Ё-1", comment: "Позвонить заранее, подъезд № 2" });
    }
  });

  test("an order of 10 000 lines", async () => {
    const { onec, onecId } = await aBase();
    const lines = Array.from({ length: 10_000 }, (_, i) => `<Товар><Ид>g-${i}</Ид><Артикул>А-${i}</Артикул><Наименование>Товар ${i}</Наименование><ЦенаЗаЕдиницу>1.5</ЦенаЗаЕдиницу><Количество>1</Количество><Сумма>1.5</Сумма></Товар>`).join("");
    expect(await onec.give(Buffer.from(file(order("BIG-1", { Сумма: "15000", Товары: lines }), order("BIG-2"))))).toBe("success\nЗагружено заказов: 2");
    const [count] = await t.ctx.database.sql`select count(*)::int as n, sum(l.sum_kopecks)::bigint as kopecks from order_lines l join order_revisions r on r.id = l.revision_id join orders o on o.id = r.order_id where o.onec_connection_id = ${onecId} and o.number = 'BIG-1'`;
    expect(count).toEqual({ n: 10_000, kopecks: 15_000_00n });
  });
});

describe("a file that is no order file: a reason, no orders, a trace", () => {
  const sample = fixture("orders-ut11-legal.xml");
  const cases: [string, Uint8Array, RegExp][] = [
    ["nothing at all", Buffer.alloc(0), /Файл пуст/],
    ["NUL bytes", Buffer.alloc(5_000), /символ|разметка/],
    ["a NUL inside a name", Buffer.from(file(order("N-1")).replace("Петров", "Пет\u0000ров")), /недопустимый символ/],
    ["a NUL as a reference", Buffer.from(file(order("N-1")).replace("Петров", "Пет&#0;ров")), /сущность|символ|разметка/],
    ["half of a surrogate pair as a reference", Buffer.from(file(order("N-1")).replace("Петров", "Пет&#xD800;ров")), /сущность|символ|разметка/],
    ["CommerceML 1 by its version", Buffer.from(file(order("N-1")).replace("2.07", "1.05")), /CommerceML 1 не поддерживается/],
    ["CommerceML 1 by its attributes", Buffer.from('<КоммерческаяИнформация><Документ Номер="1" ХозОперация="Order"/></КоммерческаяИнформация>'), /CommerceML 1 не поддерживается/],
    ["a catalogue", Buffer.from(file("<Классификатор/><Каталог><Товары><Товар><Ид>1</Ид></Товар></Товары></Каталог>")), /каталога товаров, а не заказов/],
    ["a package of offers", Buffer.from(file("<ПакетПредложений><Предложения/></ПакетПредложений>")), /каталога товаров, а не заказов/],
    ["UTF-16", Buffer.from(`\uFEFF${file(order("N-1"))}`, "utf16le"), /UTF-16 не поддерживается/],
    ["an encoding that nobody writes", Buffer.from(file(order("N-1")).replace("UTF-8", "KOI8-R")), /KOI8-R не поддерживается/],
    ["JSON", Buffer.from('{"orders":[]}'), /разметка/],
    ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), /разметка|символ|кодировке/],
    ["the second half of a file alone", sample.subarray(6_001), /разметка|символ|кодировке|обрывается/],
  ];
  test.each(cases)("%s", async (_what, bytes, reason) => {
    const { onec, onecId } = await aBase();
    const session = await onec.open();
    const sent = bytes.length > 0 ? await onec.send(session, "orders-1.xml", bytes) : (await onec.call("type=sale&mode=file&filename=orders-1.xml", { session, body: bytes })).body;
    const said = sent === "success" ? await onec.load(session, "orders-1.xml") : sent;
    expect(said).toMatch(/^failure\n[^\n]+$/);
    expect(said).toMatch(reason);
    expect(await numbersIn(onecId)).toEqual([]);
    expect(await traceOf(onecId)).toMatch(reason);
  });

  test("pieces out of order are a damaged file; sent again in order they are taken", async () => {
    const { onec, onecId } = await aBase();
    const session = await onec.open();
    for (const piece of [sample.subarray(4_000, 8_000), sample.subarray(0, 4_000), sample.subarray(8_000)]) await onec.send(session, "orders-1.xml", piece);
    expect(await onec.load(session, "orders-1.xml")).toMatch(/^failure\n[А-ЯЁ][^\n]+$/);
    expect(await numbersIn(onecId)).toEqual([]);
    expect(await onec.give(sample)).toBe("success\nЗагружено заказов: 2");
  });

  test("the same file by two calls of one session at once: its pieces mix, no half order, and the next session brings it whole", async () => {
    const { onec, onecId } = await aBase();
    const session = await onec.open();
    const said = await Promise.all([onec.send(session, "orders-1.xml", sample, 3_000), onec.send(session, "orders-1.xml", sample, 3_000)]);
    expect(said).toEqual(["success", "success"]);
    expect(await onec.load(session, "orders-1.xml")).toMatch(/^(?:success|failure)\n[^\n]+$/);
    expect(await onec.give(sample)).toBe("success\nЗагружено заказов: 2");
    expect(await numbersIn(onecId)).toEqual(["B2B-000101", "B2B-000102"]);
  });

  const zips: [string, Buffer, RegExp][] = [
    ["no order file inside", makeZip([{ name: "readme.txt", content: Buffer.from("1") }]), /не передавался/],
    ["an archive inside the archive", makeZip([{ name: "orders-1.xml", content: makeZip([{ name: "orders-1.xml", content: sample }]) }]), /разметка|символ|кодировке/],
    ["a cut archive", makeZip([{ name: "orders-1.xml", content: sample }]).subarray(0, -60), /Архив повреждён/],
    ["a password", makeZip([{ name: "orders-1.xml", content: sample, flags: 1 }]), /защищён паролем/],
    ["not an archive", Buffer.from("PK\u0003\u0004 nothing"), /Архив повреждён/],
  ];
  test.each(zips)("CML-12: a zip with %s", async (_what, zip, reason) => {
    const { onec, onecId } = await aBase();
    const session = await onec.open();
    await onec.send(session, "v8_1.zip", zip);
    const said = await onec.load(session, "orders-1.xml");
    expect(said).toMatch(/^failure\n[^\n]+$/);
    expect(said).toMatch(reason);
    expect(await numbersIn(onecId)).toEqual([]);
  });

  test("CML-12: a zip with a picture of an odd name and two order files is taken", async () => {
    const { onec, onecId } = await aBase();
    const session = await onec.open();
    await onec.send(session, "v8_1.zip", makeZip([{ name: "import_files/фото (1) товара.jpg", content: Buffer.from("jpg") }, { name: "webdata/orders-1.xml", content: sample }, { name: "orders-2.xml", content: Buffer.from(file(order("Z-1"))) }]));
    expect(await onec.load(session, "orders-1.xml")).toBe("success\nЗагружено заказов: 3");
    expect(await numbersIn(onecId)).toEqual(["B2B-000101", "B2B-000102", "Z-1"]);
  });
});

describe("CML-3: logins", () => {
  test.each(["utf8", "win1251"])("a Cyrillic login in %s", async (encoding) => {
    const login = `Обмен-${encoding}`;
    await aShop(t, { login });
    const authorization = `Basic ${iconv.encode(`${login}:secret`, encoding).toString("base64")}`;
    expect((await onecClient(t, login).call("type=sale&mode=checkauth", { authorization })).body).toMatch(/^success\n/);
  });
});

const samples = ["orders-ut11-legal.xml", "orders-ut11-individual.xml", "orders-ut11-status-reupload.xml", "orders-ut103-short-1251.xml", "orders-unf-subordinate.xml", "orders-ut11-changed-0.xml"].map((name) => fixture(name));

/** A sample after a few blows: cut, a byte changed, a stretch repeated, dropped, moved or filled with NUL. */
const damaged = fc.tuple(fc.constantFrom(...samples), fc.array(fc.record({ how: fc.constantFrom("cut", "flip", "repeat", "drop", "swap", "nul"), at: fc.double({ min: 0, max: 1, noNaN: true }), size: fc.nat(400), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 })).map(([sample, blows]) => {
  let bytes = Buffer.from(sample);
  for (const { how, at, size, byte } of blows) {
    const from = Math.floor(at * bytes.length);
    const [before, middle, after] = [bytes.subarray(0, from), bytes.subarray(from, from + size), bytes.subarray(from + size)];
    if (how === "cut") bytes = Buffer.from(before);
    else if (how === "flip") bytes = Buffer.concat([before, Buffer.of(byte), bytes.subarray(from + 1)]);
    else if (how === "repeat") bytes = Buffer.concat([before, middle, middle, after]);
    else if (how === "drop") bytes = Buffer.concat([before, after]);
    else if (how === "swap") bytes = Buffer.concat([after, before, middle]);
    else bytes = Buffer.concat([before, Buffer.alloc(middle.length), after]);
  }
  return bytes;
});

test("whatever happens to a sample on its way: 200, one word, one reason; nothing breaks inside, and no order is left half", { timeout: 60_000 }, async () => {
  const { onec, onecId } = await aBase();
  await fc.assert(
    fc.asyncProperty(damaged, async (bytes) => {
      const session = await onec.open();
      const sent = await onec.call("type=sale&mode=file&filename=orders-1.xml", { session, body: bytes });
      const loaded = await onec.call("type=sale&mode=import&filename=orders-1.xml", { session });
      for (const { status, body } of [sent, loaded]) {
        expect(status).toBe(200);
        expect(body).toMatch(/^(?:success(?:\n[^\n]+)*|failure\n[^\n]+)$/);
        expect(body).not.toMatch(/нутренняя ошибка/);
      }
    }),
    { numRuns: 60, seed: 20261128 },
  );
  const broken = await t.ctx.database.sql`
    select o.number from orders o join order_revisions r on r.order_id = o.id and r.no = o.revision_no where o.onec_connection_id = ${onecId}
     and (not exists (select 1 from order_lines l where l.revision_id = r.id) or r.total_kopecks <> o.total_kopecks)`;
  expect([...broken]).toEqual([]);
});
