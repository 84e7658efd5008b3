import { expect, test } from "vitest";
import { calculatedRate, straightRate, vatFromGross, vatLabel, vatPercent, vatRateOfPercent, vatRates, vatTotals, type VatRate } from "@/lib/kit/vat.ts";
import ffd from "./fixtures/ffd.json";

test("VAT-02: every vector of tax inside a gross sum", () => {
  for (const { rate, gross_kop, vat_kop } of ffd.vat_from_gross.cases) {
    expect([rate, gross_kop, vatFromGross(BigInt(gross_kop), rate as VatRate)]).toEqual([rate, gross_kop, BigInt(vat_kop)]);
  }
  expect(new Set(ffd.vat_from_gross.cases.map((each) => each.rate))).toEqual(new Set(vatRates));
});

test("VAT-07: totals are sums of line VAT; turnover for untaxed rates", () => {
  for (const { lines, totals_kop } of ffd.vat_totals.cases) {
    const totals = vatTotals(lines.map((line) => ({ vat: line.rate as VatRate, sumKopecks: BigInt(line.gross_kop), vatKopecks: BigInt(line.vat_kop) })));
    const printed = totals.map((each) => [each.rate, Number(each.rate === "none" || each.rate === "vat0" ? each.grossKopecks : each.vatKopecks)]);
    expect(Object.fromEntries(printed)).toEqual(totals_kop);
  }
  const three = Array.from({ length: 3 }, () => ({ vat: "vat22" as const, sumKopecks: 10000n, vatKopecks: vatFromGross(10000n, "vat22") }));
  expect(vatTotals(three)).toEqual([{ rate: "vat22", grossKopecks: 30000n, vatKopecks: 5409n }]);
});

test("VAT-03: calculated before hand-over, straight at it", () => {
  expect(vatRates.map(calculatedRate)).toEqual(["vat22_122", "vat22_122", "vat20_120", "vat20_120", "vat10_110", "vat10_110", "vat7_107", "vat7_107", "vat5_105", "vat5_105", "vat0", "none"]);
  for (const rate of vatRates) expect(straightRate(calculatedRate(rate))).toBe(straightRate(rate));
  expect(straightRate("vat22_122")).toBe("vat22");
});

test("names of rates carry a no-break space", () => {
  expect([vatLabel("vat22"), vatLabel("vat22_122"), vatLabel("none")]).toEqual(["НДС 22\u00A0%", "НДС 22/122", "Без НДС"]);
  expect([vatPercent("vat10_110"), vatPercent("none"), vatPercent("vat0")]).toEqual(["10", null, "0"]);
});

test("a percent from 1C names a rate or nothing", () => {
  expect(["22", "20.00", "10 %", "0", "18", "22.5", "", "-5"].map(vatRateOfPercent)).toEqual(["vat22", "vat20", "vat10", "vat0", null, null, null, null]);
});
