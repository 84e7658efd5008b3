/** The worked examples of domain 3.7, kopeck by kopeck: what is planned at the hand-over and at the refund. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LockedLine } from "@/lib/orders/lock-order.ts";
import { pastReceipt } from "@/lib/testing/past-receipts.ts";
import { balanceOf, poolOf } from "./balance.ts";
import type { PastReceipt } from "./balance.ts";
import type { ReceiptLine } from "./cash-register.ts";
import { planClosingLines } from "./plan-closing-lines.ts";
import type { Closing, ShippedLine } from "./plan-closing-lines.ts";
import { planLines } from "./plan-lines.ts";
import { planReturnLines } from "./plan-return-lines.ts";
import type { Return } from "./plan-return-lines.ts";
import { moneyLine } from "./receipt-line.ts";

const line = (no: number, name: string, sumKopecks: bigint, quantity = "1", vatRate: LockedLine["vatRate"] = "vat22", kind: LockedLine["kind"] = "goods"): LockedLine => ({
  lineId: `00000000-0000-4000-8000-00000000000${no}`, lineNo: no, itemId: `item-${no}`, name, kind, unitCode: "796", quantity, sumKopecks, vatRate,
});
const orderE = [line(1, "Чайник", 499_000n), line(2, "Книга", 129_100n, "2", "vat10"), line(3, "Доставка", 35_000n, "1", "vat22", "service")];
/** The same goods in a later revision: other lines, the same items. */
const revised = (lines: LockedLine[]): LockedLine[] => lines.map((one) => ({ ...one, lineId: one.lineId.replace("-8000-", "-9000-") }));
const [kettle, books, delivery] = orderE as [LockedLine, LockedLine, LockedLine];
const oneBook = { ...books, quantity: "1", sumKopecks: 64_550n };

const prepaid = (amount: bigint, order = orderE, receipts: PastReceipt[] = []) => {
  const receipted = balanceOf(receipts).prepaid.map((p) => ({ lineId: p.orderLineId!, itemId: p.itemId, name: p.name, vatRate: orderE.find((o) => o.lineId === p.orderLineId)!.vatRate, sumKopecks: p.openKopecks }));
  return pastReceipt(planLines({ lines: order, receipted }, amount, "osn").lines, order);
};
const shipped = (lines: LockedLine[], codes: Record<string, string[]> = {}): ShippedLine[] =>
  lines.map((one) => ({ orderLineId: one.lineId, name: one.name, kind: one.kind, unitCode: one.unitCode, quantity: one.quantity, sumKopecks: one.sumKopecks, vatRate: one.vatRate, markCodes: codes[one.name] ?? null }));
const closing = (receipts: PastReceipt[], lines: LockedLine[], given: Partial<Closing> = {}) =>
  planClosingLines({ lines: shipped(lines), balance: balanceOf(receipts), isCompany: false, hasForeignMoney: false, hasDeferral: false, unpaidRest: "credit", ...given });
const made = (plan: ReturnType<typeof closing>) => {
  if (plan.kind !== "receipt") throw new Error(plan.reason);
  return plan;
};
const closed = (plan: ReturnType<typeof closing>, order = orderE) => {
  const { lines, offsetKopecks, creditKopecks } = made(plan);
  return pastReceipt(lines, order, { offsetKopecks, creditKopecks });
};
const giveBack = (receipts: PastReceipt[], amountKopecks: bigint, given: Partial<Return> = {}) =>
  planReturnLines({ amountKopecks, lines: [], reason: "other", balance: balanceOf(receipts), current: orderE, advanceOfPaymentKopecks: 0n, ...given });
const of = (one: LockedLine, quantity: string, sumKopecks: bigint) => ({ orderLineId: one.lineId, itemId: one.itemId, name: one.name, vat: one.vatRate, quantity, sumKopecks });
const brief = (lines: readonly ReceiptLine[]) => lines.map((l) => [l.name, l.quantity, l.sumKopecks, l.vat, l.vatKopecks, l.method, l.subject]);

