import { createPublicKey, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReceiptNotExpressible, type FiscalReceipt, type ReceiptLine } from "@/lib/fiscal/cash-register.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import { Decimal, roubles, units, writeBody } from "./body.ts";
import { paymentCodes, taxCodes, taxSystemCodes, typeCodes } from "./codes.ts";
import vectors from "./fixtures/vectors.json";
import { readSigningKey, signBody, SigningKeyError } from "./signature.ts";
import { documentBody } from "./translate.ts";

const { test_key: keys } = vectors;
const account = { inn: "7709123453", key: "7709123453", group: "Main_2", ffd: "1.2" as const };
const line = (over: Partial<ReceiptLine>): ReceiptLine => ({
  name: "Дрель аккумуляторная ДА-18", priceKopecks: 124950n, quantity: "2", sumKopecks: 249900n, vat: "vat22", vatKopecks: 45064n, method: 4, subject: 1, measure: 0, orderLineId: null, markCode: null, ...over,
});
// The receipt of orange-data.md 5.8.
const receipt: FiscalReceipt = {
  externalId: "ord-2026-000417-s1", kind: "income", ffd: "1.2", taxSystem: "osn", contact: "buyer@example.ru", buyer: null,
  lines: [line({}), line({ name: "Мука пшеничная, кг", priceKopecks: 32000n, quantity: "0.75", sumKopecks: 24000n, vat: "vat10", measure: 11 })],
  payments: { electronicKopecks: 273900n, cashKopecks: 0n, prepaidKopecks: 0n, creditKopecks: 0n },
  totalKopecks: 273900n, internet: true, senderEmail: null, placeUrl: null, meta: null, correction: null, additionalAttribute: null,
};
const oneLine = (over: Partial<ReceiptLine>, rest: Partial<FiscalReceipt> = {}): FiscalReceipt => {
  const only = line({ priceKopecks: 10000n, quantity: "1", sumKopecks: 10000n, ...over });
  return { ...receipt, lines: [only], totalKopecks: only.sumKopecks, payments: { ...receipt.payments, electronicKopecks: only.sumKopecks }, ...rest };
};
const parsed = (body: string) => JSON.parse(body) as { content: Record<string, unknown> & { positions: Record<string, unknown>[] } };

describe("signature", () => {
  const secret = { pem: readSigningKey(keys.private_pkcs8_pem), xml: readSigningKey(keys.private_xml_rsakeyvalue) };

  test.each(vectors.cases)("$id: $what", ({ body, x_signature }) => {
    expect(signBody(body, secret.pem)).toBe(x_signature);
    expect(signBody(body, secret.xml)).toBe(x_signature);
  });

  test.each(vectors.negative_cases)("$id: $what", ({ body, x_signature }) => {
    expect(verify("RSA-SHA256", Buffer.from(body), createPublicKey(keys.public_spki_pem), Buffer.from(x_signature, "base64"))).toBe(false);
    expect(signBody(body, secret.pem)).not.toBe(x_signature);
  });

  test("public keys, garbage and other algorithms are refused without showing them", () => {
    for (const bad of [keys.public_xml_rsakeyvalue, keys.public_spki_pem, "", "MIIEvw", "<RSAKeyValue></RSAKeyValue>"]) {
      expect(() => readSigningKey(bad)).toThrow(SigningKeyError);
    }
    expect(() => readSigningKey(keys.private_xml_rsakeyvalue.replace("<D>", "<D>!"))).toThrow(expect.objectContaining({ message: "D is missing: this is not a private key" }) as Error);
  });
});

