import { deflateRawSync, crc32 } from "node:zlib";
import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { RegistryFileRefused, readRegistryFile } from "./index.ts";
import type { RegistryLine, RegistryOwner } from "./index.ts";
import { xlsxRows } from "./xlsx-rows.ts";

const owner: RegistryOwner = { merchantIds: ["20001234"], inn: "9900000017", zone: "Europe/Moscow" };
const header = "ID платежа;Дата операции;Тип операции;Сумма, руб.;Комиссия;НДС с комиссии;Валюта;Номер выплаты;Дата выплаты;Терминал;Карта;Номер заказа";
const line = (given: Partial<Record<string, string>> = {}) => {
  const cells = { id: "41700123", date: "21.11.2026 10:16:40", type: "Оплата", sum: "6 631,00", fee: "139,25", vat: "0", cur: "RUB", payout: "P-77", payoutDate: "23.11.2026", tid: "20001234", card: "220138******0013", ref: "k1-1", ...given };
  return Object.values(cells).join(";");
};
const csv = (...lines: string[]) => Buffer.from([header, ...lines].join("\r\n"));

async function read(bytes: Uint8Array, by = owner): Promise<NonNullable<RegistryLine>[]> {
  const lines: NonNullable<RegistryLine>[] = [];
  for await (const each of readRegistryFile(bytes, by)) lines.push(each);
  return lines;
}
const refusal = async (bytes: Uint8Array) => read(bytes).then(() => "taken", (error: unknown) => (error instanceof RegistryFileRefused ? error.reason : error));

const expected = {
  lineNo: 2, kind: "payment", providerPaymentId: "41700123", providerOperationId: null, reference: "k1-1", amountKopecks: 663_100n, feeKopecks: 13_925n, feeVatKopecks: 0n,
  occurredAt: new Date("2026-11-21T07:16:40Z"), businessDate: "2026-11-21", payoutId: "P-77", payoutDate: "2026-11-23", instrument: "0013",
};

test.each([
  ["UTF-8", csv(line())],
  ["UTF-8 with a mark", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), csv(line())])],
  ["windows-1251", iconv.encode(csv(line()).toString(), "win1251")],
  ["commas and quotes", Buffer.from([header.replace(", руб.", ""), line({ sum: '"6 631,00"', fee: '"139,25"' })].join("\n").replaceAll(";", ","))],
  ["tabs", Buffer.from(csv(line()).toString().replaceAll(";", "\t"))],
])("a registry in %s is read to the kopeck", async (_name, bytes) => {
  expect((await read(bytes))[0]?.operation).toMatchObject(expected);
});

test("REC-01: a registry with a title above its header, English words and ISO times", async () => {
  const bytes = Buffer.from(["Registry of ООО", "", "payment id,created at,type,amount,fee", "pay-1,2026-11-21T10:16:40Z,purchase,100.5,2.11", "pay-1,2026-11-22T10:16:40Z,refund,50,", "Total,,,50.5,"].join("\n"));
  const [payment, refund, ...more] = await read(bytes);
  expect(payment?.operation).toMatchObject({ lineNo: 4, kind: "payment", amountKopecks: 10_050n, feeKopecks: 211n, occurredAt: new Date("2026-11-21T10:16:40Z"), payoutId: null });
  expect(refund?.operation).toMatchObject({ lineNo: 5, kind: "refund", providerPaymentId: "pay-1", amountKopecks: 5_000n, feeKopecks: null });
  expect(more).toEqual([]);
});

test("a negative sum without a kind of operation is a refund; chargebacks and their end are known by their words", async () => {
  const kinds = await read(csv(line({ type: "", sum: "-10" }), line({ type: "Chargeback" }), line({ type: "Отмена опротестования" }), line({ type: "Возврат" })));
  expect(kinds.map((each) => each.operation?.kind)).toEqual(["refund", "chargeback", "chargeback_reversed", "refund"]);
});

test.each([
  ["NEGATIVE_FEE", { fee: "-1" }],
  ["ZERO_AMOUNT", { sum: "0,00" }],
  ["AMOUNT", { sum: "10,005" }],
  ["AMOUNT", { sum: "1,234.56" }],
  ["AMOUNT", { sum: "1e3" }],
  ["NEGATIVE_AMOUNT", { sum: "-10" }],
  ["CURRENCY", { cur: "USD" }],
  ["OTHER_MERCHANT", { tid: "30009999" }],
  ["DATE", { date: "31.02.2026" }],
  ["DATE", { date: "" }],
  ["OPERATION", { type: "Обмен валюты" }],
  ["TOO_LONG", { id: "9".repeat(200) }],
])("a line that is wrong is set aside as %s with its number, and the rest is taken: %o", async (code, given) => {
  const [bad, good] = await read(csv(line(given), line()));
  expect(bad?.problem).toMatchObject({ lineNo: 2, code });
  expect(bad?.problem?.text).toMatch(/[а-я]/);
  expect(good?.operation).toMatchObject({ lineNo: 3, amountKopecks: 663_100n });
});

test("SEC-03: neither a card number nor a contact stays in what is kept of a line", async () => {
  const [bad] = await read(csv(line({ card: "4111111111111111", ref: "ivan@example.ru", sum: "0" })));
  expect(bad?.problem?.raw).not.toMatch(/4111111111111111|ivan@example/);
});

