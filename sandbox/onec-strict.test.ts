/** What the sandbox's 1C demands of answers and makes of files, without a site. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMPANIES } from "./onec/catalog.ts";
import { loadOrders } from "./onec/load.ts";
import { patchOrder } from "./onec/orders.ts";
import { readSiteOrders } from "./onec/read-orders.ts";
import { readXml } from "./onec/read-xml.ts";
import { readCheckauth, readInit, readQueryStart, readVerdict } from "./onec/session.ts";
import { freshOnec } from "./onec/state.ts";
import { exchangeAddress } from "./onec/wire.ts";
import { ordersFile } from "./onec/write-xml.ts";
import { unzipFirst, zipOne } from "./onec/zip.ts";

const SAMPLE = readFileSync(new URL("./fixtures/query-answer-ut11-paid.xml", import.meta.url), "utf8");

describe("what УТ 11.5 is strict about", () => {
  it("checkauth: first word, three lines, CR at the end of the cookie value", () => {
    expect(readCheckauth("success\nSID\nabc\nsessid=1f", false)).toEqual({ cookie: "SID=abc", suffix: "&sessid=1f" });
    expect(readCheckauth("Success \nSID\nabc", false)).toEqual({ cookie: "SID=abc", suffix: "&sessid=" });
    expect(readCheckauth("success\nSID\nabc\nsessid=1f", true).suffix).toBe("");
    expect(() => readCheckauth("failure\nНеверный пароль", false)).toThrow("Неверный пароль");
    expect(() => readCheckauth("success\r\nSID\r\nabc\r\nsessid=1", false)).toThrow("CR");
    expect(() => readCheckauth("success\nSID", false)).toThrow();
  });

  it("CML-9: init has exactly two lines, a final LF makes three", () => {
    expect(readInit("zip=no\nfile_limit=4000")).toEqual({ zip: false, fileLimit: 4000 });
    expect(readInit("zip=yes\nfile_limit=many")).toEqual({ zip: true, fileLimit: null });
    expect(() => readInit("zip=no\nfile_limit=4000\n")).toThrow("2 строки");
    expect(() => readInit("zip=no")).toThrow("2 строки");
  });

  it("query must begin with <?xml or PK; a BOM is an error (CML-15)", () => {
    const start = (text: string) => readQueryStart(Buffer.from(text), text);
    expect(start("<?xml ?>")).toBe("xml");
    expect(start("PK\x03\x04")).toBe("zip");
    expect(() => start("\uFEFF<?xml ?>")).toThrow("BOM");
    expect(() => start("<КоммерческаяИнформация/>")).toThrow();
  });

  it("one document of another operation, a missing currency, an empty КПП or a bad boolean refuses the whole answer", () => {
    expect(readSiteOrders(SAMPLE)).toHaveLength(1);
    expect(readSiteOrders(SAMPLE)[0]).toMatchObject({ number: "S-10250", paid: true, methodCode: "card", total: 366000n, cancelled: false });
    expect(() => readSiteOrders(SAMPLE.replace("Заказ товара", "Выплата безналичных денег"))).toThrow("ХозОперация");
    expect(() => readSiteOrders(SAMPLE.replace("<Валюта>RUB</Валюта>", ""))).toThrow("Валюта");
    expect(() => readSiteOrders(SAMPLE.replace("<Роль>Покупатель</Роль>", "<КПП></КПП>"))).toThrow("пустой КПП");
    expect(() => readSiteOrders(SAMPLE.replace("<Значение>true</Значение>", "<Значение>да</Значение>"))).toThrow("булево");
    expect(() => readXml('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a/>')).toThrow("DOCTYPE");
  });

  it("УНФ, way B: the sample's part payment is read; УТ looks at no subordinate document", () => {
    const sample = readFileSync(new URL("./fixtures/query-answer-unf210-partial.xml", import.meta.url), "utf8");
    const [order] = readSiteOrders(sample);
    expect(order).toMatchObject({ number: "S-10250", paid: false, payments: [{ number: "P-20260001", operation: "Эквайринговая операция", sum: 150000n, method: "Банковская карта", paid: "true" }] });
    const load = (configuration: "ut" | "unf", xml: string) => {
      const state = freshOnec(configuration);
      const run = () => loadOrders(state, readSiteOrders(xml), 0).booked.map((one) => one.sum);
      return [run(), run()];
    };
    expect(load("unf", sample)).toEqual([[150000n], []]);
    expect(load("ut", sample)).toEqual([[], []]);
    // An Ид of 36 characters is taken for a reference of 1C, a document without its method is not loaded.
    expect(load("unf", sample.replace("<Ид>P-20260001</Ид>", "<Ид>b0c5b1a8-98b4-4e0e-9a67-0d8c3e2b5f01</Ид>"))[0]).toEqual([]);
    expect(load("unf", sample.replace(/Банковская карта/g, ""))[0]).toEqual([]);
    expect(load("unf", sample.replace("<Наименование>Оплачено</Наименование>\n\t\t\t\t\t\t<Значение>true", "<Наименование>Оплачено</Наименование>\n\t\t\t\t\t\t<Значение>false"))[0]).toEqual([]);
  });

  it("УНФ writes namespace 2.10, false values, contacts, and its own documents as subordinate ones", () => {
    const state = freshOnec("unf");
    const order = patchOrder(state, 0, { siteNumber: "U-1", bankPayment: { number: "318", sum: "10" }, refund: { sum: "4" }, ship: true });
    const text = ordersFile([order], 0, state.settings).toString("utf8");
    expect(text).toContain('xmlns="urn:1C.ru:commerceml_210"');
    const document = readXml(text.slice(1)).children[0]!;
    expect(document.children.find((one) => one.name === "ПодчиненныеДокументы")!.children.map((one) => one.children.find((part) => part.name === "ХозОперация")!.text)).toEqual(["Выплата безналичных денег", "Возврат безналичных денег", "Отпуск товара"]);
    expect(text).toContain("<Наименование>Оплачен</Наименование>\r\n\t\t\t\t<Значение>false");
    expect(text).toContain("<Тип>Почта</Тип>");
    expect(ordersFile([order], 0, { configuration: "unf", subordinate: false }).toString("utf8")).not.toContain("ПодчиненныеДокументы");
  });

  it("verdict is the first line; the address gets the Bitrix path only when none was typed", () => {
    expect(readVerdict("failure\nСтрока")).toEqual({ word: "failure", rest: "Строка" });
    expect(exchangeAddress("http://shop.example:3000")).toBe("http://shop.example:3000/bitrix/admin/1c_exchange.php");
    expect(exchangeAddress("http://shop.example/1c")).toBe("http://shop.example/1c");
    expect(() => exchangeAddress("http://shop.example/1c?x=1")).toThrow("?");
  });

  it("zip as УТ sends it is read by an ordinary unzip", async () => {
    const bytes = Buffer.from("данные ".repeat(1000));
    expect((await unzipFirst(zipOne("orders-1_1.xml", bytes))).equals(bytes)).toBe(true);
    expect(zipOne("a.xml", Buffer.from("123456789")).readUInt32LE(14)).toBe(0xcbf43926);
  });

  it("companies of the pretended base have valid check digits", () => {
    for (const { inn } of COMPANIES) {
      const sum = [2, 4, 10, 3, 5, 9, 4, 6, 8].reduce((all, w, i) => all + w * Number(inn[i]), 0);
      expect(inn).toMatch(/^9900\d{6}$/);
      expect(Number(inn[9])).toBe((sum % 11) % 10);
    }
  });
});