test("FISC-10, E1: closing of a full prepayment: method 4, straight rates, all offset", () => {
  const plan = made(closing([prepaid(663_100n)], orderE));
  expect([plan.offsetKopecks, plan.creditKopecks]).toEqual([663_100n, 0n]);
  expect(brief(plan.lines)).toEqual([
    ["Чайник", "1", 499_000n, "vat22", 89_984n, 4, 1],
    ["Книга", "2", 129_100n, "vat10", 11_736n, 4, 1],
    ["Доставка", "1", 35_000n, "vat22", 6_311n, 4, 4],
  ]);
});

test("LOST-08, FISC-12, E3: two prepayments, then 1215 = 6 631.00 with whole prices", () => {
  const first = prepaid(200_000n);
  const second = prepaid(463_100n, orderE, [first]);
  expect(second.lines.reduce((sum, l) => sum + l.sumKopecks, 0n)).toBe(463_100n);
  const plan = made(closing([first, second], orderE));
  expect(plan.offsetKopecks).toBe(663_100n);
  expect(plan.lines.map((l) => [l.sumKopecks, l.vatKopecks, l.method])).toEqual([[499_000n, 89_984n, 4], [129_100n, 11_736n, 4], [35_000n, 6_311n, 4]]);
});

test("FISC-13, E4: the rest is paid at another register: that one closes", () => {
  expect(closing([prepaid(200_000n)], orderE, { hasForeignMoney: true })).toEqual({ kind: "not_required", reason: "fiscal_owner_other" });
  expect(closing([prepaid(200_000n)], orderE, { unpaidRest: "store_register" })).toEqual({ kind: "not_required", reason: "paid_elsewhere" });
});

test("FISC-15: nothing was paid here and nothing is owed by agreement: nothing from us", () => {
  expect(closing([], orderE)).toEqual({ kind: "not_required", reason: "paid_elsewhere" });
});

test("FISC-16, E5: one book is out of stock: one book back by method 1, the rest is closed", () => {
  const paid = prepaid(663_100n);
  const smaller = revised([kettle, oneBook, delivery]);
  for (const lines of [[], [of(books, "1", 64_550n)]]) {
    const plan = giveBack([paid], 64_550n, { current: smaller, reason: "order_reduction", lines });
    expect(plan.uncoveredKopecks).toBe(0n);
    expect(plan.receipts.map((r) => [r.kind, brief(r.lines)])).toEqual([["income_return", [["Книга", "1", 64_550n, "vat10_110", 5_868n, 1, 1]]]]);
  }
  const back = pastReceipt(giveBack([paid], 64_550n, { current: smaller, reason: "order_reduction" }).receipts[0]!.lines, orderE, { kind: "income_return" });
  const plan = made(closing([paid, back], smaller));
  expect([plan.offsetKopecks, plan.creditKopecks]).toEqual([598_550n, 0n]);
  expect(plan.lines.map((l) => [l.sumKopecks, l.method])).toEqual([[499_000n, 4], [64_550n, 4], [35_000n, 4]]);
});

test("FISC-16: a fallen price is returned from its own line", () => {
  const cheaper = revised([{ ...kettle, sumKopecks: 449_000n }, books, delivery]);
  const plan = giveBack([prepaid(663_100n)], 50_000n, { current: cheaper });
  expect(brief(plan.receipts[0]!.lines)).toEqual([["Чайник", "1", 50_000n, "vat22_122", 9_016n, 1, 1]]);
});

