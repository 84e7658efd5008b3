import { describe, expect, test } from "vitest";
import { readGostQr } from "@/lib/kit/gost-qr.ts";
import { buildInvoiceContent, InvoiceNotPrintable } from "./invoice-content.ts";
import { invoiceDisposition, invoiceFileName } from "./invoice-filename.ts";
import { requisiteRows } from "./requisite-rows.ts";
import { sampleInvoice, timber, traderInvoice } from "./fixtures/sample-invoice.ts";
import words from "./fixtures/sum-in-words.json" with { type: "json" };
import type { VatRate } from "@/lib/kit/vat.ts";

const nb = "\u00A0";
const taxed = (sumKopecks: bigint, vat: VatRate, vatKopecks: bigint) => ({ ...timber, discountKopecks: 0n, priceKopecks: sumKopecks, quantity: "1", sumKopecks, vat, vatKopecks });
const withLines = (lines: (typeof timber)[]) => ({ ...sampleInvoice, lines, totalKopecks: lines.reduce((total, line) => total + line.sumKopecks, 0n) });

test("invoice.md 2: the sample order as 1C prints it", () => {
  const content = buildInvoiceContent(sampleInvoice);
  expect(content).toMatchObject({
    title: `Счет на оплату №${nb}УТ00-000815 от 16${nb}ноября${nb}2026${nb}г.`,
    remarks: ["Счет действителен до 28.11.2026.", "Товар отпускается по факту прихода денег."],
    purpose: "Оплата по счету № УТ00-000815 от 16.11.2026. В т.ч. НДС 22% 16610.00",
    hasArticles: true,
    hasDiscounts: true,
    countLine: `Всего наименований 3, на сумму 92${nb}110,00 руб.`,
    sumInWords: "Девяносто две тысячи сто десять рублей 00 копеек",
    totals: [
      { label: "Итого:", sum: `92${nb}110,00` },
      { label: "В том числе НДС 22%:", sum: `16${nb}610,00` },
      { label: "Всего к оплате:", sum: `92${nb}110,00` },
    ],
    signatures: [{ role: "Руководитель", name: "Лесной А. П." }, { role: "Бухгалтер", name: "Счётова М. И." }],
    totalRubles: "92110.00",
  });
  expect(content.parties[0]).toEqual({ label: "Поставщик", text: `ООО "Лесной Двор", ИНН${nb}9900000017, КПП${nb}990101001, 101000, Москва г, ул. Лесная, дом 5, тел.:${nb}+7 495 000-00-01` });
  expect(content.lines[0]).toEqual({ position: "1", article: "ДО-50150", name: "Доска обрезная 50×150×6000 сорт 1", quantity: "4", unit: "м³", price: `21${nb}350,00`, discount: `4${nb}270,00`, sum: `81${nb}130,00` });
  expect(content.parties.map((party) => party.label)).toEqual(["Поставщик", "Покупатель", "Основание"]);
  // It is stored as JSON and must come back the same.
  expect(JSON.parse(JSON.stringify(content))).toEqual(content);
});

test("INV-7: a sole trader has no КПП anywhere, signs alone, and names no VAT", () => {
  const content = buildInvoiceContent(traderInvoice);
  expect(content.signatures).toEqual([{ role: "Предприниматель", name: "Кузнецова О. И." }]);
  expect(content.totals[1]).toEqual({ label: "Без налога (НДС)", sum: "–" });
  expect(content.purpose).toBe("Оплата по счету № 1001 от 16.11.2026. Без НДС");
  expect(content.parties[0]?.text).not.toContain("КПП");
  expect(content.qr).not.toContain("KPP");
});

test("VAT-07: VAT of the invoice is the sum of its lines, one line per rate", () => {
  const hundred = taxed(10_000n, "vat22", 1_803n);
  const content = buildInvoiceContent(withLines([hundred, hundred, hundred, taxed(55_000n, "vat10", 5_000n), taxed(1_000n, "none", 0n)]));
  // 300.00 at 22 % would be 54.10.
  expect(content.totals.slice(1, -1)).toEqual([{ label: "В том числе НДС 22%:", sum: "54,09" }, { label: "В том числе НДС 10%:", sum: "50,00" }]);
  expect(content.purpose).toBe("Оплата по счету № УТ00-000815 от 16.11.2026. В т.ч. НДС 22% 54.09, НДС 10% 50.00");
});

describe("INV-2: the purpose fits a payment order", () => {
  test("no quotation marks or bars", () => {
    expect(buildInvoiceContent({ ...sampleInvoice, number: 'А|"1"«2»' }).purpose).toBe("Оплата по счету № А12 от 16.11.2026. В т.ч. НДС 22% 16610.00");
  });
  test("rates are folded into one sum when they would not fit 210 characters", () => {
    const rates = ["vat22", "vat20", "vat10", "vat7", "vat5"] as const;
    const many = { ...withLines(rates.map((rate) => taxed(999_999_999n, rate, 1_000n))), number: "Я".repeat(100) };
    const { purpose } = buildInvoiceContent(many);
    expect(purpose.endsWith("В т.ч. НДС 50.00")).toBe(true);
    expect(purpose.length).toBeLessThanOrEqual(210);
  });
  test("INV-1: a number that cannot come back is not issued", () => {
    expect(() => buildInvoiceContent({ ...sampleInvoice, number: "Я".repeat(200) })).toThrow(InvoiceNotPrintable);
    expect(() => buildInvoiceContent({ ...sampleInvoice, number: "УТ 815" })).toThrow(InvoiceNotPrintable);
  });
});

