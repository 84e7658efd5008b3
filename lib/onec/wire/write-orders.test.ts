import { describe, expect, test } from "vitest";
import { faultsOf, treeOf, type Tree } from "./fixtures/check-xsd.ts";
import { fixture, documentsOf } from "./fixtures/read-fixture.ts";
import { readOrder } from "./read-order.ts";
import { paymentRef, writeInfo, writeOrders, type QueryOrder } from "./write-orders.ts";
import type { EchoLine } from "./types.ts";

const line: EchoLine = {
  id: "10000012-aaaa-11ee-8f10-0050568b1a01", article: "ИН-3", name: "Набор инструмента",
  unit: { code: "796", fullName: "Штука", international: "PCE", text: "шт" },
  taxRates: [{ name: "НДС", rate: "22" }],
  requisites: [{ name: "ВидНоменклатуры", values: ["Товар"] }, { name: "ТипНоменклатуры", values: ["Товар"] }],
  price: "3660.00", quantity: "1", sum: "3660.00", packUnit: "796", coefficient: "1",
  taxes: [{ name: "НДС", included: "true", sum: "660.00", rate: "22" }],
};

const order: QueryOrder = {
  ref: "S-10250", number: "S-10250", createdLocal: "2026-11-21T14:22:10", totalKopecks: 366_000n, vatIncluded: true, vatKopecks: 66_000n, comment: null,
  buyer: { ref: "customer-3107", kind: "individual", name: "Петров Пётр Сергеевич", fullName: "Петров Пётр Сергеевич", inn: null, kpp: null, address: null, phone: "+79990000001", email: "petrov@buyer.example" },
  lines: [line],
  payments: [{ id: "P-20260001", methodName: "Банковская карта", methodId: "card", amountKopecks: 366_000n, paidAtLocal: "2026-11-21T14:25:41" }],
  paidKopecks: 366_000n, statusText: "Оплачен", cancelled: false, final: false, statusChangedLocal: "2026-11-21T14:25:41", buyerComment: null,
};
const ut = { flavour: "ut", generatedLocal: "2026-11-21T15:00:00" } as const;
const unf = { ...ut, flavour: "unf" } as const;
const partly: QueryOrder = { ...order, payments: [{ ...order.payments[0]!, amountKopecks: 150_000n }], paidKopecks: 150_000n };

