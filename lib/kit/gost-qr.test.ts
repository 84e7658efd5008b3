import { expect, test } from "vitest";
import { gostQr, GostQrError, readGostQr, type GostPayment } from "@/lib/kit/gost-qr.ts";
import vectors from "./fixtures/qr-gost-vectors.json";

const company: GostPayment = {
  payee: { name: 'ООО "Лесной Двор"', inn: "9900000017", kpp: "990101001" },
  bank: { name: "ПАО СБЕРБАНК", bik: "044525225", account: "40702810938000012345", correspondentAccount: "30101810400000000225" },
  sumKopecks: 610000n,
  purpose: "Оплата по счету УТ00-000830 от 18.11.2026. В т.ч. НДС 22% 1100.00",
  document: null,
};
const built: GostPayment[] = [
  company,
  { ...company, sumKopecks: 9211000n, purpose: "Счет УТ00-000815 от 16.11.2026. В т.ч. НДС 22% 16610.00", document: { number: "УТ00-000815", date: "16.11.2026" } },
  {
    payee: { name: "ИП Кузнецова Ольга  Игоревна\n", inn: "990000000299", kpp: null },
    bank: { name: 'ФИЛИАЛ "ЦЕНТРАЛЬНЫЙ" БАНКА ВТБ (ПАО)', bik: "044525187", account: "40802810400000012312", correspondentAccount: "30101810700000000187" },
    sumKopecks: 50000n, purpose: "Оплата заказа 1001. Без НДС", document: null,
  },
];

test.each(built.map((payment, at) => ({ payment, vector: vectors.build[at] })))("INV-6, INV-7: builds «$vector.name»", ({ payment, vector }) => {
  const payload = gostQr(payment);
  expect(payload).toBe(vector?.payload);
  expect(new TextEncoder().encode(payload).length).toBe(vector?.bytesUtf8);
});

test("a bar in a value changes the separator", () => {
  const payload = gostQr({ ...company, payee: { ...company.payee, name: 'ООО "А|Б"' }, sumKopecks: 100n });
  expect(payload.startsWith(vectors.build[3]?.payload ?? "-")).toBe(true);
});

test("reads windows-1251, KOI8-R and 1C's small letters", () => {
  const [cyrillic, koi8, small] = vectors.decode;
  expect(Object.fromEntries(readGostQr(new TextDecoder("windows-1251").decode(Buffer.from(cyrillic?.hex ?? "", "hex"))))).toEqual(cyrillic?.expect);
  expect(Object.fromEntries(readGostQr(new TextDecoder("koi8-r").decode(Buffer.from(koi8?.hex ?? "", "hex"))))).toEqual(koi8?.expect);
  expect(Object.fromEntries(readGostQr(small?.payload ?? ""))).toMatchObject(small?.expect ?? {});
});

test.each(vectors.reject)("refuses: $why", ({ payload }) => expect(() => readGostQr(payload)).toThrow(GostQrError));

test("INV-12: wrong requisites are not drawn", () => {
  const wrong: Partial<GostPayment>[] = [
    { sumKopecks: 0n }, { purpose: "п".repeat(211) },
    { bank: { ...company.bank, account: "40702810938000012346" } }, { bank: { ...company.bank, correspondentAccount: "30101810400000000226" } },
    { payee: { ...company.payee, inn: "9900000018" } }, { payee: { ...company.payee, kpp: "1" } },
  ];
  for (const each of wrong) expect(() => gostQr({ ...company, ...each })).toThrow(GostQrError);
});