test("INV-6, INV-8: the QR names the sum in kopecks and the same purpose", () => {
  const content = buildInvoiceContent(sampleInvoice);
  const fields = readGostQr(content.qr ?? "");
  expect(fields.get("Sum")).toBe("9211000");
  expect(fields.get("Purpose")).toBe(content.purpose);
  expect(fields.get("PersonalAcc")).toBe("40702810938000012345");
});

test("a requisite that the QR cannot hold leaves the invoice without a QR, and says why", () => {
  const content = buildInvoiceContent({ ...sampleInvoice, bank: { ...sampleInvoice.bank, name: "Б".repeat(60) } });
  expect(content.qr).toBeNull();
  expect(content.qrProblem).toContain("BankName");
  expect(content.bank.name).toHaveLength(60);
});

test("INV-3: the second version says so", () => {
  expect(buildInvoiceContent({ ...sampleInvoice, version: 2 }).title.endsWith(`г. (редакция${nb}2)`)).toBe(true);
});

test("payment stages: shares, sums, terms", () => {
  const stages = [
    { sumKopecks: 3_070_333n, due: { kind: "day", day: "2026-11-20" } },
    { sumKopecks: 6_140_667n, due: { kind: "after_shipment", days: 14, dayKind: "calendar" } },
  ] as const;
  expect(buildInvoiceContent({ ...sampleInvoice, stages: [...stages] }).stages).toEqual([
    { share: `33,3${nb}%`, sum: `30${nb}703,33`, due: "до 20.11.2026" },
    { share: `66,7${nb}%`, sum: `61${nb}406,67`, due: `в течение 14${nb}календарных дней после отгрузки` },
  ]);
  expect(() => buildInvoiceContent({ ...sampleInvoice, stages: [stages[0]] })).toThrow("stages do not add up");
});

test.each([
  ["no lines", { lines: [] }, "1 to 1000 lines"],
  ["a total that the lines do not give", { totalKopecks: 9_211_001n }, "do not add up"],
  ["nothing to pay", { totalKopecks: 0n }, "positive"],
])("an invoice that contradicts itself is not issued: %s", (_name, change, message) => {
  expect(() => buildInvoiceContent({ ...sampleInvoice, ...change })).toThrow(message);
});

test.each(words.filter(({ kopecks }) => kopecks > 0))("invoice.md 4: $kopecks kopecks in words", ({ kopecks, words: expected }) => {
  expect(buildInvoiceContent(withLines([taxed(BigInt(kopecks), "none", 0n)])).sumInWords).toBe(expected);
});

test("INV-5: requisites as rows; what is copied has no typographic spaces", () => {
  const rows = requisiteRows(buildInvoiceContent(sampleInvoice));
  expect(rows.map((row) => row.label)).toEqual(["Получатель", "ИНН", "КПП", "Расчётный счёт", "Банк", "БИК", "Корр. счёт", "Сумма", "Назначение платежа"]);
  expect(rows.find((row) => row.label === "Сумма")).toEqual({ label: "Сумма", shown: "92\u202F110,00\u00A0₽", copy: "92110.00" });
  expect(rows.every((row) => !/[\u00A0\u202F]/.test(row.copy))).toBe(true);
  expect(requisiteRows(buildInvoiceContent(traderInvoice)).map((row) => row.label)).not.toContain("КПП");
});

describe("INV-4: the file name", () => {
  test("in Russian, and in ASCII for old clients", () => {
    expect(invoiceFileName(sampleInvoice)).toBe("Счет_УТ00-000815_2026-11-16.pdf");
    const header = invoiceDisposition(sampleInvoice);
    expect(header).toBe(`attachment; filename="Schet_UT00-000815_2026-11-16.pdf"; filename*=UTF-8''${encodeURIComponent("Счет_УТ00-000815_2026-11-16.pdf")}`);
    expect(invoiceDisposition(sampleInvoice, "inline").startsWith("inline;")).toBe(true);
  });
  test("nothing of a number can break out of the header or the folder", () => {
    const header = invoiceDisposition({ number: '../a"\r\nSet-Cookie:(x)\'*', date: "2026-11-16" });
    expect(header).toMatch(/^[\x20-\x7E]+$/);
    expect(header.match(/"/g)).toHaveLength(2);
    expect(invoiceFileName({ number: "../../etc/passwd", date: "2026-11-16" })).not.toContain("/");
  });
});