test("FISC-17: a full refund before shipment repeats the methods and rates of its receipts", () => {
  const full = giveBack([prepaid(663_100n)], 663_100n, { current: [], reason: "order_cancelled" });
  expect(brief(full.receipts[0]!.lines)).toEqual([
    ["Чайник", "1", 499_000n, "vat22_122", 89_984n, 1, 1],
    ["Книга", "2", 129_100n, "vat10_110", 11_736n, 1, 1],
    ["Доставка", "1", 35_000n, "vat22_122", 6_311n, 1, 4],
  ]);
  const part = giveBack([prepaid(200_000n)], 200_000n, { current: [] });
  expect(part.receipts[0]!.lines.every((l) => l.method === 2)).toBe(true);
});

test("FISC-46: a bare sum before shipment is shared over what is left of the lines", () => {
  const plan = giveBack([prepaid(663_100n)], 200_000n);
  expect(plan.receipts[0]!.lines.map((l) => l.sumKopecks)).toEqual([150_505n, 38_938n, 10_557n]);
  expect(plan.receipts[0]!.lines.every((l) => l.quantity === "1" && l.method === 1)).toBe(true);
});

test("FISC-18, E6: the kettle comes back after shipment: method 4 at the rate of its closing receipt", () => {
  const paid = prepaid(663_100n);
  const plan = giveBack([paid, closed(closing([paid], orderE))], 499_000n, { reason: "goods_return", lines: [of(kettle, "1", 499_000n)] });
  expect(plan.receipts.map((r) => [r.kind, brief(r.lines)])).toEqual([["income_return", [["Чайник", "1", 499_000n, "vat22", 89_984n, 4, 1]]]]);
});

test("VAT-05: goods sold at 20 % come back at 20 %, prepaid ones at 20/120", () => {
  const old = [line(1, "Чайник", 1_220_000n, "1", "vat20")];
  const paid = pastReceipt(planLines({ lines: old, receipted: [] }, 1_220_000n, "osn").lines, old);
  const now = [{ ...old[0]!, vatRate: "vat22" as const }];
  expect(giveBack([paid], 1_220_000n, { current: now, reason: "order_cancelled" }).receipts[0]!.lines.map((l) => [l.vat, l.vatKopecks])).toEqual([["vat20_120", 203_333n]]);
  const sold = closed(closing([paid], now), now);
  expect(giveBack([paid, sold], 1_220_000n, { current: now, reason: "goods_return" }).receipts[0]!.lines.map((l) => [l.vat, l.vatKopecks, l.method])).toEqual([["vat22", 220_000n, 4]]);
});

test("FISC-21, E7: two shipments: 5 340.00 and 1 291.00", () => {
  const paid = prepaid(663_100n);
  const first = closing([paid], [kettle, delivery]);
  expect(made(first).offsetKopecks).toBe(534_000n);
  const second = closing([paid, closed(first)], [books]);
  expect([made(second).offsetKopecks, made(second).creditKopecks]).toEqual([129_100n, 0n]);
  expect(made(second).lines.every((l) => l.method === 4)).toBe(true);
});

test("LOST-32, FISC-21: the part that cannot be shipped goes back by the prepayment's method", () => {
  const paid = prepaid(663_100n);
  const receipts = [paid, closed(closing([paid], [kettle, delivery]))];
  const plan = giveBack(receipts, 129_100n, { current: revised([kettle, delivery]) });
  expect(brief(plan.receipts[0]!.lines)).toEqual([["Книга", "2", 129_100n, "vat10_110", 11_736n, 1, 1]]);
  const back = pastReceipt(plan.receipts[0]!.lines, orderE, { kind: "income_return" });
  expect(poolOf(balanceOf([...receipts, back]))).toBe(0n);
});

test("FISC-22: goods replaced at shipment for the same sum: what is handed over is printed, all offset", () => {
  const samovar = line(9, "Самовар", 499_000n);
  const plan = made(closing([prepaid(663_100n)], [samovar, books, delivery]));
  expect([plan.offsetKopecks, plan.creditKopecks]).toEqual([663_100n, 0n]);
  expect(plan.lines[0]).toMatchObject({ name: "Самовар", sumKopecks: 499_000n, method: 4 });
});

