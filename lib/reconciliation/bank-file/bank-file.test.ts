import { readFileSync } from "node:fs";
import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { amountOf, dayOf, decodeStatement, parseStatement, readDocument } from "./index.ts";
import type { BankDocument } from "./index.ts";

const fixture = (name: string) => readFileSync(`${import.meta.dirname}/fixtures/${name}`);
const expected = JSON.parse(fixture("statement-expected.json").toString()) as { ownAccount: string; expected: Record<string, { doc: string; verdict: string; why: string }[]> };
const own = { accounts: new Set([expected.ownAccount]), inns: new Set(["9900000017"]) };
const read = (bytes: Uint8Array) => parseStatement(decodeStatement(bytes)).documents.map((section) => readDocument(section, own));
const documents = (bytes: Uint8Array) => read(bytes).map((each) => (each.kind === "taken" ? each.document : null)).filter((each): each is BankDocument => each !== null);

test.each(Object.keys(expected.expected))("BNK-1, BNK-6: every document of %s is read and sorted before matching", (name) => {
  const lines = documents(fixture(name));
  expect(new Set(lines.map((each) => each.number))).toEqual(new Set(expected.expected[name]!.map((each) => each.doc)));
  expect(lines).toHaveLength(expected.expected[name]!.length);
  for (const each of expected.expected[name]!.filter((one) => one.verdict === "ignore")) {
    const line = lines.find((one) => one.number === each.doc)!;
    expect(each.why.startsWith("acquiring") ? line.kind : line.direction, each.why).toBe(each.why.startsWith("acquiring") ? "acquirer_settlement" : "debit");
  }
  expect(lines.filter((each) => each.kind === "candidate")).toHaveLength(lines.length - expected.expected[name]!.filter((each) => each.verdict === "ignore").length);
});

test("BNK-5: an empty day of receipt falls back to the document's date; BNK-7: KPP of zeros and a name with quotes", () => {
  const line = documents(fixture("statement-2026-11-21-cp1251.txt")).find((each) => each.number === "91")!;
  expect(line).toMatchObject({ direction: "credit", receivedOn: "2026-11-21", amountKopecks: 122_000n, payerInn: "9900000024", payerName: 'ООО "Северный Мастер"' });
});

test.each([["1 000,50", 100_050n], ["1000-50", 100_050n], ["1000=50", 100_050n], ["1000", 100_000n], ["10.5", 1_050n], ["0,00", 0n], ["1+2", null], ["-5", null], ["1e5", null], ["", null], ["10.505", null]])("BNK-4: %s is %s kopecks", (text, kopecks) => {
  expect(amountOf(text)).toBe(kopecks);
});

test.each([["21.11.26", "2026-11-21"], ["1.2.2026", "2026-02-01"], ["31.02.2026", null], ["", null], ["2026-11-21", null], ["21.11.0202", null]])("BNK-5: %s", (text, day) => {
  expect(dayOf(text)).toBe(day);
});

const section = (fields: Record<string, string>) => ["СекцияДокумент=Платежное поручение", ...Object.entries(fields).map(([key, value]) => `${key}=${value}`), "КонецДокумента"].join("\r\n");
const credit = { Номер: "1", Дата: "21.11.2026", Сумма: "100.00", ПолучательСчет: expected.ownAccount, ПлательщикСчет: "30232810200000000333", НазначениеПлатежа: "Возмещение по реестру 77" };

test("BNK-2: a file without the first line is read with a warning; one without sections is refused with the formats we read", () => {
  const parsed = parseStatement(decodeStatement(Buffer.from(section(credit))));
  expect(parsed.documents).toHaveLength(1);
  expect(parsed.warnings[0]).toMatch(/1CClientBankExchange/);
  expect(() => decodeStatement(Buffer.from("просто текст"))).toThrow(/1CClientBankExchange/);
});

test("BNK-1: a wrong word about the code page is not believed", () => {
  const text = `1CClientBankExchange\r\nКодировка=DOS\r\n${section(credit)}`;
  expect(documents(iconv.encode(text, "win1251"))).toHaveLength(1);
  expect(documents(Buffer.from(text))).toHaveLength(1);
});

test("BNK-3: keys in any case, garbage between, a section without its end, one bad document among good ones", () => {
  const text = `1CClientBankExchange\n${section({ ...credit, Сумма: "сто" })}\nмусор\n${section(credit).replace("КонецДокумента", "").toUpperCase().replace("СЕКЦИЯДОКУМЕНТ", "СекцияДокумент")}\n${section({ ...credit, Номер: "2" })}`;
  const parsed = parseStatement(text);
  expect(read(Buffer.from(text)).map((each) => each.kind)).toEqual(["unreadable", "taken", "taken"]);
  expect(parsed.warnings.join()).toMatch(/не закрыт/);
});

test("BNK-8: a purpose cut in the middle of a word is put together again", () => {
  const inParts = (...parts: string[]) => {
    const fields = Object.entries(credit).filter(([key]) => key !== "НазначениеПлатежа");
    return documents(Buffer.from(section({ ...Object.fromEntries(fields), ...Object.fromEntries(parts.map((part, i) => [`НазначениеПлатежа${i + 1}`, part])) })))[0]!.purpose;
  };
  expect(inParts("Возмещение по реестру", "77")).toBe("Возмещение по реестру 77");
  const full = "Возмещение по операциям эквайринга р";
  expect(full.slice(0, 35)).toHaveLength(35);
  expect(inParts(full.slice(0, 35), "реестр 77")).toBe(`${full.slice(0, 35)}реестр 77`);
});

test.each([
  ["sbp_settlement", { НазначениеПлатежа: "Перечисление по СБП за 20.11.2026" }],
  ["candidate", { НазначениеПлатежа: "Оплата по СБП", ПлательщикСчет: "40817810938000077712" }],
  ["own_transfer", { ПлательщикИНН: "9900000017", НазначениеПлатежа: "Перевод собственных средств" }],
  ["own_transfer", { ПлательщикСчет: expected.ownAccount, НазначениеПлатежа: "Перевод" }],
  ["returned", { НазначениеПлатежа: "Возврат ошибочного платежа", ПлательщикСчет: "40702810210000054321" }],
  ["other", { ПоказательКБК: "18210102010011000110", НазначениеПлатежа: "Возврат налога" }],
  ["other", { ПлательщикСчет: "20202810000000000001", НазначениеПлатежа: "Взнос наличных" }],
  ["candidate", { ПлательщикСчет: "40702810210000054321", НазначениеПлатежа: "Оплата по счету 5" }],
  ["acquirer_settlement", {}],
])("section 5 of bank-statement.md: %s for %o", (kind, fields) => {
  expect(documents(Buffer.from(section({ ...credit, ...fields })))[0]?.kind).toBe(kind);
});

test("BNK-6: a document of neither account is set apart", () => {
  expect(read(Buffer.from(section({ ...credit, ПолучательСчет: "40702810000000000009" })))[0]).toMatchObject({ kind: "foreign" });
});
