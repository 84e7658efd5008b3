import { expect, test } from "vitest";
import { checkReceiptPayments } from "@/lib/kit/fiscal-payments.ts";
import { fiscalQr } from "@/lib/kit/fiscal-qr.ts";
import ffd from "./fixtures/ffd.json";

test("ffd.md 6: every QR vector", () => {
  for (const { in: given, expect: expected } of ffd.qr) {
    const kind = given.ffd1054 === 1 ? "income" : "income_return";
    expect(fiscalQr({ registeredAtLocal: given.local, totalKopecks: BigInt(given.total_kop), fnNumber: given.fn, fdNumber: String(given.fd), fiscalSign: given.fp, kind })).toBe(expected);
  }
  const good = { registeredAtLocal: "2026-03-05T09:07:08", totalKopecks: 1n, fnNumber: "1", fdNumber: "007", fiscalSign: "045123", kind: "income" as const };
  expect(fiscalQr(good)).toBe("t=20260305T0907&s=0.01&fn=1&i=7&fp=45123&n=1");
  for (const bad of [{ registeredAtLocal: "05.03.2026" }, { fnNumber: "" }, { fiscalSign: "abc" }]) expect(() => fiscalQr({ ...good, ...bad })).toThrow(RangeError);
});

test("ffd.md 2.6: every vector of the payment rule", () => {
  for (const each of ffd.payment_rule.cases) {
    const { cash = 0, ...other } = each.payments_kop as Record<string, number>;
    const check = checkReceiptPayments(BigInt(each.total_kop), BigInt(cash), Object.values(other).map(BigInt));
    const words = check.ok ? `accept${check.changeKopecks > 0n ? `, change ${check.changeKopecks}` : ""}` : `reject: ${check.problem === "below_total" ? "payments below total" : "non-cash above total"}`;
    expect(words).toBe(each.expect);
  }
  expect(checkReceiptPayments(1n, 2n, [-1n])).toEqual({ ok: false, problem: "negative" });
});