test("FISC-23, E8: handed over on credit, then repaid", () => {
  const order = [line(1, "Диван", 3_660_000n)];
  const plan = made(closing([], order, { hasDeferral: true }));
  expect([plan.offsetKopecks, plan.creditKopecks]).toEqual([0n, 3_660_000n]);
  expect(brief(plan.lines)).toEqual([["Диван", "1", 3_660_000n, "vat22", 660_000n, 6, 1]]);
  const repaid = moneyLine("Оплата по заказу 7", 1_200_000n, "none", 7);
  expect([repaid.vatKopecks, repaid.subject]).toEqual([0n, 10]);
  expect(balanceOf([closed(plan, order), pastReceipt([repaid], order)]).creditKopecks).toBe(2_460_000n);
});

test("FISC-24, E8: part prepaid, the rest on credit: full price, method 5", () => {
  const order = [line(1, "Диван", 3_660_000n)];
  const paid = pastReceipt(planLines({ lines: order, receipted: [] }, 1_000_000n, "osn").lines, order);
  const plan = made(closing([paid], order));
  expect([plan.offsetKopecks, plan.creditKopecks]).toEqual([1_000_000n, 2_660_000n]);
  expect(brief(plan.lines)).toEqual([["Диван", "1", 3_660_000n, "vat22", 660_000n, 5, 1]]);
});

test("FISC-25, FISC-20, E9: paid twice: the second is an advance and comes back as one", () => {
  const first = prepaid(663_100n);
  const second = prepaid(663_100n, orderE, [first]);
  const expected = [["Аванс", "1", 663_100n, "vat22_122", 119_575n, 3, 10]];
  for (const given of [{ reason: "double_payment" as const }, { advanceOfPaymentKopecks: 663_100n }]) {
    expect(giveBack([first, second], 663_100n, given).receipts.map((r) => brief(r.lines))).toEqual([expected]);
  }
});

test("FISC-36, E11: 500.00 off the kettle after shipment: back at the old price, out at the new one", () => {
  const paid = prepaid(663_100n);
  const receipts = [paid, closed(closing([paid], orderE))];
  const plan = giveBack(receipts, 50_000n, { reason: "price_concession", lines: [of(kettle, "1", 50_000n)] });
  expect(plan.receipts.map((r) => [r.kind, brief(r.lines)])).toEqual([
    ["income_return", [["Чайник", "1", 499_000n, "vat22", 89_984n, 4, 1]]],
    ["income", [["Чайник", "1", 449_000n, "vat22", 80_967n, 4, 1]]],
  ]);
  // Afterwards the kettle is sold for 4 490.00 and can come back for no more.
  const later = [...receipts, pastReceipt(plan.receipts[0]!.lines, orderE, { kind: "income_return" }), pastReceipt(plan.receipts[1]!.lines, orderE)];
  expect(balanceOf(later).sold.find((one) => one.orderLineId === kettle.lineId)).toMatchObject({ openKopecks: 449_000n, openMillis: 1_000n });
});

test("FISC-28, FISC-29: a company by transfer gets nothing; the share it paid by card is closed", () => {
  expect(closing([], orderE, { isCompany: true })).toEqual({ kind: "not_required", reason: "b2b_bank_transfer" });
  const plan = made(closing([prepaid(200_000n)], orderE, { isCompany: true }));
  expect([plan.offsetKopecks, plan.creditKopecks]).toEqual([200_000n, 0n]);
  expect(plan.lines.reduce((sum, l) => sum + l.sumKopecks, 0n)).toBe(200_000n);
  expect(plan.lines.every((l) => l.method === 4)).toBe(true);
});