describe("body", () => {
  test("orange-data.md 5.8: the example, field by field and in its order", () => {
    const example = vectors.cases[0]?.body ?? "";
    const body = documentBody(receipt, account);
    expect(JSON.parse(body)).toEqual({ ...JSON.parse(example), content: { ...parsed(example).content, isInternetStore: true } });
    expect(body.replace(',"isInternetStore":true', "")).toBe(example);
  });

  test("numbers come from integers: no exponent, no trailing zeros", () => {
    expect([roubles(32000n), roubles(124950n), roubles(1n), roubles(10n), roubles(0n), roubles(9999999999n), units("0.750"), units("10")].map(writeBody)).toEqual(["320", "1249.5", "0.01", "0.1", "0", "99999999.99", "0.75", "10"]);
    fc.assert(fc.property(fc.bigInt(0n, 9999999999n), (kopecks) => Math.round(Number(writeBody(roubles(kopecks))) * 100) === Number(kopecks)));
    expect(() => writeBody(0.1)).toThrow(RangeError);
    expect(() => new Decimal("1e-7")).toThrow(RangeError);
  });

  test("the code tables are those of the vectors", () => {
    const { mapping } = vectors;
    for (const row of mapping.vat_1199) {
      const { tax, tax20 } = taxCodes[row.name as VatRate];
      expect([row.name, tax20 ? `${tax} + content.useTax20=true` : tax]).toEqual([row.name, row.orange]);
    }
    expect(mapping.vat_1199.map((row) => row.name).sort()).toEqual(Object.keys(taxCodes).sort());
    const system = Object.fromEntries(mapping.taxation_1055.map((row) => [row.name, row.orange]));
    expect(system).toMatchObject(taxSystemCodes);
    const paid = Object.fromEntries(mapping.payment_kind.map((row) => [row.name === "postpaid" ? "credit" : row.name, row.orange]));
    expect(paid).toMatchObject(paymentCodes);
    expect(mapping.calculation_type_1054.slice(0, 2).map((row) => row.orange)).toEqual([typeCodes.income, typeCodes.income_return]);
  });

  test("VAT-05: a return of 2025 asks for 20 %, and 20 % cannot stand beside 22 %", () => {
    expect(parsed(documentBody(oneLine({ vat: "vat20" }, { kind: "income_return" }), account)).content).toMatchObject({ type: 2, useTax20: true });
    expect(parsed(documentBody(oneLine({ vat: "vat20_120" }), account)).content.positions[0]).toMatchObject({ tax: 3 });
    expect(parsed(documentBody(oneLine({ vat: "vat10" }), account)).content).not.toHaveProperty("useTax20");
    const mixed = { ...receipt, lines: [line({}), line({ vat: "vat20_120", priceKopecks: 24000n, quantity: "1", sumKopecks: 24000n })] };
    expect(() => documentBody(mixed, account)).toThrow(expect.objectContaining({ field: "vat" }) as Error);
  });

  test("every payment kind has its code, empty ones are not sent", () => {
    const payments = { electronicKopecks: 1000n, cashKopecks: 2000n, prepaidKopecks: 3000n, creditKopecks: 4000n };
    expect(parsed(documentBody(oneLine({}, { payments }), account)).content["checkClose"]).toEqual({
      payments: [{ type: 1, amount: 20 }, { type: 2, amount: 10 }, { type: 14, amount: 30 }, { type: 15, amount: 40 }], taxationSystem: 0,
    });
  });

  test("FISC-29: the buyer stands where his FFD version wants him, cleaned", () => {
    const buyer = { name: "ООО «Ромашка»", inn: "5024123459" };
    expect(parsed(documentBody(oneLine({}, { buyer }), account)).content).toMatchObject({ customerInfo: { name: 'ООО "Ромашка"', inn: "5024123459" } });
    const old = { ...account, group: "Main", ffd: "1.05" as const };
    const content = parsed(documentBody(oneLine({}, { buyer, ffd: "1.05", senderEmail: "shop@example.ru", meta: "r-1" }), old)).content;
    expect(content).toMatchObject({ ffdVersion: 2, customer: 'ООО "Ромашка"', customerINN: "5024123459", senderEmail: "shop@example.ru" });
    expect(content.positions[0]).not.toHaveProperty("quantityMeasurementUnit");
    expect(content).not.toHaveProperty("settlementPlace");
  });

  test.each<[string, FiscalReceipt]>([
    ["externalId", { ...receipt, externalId: "заказ 1" }],
    ["ffd", { ...receipt, ffd: "1.05" }],
    ["contact", { ...receipt, contact: "none" }],
    ["contact", { ...receipt, contact: "8 916 123-45-67" }],
    ["totalKopecks", { ...receipt, totalKopecks: 273901n }],
    ["payments", { ...receipt, payments: { ...receipt.payments, electronicKopecks: 273901n } }],
    ["payments", { ...receipt, payments: { ...receipt.payments, cashKopecks: 1n } }],
    ["payments", { ...receipt, payments: { ...receipt.payments, electronicKopecks: 273899n } }],
    ["lines", { ...receipt, lines: [] }],
    ["lines", { ...receipt, lines: Array.from({ length: 251 }, () => line({})) }],
    ["lines[0].name", oneLine({ name: "Сок «Мечта»" })],
    ["lines[0].name", oneLine({ name: "" })],
    ["lines[1].quantity", { ...oneLine({}), lines: [...oneLine({}).lines, line({ quantity: "0", sumKopecks: 0n })] }],
    ["lines[0].sumKopecks", oneLine({ sumKopecks: 10001n })],
    ["lines[0].subject", oneLine({ method: 7 })],
    ["buyer.inn", { ...receipt, buyer: { name: "ООО", inn: "5024123450" } }],
    ["buyer.name", { ...receipt, buyer: { name: "☃", inn: null } }],
    ["senderEmail", { ...receipt, senderEmail: "shop" }],
    ["meta", { ...receipt, meta: "m".repeat(129) }],
  ])("fiscal/README 3: refuses a wrong %s before the service sees it", (field, wrong) => {
    const thrown = (() => {
      try {
        documentBody(wrong, account);
      } catch (error) {
        return error;
      }
      return null;
    })();
    expect(thrown).toBeInstanceOf(ReceiptNotExpressible);
    expect((thrown as ReceiptNotExpressible).field).toBe(field);
  });

  test("the group must fit the FFD version; marked goods need 1.2", () => {
    expect(() => documentBody(receipt, { ...account, group: "Main" })).toThrow(expect.objectContaining({ field: "group" }) as Error);
    const old = { ...account, group: "Main", ffd: "1.05" as const };
    expect(() => documentBody(oneLine({ subject: 33 }, { ffd: "1.05" }), old)).toThrow(expect.objectContaining({ field: "lines[0].subject" }) as Error);
  });
});

