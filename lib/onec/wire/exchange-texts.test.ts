import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { checkauth, failure, init, progress, refusalReason, success } from "./answers.ts";
import { endsOrderFile } from "./complete-file.ts";
import { exchangeFileName } from "./filename.ts";
import { fixture } from "./fixtures/read-fixture.ts";

describe("commerceml.md 3: answers are lines with one LF between them and none at the end", () => {
  test("CML-3, CML-9: the exact texts", () => {
    expect(checkauth({ cookieName: "PHPSESSID", cookieValue: "k3j4h5k3j4h5", sessid: "9f8e7d6c5b4a" })).toBe("success\nPHPSESSID\nk3j4h5k3j4h5\nsessid=9f8e7d6c5b4a");
    expect(init({ zip: false, fileLimitBytes: 1_048_576 })).toBe("zip=no\nfile_limit=1048576");
    expect(init({ zip: true, fileLimitBytes: 4000, bitrix: { sessid: "ab", version: "2.09" } })).toBe("zip=yes\nfile_limit=4000\nsessid=ab\nversion=2.09");
    expect(success()).toBe("success");
    expect(success("Загружено заказов: 2")).toBe("success\nЗагружено заказов: 2");
    expect(progress("Обработано 1 из 2")).toBe("progress\nОбработано 1 из 2");
    expect(failure("Неизвестный режим")).toBe("failure\nНеизвестный режим");
  });

  test("CML-6: a reason stays one short line", () => {
    expect(failure("первая\r\nвторая\u2028третья\u0007 \n")).toBe("failure\nпервая вторая третья");
    expect(failure("я".repeat(1000))).toBe(`failure\n${"я".repeat(249)}…`);
  });

  test("a session value that could break the Cookie header is never written", () => {
    expect(() => checkauth({ cookieName: "a", cookieValue: "b\r", sessid: "c" })).toThrow(RangeError);
  });

  test("CML-23: refused orders are named with their reasons, the rest is counted", () => {
    const refusal = { number: "B2B-000101", reason: "нет суммы документа" };
    expect(refusalReason([refusal])).toBe("Заказ B2B-000101: нет суммы документа");
    expect(refusalReason([refusal, { number: "", reason: "нет номера заказа" }])).toBe("Заказ B2B-000101: нет суммы документа; Заказ без номера: нет номера заказа");
    const many = refusalReason(Array.from({ length: 50 }, () => refusal));
    expect(many).toMatch(/; и ещё отказов: 4\d$/);
    expect(failure(many)).not.toContain("…");
  });
});

describe("CML-11: file names", () => {
  test.each([
    ["orders-11fae7c0-b822-439a-8294-b64383799f95_1.xml", "orders-11fae7c0-b822-439a-8294-b64383799f95_1.xml", "xml"],
    ["webdata/orders.xml", "orders.xml", "xml"],
    ["webdata\\000\\orders.XML", "orders.XML", "xml"],
    ["v8_4F2A.zip", "v8_4F2A.zip", "zip"],
    ["import_files/ab/guid#guid.jpg", "import_files/ab/guid#guid.jpg", "other"],
    ["Заказы-Ёлка.xml", "Заказы-Ёлка.xml", "xml"],
  ])("%s is %s", (given, path, extension) => {
    expect(exchangeFileName(given)).toMatchObject({ path, extension });
  });

  test.each([
    "", ".", "..", "../orders.xml", "a/../orders.xml", "/orders.xml", "\\orders.xml", "C:\\orders.xml", "a//b.xml", "orders\u0000.xml", "a b.xml",
    "orders.xml.", "a|b.xml", "a\nb.xml", `${"я".repeat(101)}.xml`, "1/2/3/4/5/6/7/8/9.xml", "\u202Elmx.exe",
  ])("%j is refused", (given) => {
    expect(exchangeFileName(given)).toBeNull();
  });
});

describe("CML-13: a file whose root is closed can be processed without import", () => {
  const closed = "<Документ/></КоммерческаяИнформация>";
  test.each([
    ["УТ", fixture("orders-ut11-legal.xml"), true],
    ["windows-1251", fixture("orders-ut103-short-1251.xml"), true],
    ["with a line end", Buffer.from(`${closed}\r\n`), true],
    ["with a prefix", Buffer.from("</k:КоммерческаяИнформация>"), true],
    ["empty root", Buffer.from('<КоммерческаяИнформация ВерсияСхемы="2.07"/>'), true],
    ["1251 with a line end", iconv.encode(`${closed}\n`, "win1251"), true],
    ["cut in the last tag", Buffer.from(closed.slice(0, -1)), false],
    ["cut after a document", Buffer.from("<КоммерческаяИнформация><Документ/>"), false],
    ["text after the end", Buffer.from(`${closed} <Документ>`), false],
    ["nothing", Buffer.alloc(0), false],
  ])("%s", (_name, bytes, expected) => {
    expect(endsOrderFile(bytes)).toBe(expected);
  });
});