test("FISC-51: one line per marking code; a missing code is told", () => {
  const two = [{ ...books, vatRate: "vat22" as const, sumKopecks: 129_101n }];
  const paid = pastReceipt(planLines({ lines: two, receipted: [] }, 129_101n, "osn").lines, two);
  const plan = made(closing([paid], two, { lines: shipped(two, { Книга: ["code-1", "code-2"] }) }));
  expect(plan.hasMarkCodes).toBe(true);
  expect(plan.lines.map((l) => [l.quantity, l.sumKopecks, l.subject, l.markCode])).toEqual([["1", 64_551n, 33, "code-1"], ["1", 64_550n, 33, "code-2"]]);
  expect(made(closing([paid], two, { lines: shipped(two, { Книга: ["code-1"] }) })).hasMarkCodes).toBe(false);
  expect(made(closing([paid], two, { lines: shipped(two, { Книга: [] }) })).hasMarkCodes).toBe(false);
  const back = giveBack([paid, closed(plan, two)], 64_550n, { current: two, reason: "goods_return", lines: [of(two[0]!, "1", 64_550n)] });
  expect(back.receipts[0]!.lines).toMatchObject([{ markCode: "code-1", subject: 33, quantity: "1" }]);
});

test("a refund of more than the receipts say is told, never invented", () => {
  expect(giveBack([prepaid(200_000n)], 250_000n)).toMatchObject({ uncoveredKopecks: 50_000n });
});

test("invariants 9, 11, 12: whatever is paid, shipped and returned, nothing is returned or offset twice", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ sum: fc.bigInt({ min: 1n, max: 900_000n }), quantity: fc.constantFrom("1", "2", "3", "0.75") }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.oneof(fc.record({ pay: fc.bigInt({ min: 1n, max: 900_000n }) }), fc.record({ ship: fc.nat(4) }), fc.record({ back: fc.bigInt({ min: 1n, max: 900_000n }), reason: fc.constantFrom("goods_return" as const, "order_reduction" as const, "price_concession" as const, "overpayment" as const) })), { maxLength: 8 }),
      (given, steps) => {
        const order = given.map((g, i) => line(i + 1, `Товар ${i}`, g.sum, g.quantity));
        const receipts: PastReceipt[] = [];
        const gone = new Set<number>();
        for (const step of steps) {
          const before = balanceOf(receipts);
          if ("pay" in step) {
            const receipted = before.prepaid.map((p) => ({ lineId: p.orderLineId!, itemId: p.itemId, name: p.name, vatRate: "vat22" as const, sumKopecks: p.openKopecks }));
            receipts.push(pastReceipt(planLines({ lines: order, receipted }, step.pay, "osn").lines, order));
          } else if ("ship" in step) {
            const at = step.ship % order.length;
            if (gone.has(at)) continue;
            gone.add(at);
            const plan = closing(receipts, [order[at]!], { hasDeferral: true });
            const pool = poolOf(before);
            receipts.push(closed(plan, order));
            expect(poolOf(balanceOf(receipts))).toBe(pool - made(plan).offsetKopecks);
            expect(made(plan).offsetKopecks + made(plan).creditKopecks).toBe(order[at]!.sumKopecks);
          } else {
            const { receipts: parts, uncoveredKopecks } = giveBack(receipts, step.back, { reason: step.reason, current: order });
            const net = parts.reduce((sum, part) => sum + part.lines.reduce((s, l) => s + l.sumKopecks, 0n) * (part.kind === "income" ? -1n : 1n), 0n);
            expect(net).toBe(step.back - uncoveredKopecks);
            for (const part of parts) for (const l of part.lines) expect(l.sumKopecks).toBeGreaterThan(0n);
            const open = (b: typeof before) => poolOf(b) + b.sold.reduce((sum, one) => sum + one.openKopecks, 0n);
            for (const part of parts) receipts.push(pastReceipt(part.lines, order, { kind: part.kind }));
            expect(open(balanceOf(receipts))).toBe(open(before) - net);
            if (uncoveredKopecks > 0n) expect(open(balanceOf(receipts))).toBe(0n);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