describe("corrections and marked goods", () => {
  const late: FiscalReceipt = { ...receipt, kind: "income_correction", correction: { basis: "own", settledOn: "2026-11-19", orderNumber: null } };
  const old = { ...account, group: "Main", ffd: "1.05" as const };

  test("FISC-31, FFD 1.2: a whole receipt with its cause", () => {
    expect(parsed(documentBody(late, account)).content).toMatchObject({ type: 1, correctionType: 0, causeDocumentDate: "2026-11-19T00:00:00", positions: [{ price: 1249.5 }, { price: 320 }], checkClose: { payments: [{ type: 2, amount: 2739 }] } });
    expect(parsed(documentBody(late, account)).content).not.toHaveProperty("causeDocumentNumber");
    const ordered = documentBody({ ...late, kind: "income_return_correction", correction: { basis: "order", settledOn: "2026-11-19", orderNumber: "12/7" } }, account);
    expect(parsed(ordered).content).toMatchObject({ type: 2, correctionType: 1, causeDocumentNumber: "12/7" });
  });

  test("FISC-31, FFD 1.05: sums only, tax by its own numbering", () => {
    const lines = [line({ measure: null }), line({ name: "Мука", priceKopecks: 32000n, quantity: "0.75", sumKopecks: 24000n, vat: "none", vatKopecks: 0n, measure: null })];
    const { content } = parsed(documentBody({ ...late, ffd: "1.05", lines }, old));
    expect(content).toEqual({
      correctionType: 0, type: 1, causeDocumentDate: "2026-11-19T00:00:00", totalSum: 2739, cashSum: 0, eCashSum: 2739, prepaymentSum: 0, postpaymentSum: 0, otherPaymentTypeSum: 0,
      tax1Sum: 450.64, tax4Sum: 240, taxationSystem: 0, customerContact: "buyer@example.ru", isInternetStore: true,
    });
    expect(() => documentBody({ ...late, ffd: "1.05", kind: "income_return_correction", lines }, old)).toThrow(ReceiptNotExpressible);
  });

  test.each<[string, Partial<FiscalReceipt>]>([
    ["a correction without a cause", { kind: "income_correction", correction: null }],
    ["a cause on an ordinary receipt", { correction: late.correction }],
    ["an order of the tax office without its number", { ...late, correction: { basis: "order", settledOn: "2026-11-19", orderNumber: null } }],
    ["a day that is none", { ...late, correction: { basis: "own", settledOn: "19.11.2026", orderNumber: null } }],
    ["a fiscal sign that does not fit", { additionalAttribute: "1".repeat(17) }],
  ])("%s is refused", (_what, over) => {
    expect(() => documentBody({ ...receipt, ...over }, account)).toThrow(ReceiptNotExpressible);
  });

  test("FISC-32, FFD 1.05: the fiscal sign of the wrong receipt stands in tag 1192", () => {
    expect(parsed(documentBody({ ...receipt, additionalAttribute: "3156204417" }, account)).content).toMatchObject({ additionalAttribute: "3156204417" });
  });

  test("FISC-51: a marked piece carries its code and what becomes of it", () => {
    const code = "0104601234567890215abc\u001d93dGVz";
    expect(parsed(documentBody(oneLine({ subject: 33, markCode: code }), account)).content.positions).toMatchObject([{ itemCode: code, plannedStatus: 1, paymentSubjectType: 33 }]);
    expect(parsed(documentBody(oneLine({ subject: 33, markCode: code }, { kind: "income_return" }), account)).content.positions).toMatchObject([{ plannedStatus: 3 }]);
    expect(() => documentBody(oneLine({ subject: 33 }), account)).toThrow(ReceiptNotExpressible);
    expect(() => documentBody(oneLine({ subject: 1, markCode: code }), account)).toThrow(ReceiptNotExpressible);
    expect(() => documentBody(oneLine({ subject: 33, markCode: code, quantity: "2", sumKopecks: 20000n }), account)).toThrow(ReceiptNotExpressible);
  });
});