describe("CML-15, CML-27: the answer has the structure of the samples", () => {
  test.each([
    ["query-answer-ut11-paid.xml", [order], ut],
    ["query-answer-unf210-partial.xml", [partly], unf],
    ["query-answer-empty.xml", [], ut],
  ] as const)("%s", (name, orders, options) => {
    const written = writeOrders(orders, options);
    expect(treeOf(written)).toEqual(treeOf(fixture(name).toString()));
    expect(written.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация ВерсияСхемы=')).toBe(true);
    expect(written).not.toContain("xmlns");
  });

  test("the checker of the schema takes every sample and finds what is out of place, unknown, missing or no value", () => {
    for (const name of ["orders-ut11-legal.xml", "orders-ut11-individual.xml", "orders-ut11-status-reupload.xml", "orders-ut11-changed-0.xml", "orders-unf-subordinate.xml", "query-answer-ut11-paid.xml", "query-answer-unf210-partial.xml", "query-answer-empty.xml"]) {
      expect([name, faultsOf(fixture(name).toString())]).toEqual([name, []]);
    }
    const written = writeOrders([order], ut);
    const broken: [string, string, RegExp][] = [
      ["<Валюта>RUB</Валюта>", "<Валюта>руб.</Валюта>", /Документ\/Валюта: «руб.»/],
      ["<Роль>Продавец</Роль>", "", /Документ: /],
      ["<Курс>1</Курс>", "<Курс>1</Курс><Курс>1</Курс>", /Документ: /],
      ["<Время>", "<Заметка>нет</Заметка><Время>", /Документ: /],
      ["<Сумма>3660.00</Сумма>", "<Сумма>3660.005</Сумма>", /Сумма: «3660.005»/],
      ["<Сумма>3660.00</Сумма>", "<Сумма>3 660,00</Сумма>", /Сумма: «3 660,00»/],
      ["<Время>14:22:10</Время>", "<Время>2:22</Время>", /Время: «2:22»/],
      ["<ХозОперация>Заказ товара<", "<ХозОперация>Заказ<", /ХозОперация: «Заказ»/],
      ["<Контрагенты>", "<Контрагенты>текст", /Контрагенты: no text/],
      ["<Ид>S-10250</Ид>", "<Ид></Ид>", /Документ\/Ид: «»/],
      ["ВерсияСхемы=", "Версия=", /@ВерсияСхемы/],
    ];
    for (const [what, instead, fault] of broken) expect([instead, faultsOf(written.replace(what, instead)).join("\n")]).toEqual([instead, expect.stringMatching(fault)]);
    const [name, article] = ["<Наименование>Набор инструмента</Наименование>", "<Артикул>ИН-3</Артикул>"];
    const swapped = faultsOf(written.replace(article, "").replace(name, name + article));
    expect(swapped).toEqual([expect.stringMatching(/Товары\/Товар: /)]);
  });

  test("CML-27: nothing empty is written", () => {
    const bare: QueryOrder = { ...order, payments: [], paidKopecks: 0n, statusText: null, statusChangedLocal: null, lines: [{ ...line, discounts: [], requisites: [] }] };
    const empties: string[] = [];
    const walk = (node: Tree) => {
      if (!node.text && node.children.length === 0 && Object.keys(node.attributes).length === 0) empties.push(node.name);
      node.children.forEach(walk);
    };
    walk(treeOf(writeOrders([bare], unf)));
    expect(empties).toEqual([]);
  });
});

describe("commerceml.md 7: lines go back exactly as 1C gave them", () => {
  test.each(["orders-ut11-legal.xml", "orders-ut11-individual.xml", "orders-ut11-status-reupload.xml"])("%s", async (name) => {
    const goodsOf = (node: Tree): Tree[] => (node.name === "Товары" ? [node] : node.children.flatMap(goodsOf));
    const drafts = (await documentsOf(fixture(name))).map((document) => readOrder(document, { zeroRateMeans: "none" }));
    const orders = drafts.map((draft): QueryOrder => ({ ...order, lines: draft.kind === "order" ? draft.lines.map((each) => each.echo) : [] }));
    const given = fixture(name).toString().replace("\uFEFF", "");
    expect(goodsOf(treeOf(writeOrders(orders, ut)))).toEqual(goodsOf(treeOf(given)));
  });
});

const requisites = (xml: string) =>
  Object.fromEntries([...xml.matchAll(/<Наименование>([^<]*)<\/Наименование>\s*<Значение>([^<]*)</g)].map((match) => [match[1], match[2]]));

describe("payment", () => {
  test.each([
    ["paid in full", {}, "true"],
    ["overpaid", { paidKopecks: 400_000n }, "true"],
    ["a kopeck is missing", { paidKopecks: 365_999n }, "false"],
    ["unpaid", { payments: [], paidKopecks: 0n }, "false"],
    ["refunded", { paidKopecks: 0n }, "false"],
    ["free", { payments: [], paidKopecks: 0n, totalKopecks: 0n }, "false"],
  ])("CML-26: «Заказ оплачен» when %s", (_name, change, flag) => {
    expect(requisites(writeOrders([{ ...order, ...change }], ut))["Заказ оплачен"]).toBe(flag);
  });

  test("CML-26: a part payment is a comment for УТ, and a document of its own for УНФ", () => {
    const comment = requisites(writeOrders([{ ...partly, buyerComment: "Позвоните" }], ut))["Комментарии покупателя"];
    expect(comment).toBe("Позвоните\nОплачено частично: 1\u202F500,00\u00A0₽ из 3\u202F660,00\u00A0₽");
    expect(requisites(writeOrders([partly], unf))["Комментарии покупателя"]).toBeUndefined();
  });

  test("CML-30: УТ never gets a payment document, which would make it refuse the whole answer", () => {
    expect(writeOrders([order], ut)).not.toContain("Эквайринговая операция");
  });

  test.each(["ut103", "unf_plain"] as const)("CML-30: %s gets requisites only, a part as a comment, the phone as every stock reader knows it", (flavour) => {
    const long = { ...order.payments[0]!, methodName: "Э".repeat(80) };
    const [whole, part] = [{ ...order, payments: [long] }, { ...partly, payments: [{ ...long, amountKopecks: 150_000n }] }].map((given) => writeOrders([given], { ...ut, flavour }));
    expect(whole).not.toContain("ПодчиненныеДокументы");
    expect(whole).toContain("<Тип>ТелефонРабочий</Тип>");
    expect(requisites(whole!)).toMatchObject({ "Заказ оплачен": "true", "Дата оплаты": "2026-11-21T14:25:41", "Номер платежного документа": "P-20260001", "Финальный статус": "false", "Статус заказа": "Оплачен" });
    // УНФ compares fifty characters of the name.
    expect(requisites(whole!)["Метод оплаты"]).toHaveLength(flavour === "unf_plain" ? 50 : 80);
    expect(requisites(part!)).toMatchObject({ "Заказ оплачен": "false", "Комментарии покупателя": expect.stringContaining("Оплачено частично") });
  });

  test("CML-30: a payment Ид is never a bare UUID", () => {
    const id = "0193f0a0-0000-7000-8000-000000000001";
    expect(paymentRef(id)).toBe(`P-${id}`);
    const written = writeOrders([{ ...order, payments: [{ ...order.payments[0]!, id }] }], unf);
    expect(written).toContain(`<Ид>P-${id}</Ид>`);
    expect(written).not.toContain(`>${id}<`);
  });
});

test("CML-28: a legal entity is written so that 1C takes it for one", () => {
  const company = { ...order.buyer, kind: "organization" as const, name: "Рога", fullName: 'ООО "Рога & <Копыта>"', inn: "9900000024", kpp: "990101001", address: "Москва" };
  const written = writeOrders([{ ...order, buyer: company }], ut);
  expect(written).toContain("<ОфициальноеНаименование>ООО &quot;Рога &amp; &lt;Копыта&gt;&quot;</ОфициальноеНаименование>");
  expect(written).toContain("<Тип>ТелефонРабочий</Тип>");
  expect(written).not.toContain("ПолноеНаименование");
});

test("text that XML cannot hold does not spoil the answer", () => {
  const written = writeOrders([{ ...order, comment: "a\u0000b\uD800c\uFFFF ]]> & <x>" }], ut);
  expect(() => treeOf(written)).not.toThrow();
  expect(written).toContain("<Комментарий>abc ]]&gt; &amp; &lt;x&gt;</Комментарий>");
});

test("mode=info: three lists, codes and names", () => {
  const tree = treeOf(writeInfo({ statuses: [{ id: "paid", name: "Оплачен" }], paySystems: [{ id: "card", name: "Банковская карта" }, { id: "sbp", name: "СБП" }], deliveries: [] }));
  const sample = `<?xml version="1.0" encoding="UTF-8"?>
<Справочник><Статусы><Элемент><Ид>paid</Ид><Название>Оплачен</Название></Элемент></Статусы>
<ПлатежныеСистемы><Элемент><Ид>card</Ид><Название>Банковская карта</Название></Элемент>
<Элемент><Ид>sbp</Ид><Название>СБП</Название></Элемент></ПлатежныеСистемы><СлужбыДоставки/></Справочник>`;
  expect(tree).toEqual(treeOf(sample));
});
