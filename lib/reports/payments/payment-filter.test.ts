import { expect, test } from "vitest";
import { csvCell, isNarrowed, parsePaymentFilter, paymentFilterQuery, paymentsCsv } from "./index.ts";
import type { PaymentRow } from "./index.ts";

test("A4: the filter stands in the address and comes back out of it", () => {
  const filter = parsePaymentFilter({ tab: "refunds", method: "card", provider: "paykeeper", from: "2026-11-01", to: "2026-11-21", min: "1 000,50", max: "5000", q: "10451" });
  expect(parsePaymentFilter(Object.fromEntries(new URLSearchParams(paymentFilterQuery(filter).slice(1))))).toEqual(filter);
  expect(isNarrowed(filter)).toBe(true);
  expect(paymentFilterQuery(parsePaymentFilter({}))).toBe("?");
});

test("A4: what makes no sense is dropped, an old bookmark still opens the list", () => {
  const filter = parsePaymentFilter({ tab: "nothing", method: "gold", from: "2026-13-40", min: "-5", max: "many", open: "x-1", after: "'; drop table", provider: "Bank<script>" });
  expect(filter).toEqual({ tab: "succeeded", method: null, provider: null, from: null, to: null, min: null, max: null, text: null, cursor: null, open: null });
});

test("A4: another question goes back to the first page and closes the opened row", () => {
  const open = parsePaymentFilter({ after: "2026-11-21T09:00:00.000Z_01890000-0000-7000-8000-000000000000", open: "f-01890000-0000-7000-8000-000000000000" });
  expect(open.cursor).not.toBeNull();
  expect(paymentFilterQuery(open, { method: "sbp" })).toBe("?method=sbp");
  expect(paymentFilterQuery(open, { cursor: open.cursor })).toContain("after=2026-11-21");
});

const row: PaymentRow = {
  key: "f-1", at: new Date("2026-11-21T11:05:00Z"), orderId: "o", orderNumber: "10451", buyerName: "Иванова Мария", amountKopecks: 123_456_789n, feeKopecks: 4_938n, netKopecks: 123_451_851n, method: "card", instrument: "Мир •••• 4477",
  providerName: "PayKeeper", attemptState: "succeeded", refund: null, failClass: null, failText: null, rrn: "8812", outsideId: "40001", payoutId: "В-17", payoutDate: "2026-11-23",
};

test("A4: the file opens in a Russian Excel: BOM, «;», decimal commas, no buyer", () => {
  const csv = paymentsCsv([row, { ...row, feeKopecks: null, netKopecks: null }]);
  expect(csv.codePointAt(0)).toBe(0xfeff);
  const lines = csv.slice(1).split("\r\n");
  expect(lines[1]).toBe("21.11.2026 14:05;10451;1234567,89;49,38;1234518,51;Карта;Мир •••• 4477;PayKeeper;Успешно;;8812;40001;В-17;2026-11-23");
  expect(lines[2]).toContain(";1234567,89;;;Карта;");
  expect(csv).not.toContain("Иванова");
});

test("A4: a cell is never a formula and never breaks its row", () => {
  expect(["=1+1", "+7", "@x", "-cmd", "a;b", 'say "hi"', "two\nlines"].map(csvCell)).toEqual(["'=1+1", "'+7", "'@x", "'-cmd", '"a;b"', '"say ""hi"""', '"two\nlines"']);
  expect(csvCell("-12,50")).toBe("-12,50");
});