test.each([
  ["columns", Buffer.from("Дата;Комментарий;Сумма\n21.11.2026;x;1")],
  ["columns", Buffer.from("просто;текст\n1;2")],
  ["empty", csv()],
  ["empty", Buffer.alloc(0)],
  ["other_merchant", csv(line({ tid: "1" }), line({ tid: "2" }))],
  ["encoding", iconv.encode(csv(line()).toString(), "cp866")],
  ["encoding", iconv.encode(csv(line()).toString(), "koi8-r")],
  ["encoding", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(header, "utf16le")])],
  ["unreadable", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1])],
  ["unreadable", Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(100, 7)])],
])("a file that cannot be understood is refused as a whole: %s", async (reason, bytes) => {
  expect(await refusal(bytes)).toBe(reason);
});

test("the words of a connection's settings win over ours", async () => {
  const bytes = Buffer.from("Ключ;Когда;Деньги\nabc;21.11.2026;5\n");
  const lines = [];
  for await (const each of readRegistryFile(bytes, owner, { paymentId: "Ключ", date: "Когда", amount: "деньги" })) lines.push(each);
  expect(lines[0]?.operation).toMatchObject({ providerPaymentId: "abc", amountKopecks: 500n, businessDate: "2026-11-21" });
});

/** A small archive writer, so that the workbook is made by other code than reads it. */
function zip(files: Record<string, string>): Buffer {
  const [parts, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const [raw, packed] = [Buffer.from(text), deflateRawSync(Buffer.from(text))];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(raw), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(raw.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), common, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(directory.reduce((sum, each) => sum + each.length, 0), 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, ...directory, Buffer.from("PK\u0005\u0006"), end]);
}

test("a workbook: shared and inline strings, a serial date, a sum with the noise of doubles, a gap between cells", async () => {
  const shared = ["ID платежа", "Дата", "Сумма", "Комиссия", "41700123"];
  const bytes = zip({
    "[Content_Types].xml": "<Types/>",
    "xl/sharedStrings.xml": `<sst>${shared.map((text) => `<si><t>${text}</t></si>`).join("")}</sst>`,
    "xl/worksheets/sheet1.xml": `<worksheet><sheetData><row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="D3" t="s"><v>2</v></c><c r="E3" t="s"><v>3</v></c></row>
      <row r="4"><c r="A4" t="s"><v>4</v></c><c r="B4"><v>46347.428240740701</v></c><c r="D4"><v>6631.0000000000009</v></c><c r="E4" t="inlineStr"><is><t>139.25</t></is></c></row></sheetData></worksheet>`,
  });
  expect((await read(bytes)).map((each) => each.operation)).toMatchObject([
    { lineNo: 4, providerPaymentId: "41700123", amountKopecks: 663_100n, feeKopecks: 13_925n, occurredAt: new Date("2026-11-21T07:16:40Z"), businessDate: "2026-11-21" },
  ]);
});

test("a workbook that unpacks to more than it may is refused while it is read", async () => {
  const bytes = zip({ "xl/worksheets/sheet1.xml": `<worksheet><sheetData>${" ".repeat(3_000_000)}</sheetData></worksheet>` });
  const rows = xlsxRows(bytes, 1_000_000);
  await expect(rows.next()).rejects.toMatchObject({ reason: "too_big" });
});

test.each([
  ["2026-02-31T10:00:00+03:00", "a day that no month has, with an offset"],
  ["21.11.202", "a year of three digits"],
  ["21.11.20261", "a year of five digits"],
  ["21.11.2026 10:16:40 PM", "an English half of the day"],
])("a date that cannot be right is set aside, not read halfway: %s (%s)", async (date) => {
  expect((await read(csv(line({ date }))))[0]?.problem?.code).toBe("DATE");
});

test.each(["Отмена возврата", "Refund reversal", "Сторно возврата", "Комиссия за оплату", "Удержание комиссии", "Payout", "Выплата по реестру", "Transaction fee"])("REC-01: «%s» is neither a payment nor a refund: a person looks", async (type) => {
  expect((await read(csv(line({ type }))))[0]?.problem?.code).toBe("OPERATION");
});

test("REC-01: money that goes away with a chargeback never counts as won back", async () => {
  const kinds = await read(csv(line({ type: "Возврат по чарджбэку" }), line({ type: "Возврат по опротестованию", sum: "-10" }), line({ type: "Отмена опротестования", sum: "-10" })));
  expect(kinds.map((each) => each.operation?.kind ?? each.problem?.code)).toEqual(["chargeback", "chargeback", "OPERATION"]);
});

test.each([["Отменён", "NOT_DONE"], ["Cancelled", "NOT_DONE"], ["Не оплачен", "NOT_DONE"], ["Не проведена", "NOT_DONE"], ["Processing", "NOT_DONE"], ["Processed", undefined], ["Обработана", undefined], ["Успешно", undefined]])("REC-02: state «%s»: %s", async (status, code) => {
  const bytes = Buffer.from([`${header};Статус`, `${line()};${status}`].join("\n"));
  expect((await read(bytes))[0]?.problem?.code).toBe(code);
});

test("a workbook with one endless text is refused before it fills the memory", async () => {
  const bytes = zip({ "xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c t="str"><v>${"1".repeat(8_000_000)}</v></c></row></sheetData></worksheet>` });
  expect(await refusal(bytes)).toBe("unreadable");
});

test("a workbook whose texts unpack to seventy million letters is refused before it fills the memory", async () => {
  const text = "a".repeat(1_900);
  const parts = ["<sst>", ...Array.from({ length: 37_000 }, (_, i) => `<si><t>${i}${text}</t></si>`), "</sst>"];
  const bytes = zip({ "xl/sharedStrings.xml": parts.join(""), "xl/worksheets/sheet1.xml": "<worksheet><sheetData/></worksheet>" });
  expect(await refusal(bytes)).toBe("too_big");
}, 30_000);
