import fc from "fast-check";
import { expect, test } from "vitest";
import type { LockedLine, ReceiptedLine } from "@/lib/orders/lock-order.ts";
import { planLines } from "./plan-lines.ts";

const line = (lineNo: number, name: string, sumKopecks: bigint, quantity = "1", vatRate: LockedLine["vatRate"] = "vat22", kind: LockedLine["kind"] = "goods"): LockedLine => ({
  lineId: `00000000-0000-4000-8000-00000000000${lineNo}`, lineNo, itemId: null, name, kind, unitCode: "796", quantity, sumKopecks, vatRate,
});
const done = (of: LockedLine, sumKopecks = of.sumKopecks): ReceiptedLine => ({ lineId: of.lineId, itemId: of.itemId, name: of.name, vatRate: of.vatRate, sumKopecks });
const orderE = [line(1, "Чайник", 499_000n), line(2, "Книга", 129_100n, "2", "vat10"), line(3, "Доставка", 35_000n, "1", "vat22", "service")];

test("FISC-10, E1: a full prepayment carries method 1 and calculated rates", () => {
  const { lines, goodsKopecks, advanceKopecks } = planLines({ lines: orderE, receipted: [] }, 663_100n, "osn");
  expect([goodsKopecks, advanceKopecks]).toEqual([663_100n, 0n]);
  expect(lines.map((l) => [l.sumKopecks, l.vat, l.vatKopecks, l.method, l.subject])).toEqual([
    [499_000n, "vat22_122", 89_984n, 1, 1],
    [129_100n, "vat10_110", 11_736n, 1, 1],
    [35_000n, "vat22_122", 6_311n, 1, 4],
  ]);
});

test("E2: a seller without VAT sends no VAT", () => {
  const { lines } = planLines({ lines: orderE.map((l) => ({ ...l, vatRate: "none" as const })), receipted: [] }, 663_100n, "usn_income");
  expect(lines.every((l) => l.vat === "none" && l.vatKopecks === 0n)).toBe(true);
});

test("FISC-12, E3: the first part is shared by largest remainder, the second takes exactly the rest", () => {
  const first = planLines({ lines: orderE, receipted: [] }, 200_000n, "osn");
  const bySum = (plan: typeof first) => [1, 2, 3].map((no) => plan.lines.filter((l) => l.orderLineId === orderE[no - 1]!.lineId).reduce((s, l) => s + l.sumKopecks, 0n));
  expect(bySum(first)).toEqual([150_505n, 38_938n, 10_557n]);
  expect(first.lines.every((l) => l.method === 2)).toBe(true);
  const receipted = [done(orderE[0]!, 150_505n), done(orderE[1]!, 38_938n), done(orderE[2]!, 10_557n)];
  const second = planLines({ lines: orderE, receipted }, 463_100n, "osn");
  expect(bySum(second)).toEqual([348_495n, 90_162n, 24_443n]);
  expect(second.lines.every((l) => l.method === 2)).toBe(true);
});

test("FISC-25, E9: a second payment of a paid order is an advance at 22/122", () => {
  const receipted = orderE.map((l) => done(l));
  const { lines } = planLines({ lines: orderE, receipted }, 663_100n, "osn");
  expect(lines).toEqual([expect.objectContaining({ name: "Аванс", sumKopecks: 663_100n, vat: "vat22_122", vatKopecks: 119_575n, method: 3, subject: 10 })]);
});

test("FISC-37: goods and advance in one receipt", () => {
  const { goodsKopecks, advanceKopecks, lines } = planLines({ lines: orderE, receipted: [done(orderE[0]!, 200_000n)] }, 663_100n, "osn");
  expect([goodsKopecks, advanceKopecks]).toEqual([463_100n, 200_000n]);
  expect(lines.at(-1)).toMatchObject({ method: 3, sumKopecks: 200_000n });
});

const next = (of: LockedLine, lineNo: number, sumKopecks = of.sumKopecks): LockedLine => ({ ...of, lineId: `00000000-0000-4000-9000-00000000000${lineNo}`, lineNo, sumKopecks });

test("FISC-37: a new revision renumbers the lines: the second payment is for the goods that were added", () => {
  const kettle = line(1, "Чайник", 100_000n);
  const added = next(line(1, "Книга", 50_000n, "1", "vat10"), 1);
  const plan = planLines({ lines: [added, next(kettle, 2)], receipted: [done(kettle)] }, 50_000n, "osn");
  expect(plan.lines.map((l) => [l.name, l.sumKopecks, l.vat, l.method])).toEqual([["Книга", 50_000n, "vat10_110", 2]]);
});

test("FISC-37: 1C's item decides over name and rate", () => {
  const kettle = { ...line(1, "Чайник", 100_000n), itemId: "item-a" };
  const namesake = { ...next(kettle, 1, 30_000n), itemId: "item-b" };
  const renamed = { ...next(kettle, 2), name: "Чайник «Ладога»" };
  const plan = planLines({ lines: [namesake, renamed], receipted: [done(kettle)] }, 30_000n, "osn");
  expect(plan.lines.map((l) => [l.orderLineId, l.sumKopecks])).toEqual([[namesake.lineId, 30_000n]]);
});

test("FISC-37: goods that left the order count against the whole: what is over it is an advance", () => {
  const gone = line(1, "Чайник", 100_000n);
  const instead = next(line(1, "Самовар", 150_000n), 1);
  const plan = planLines({ lines: [instead], receipted: [done(gone)] }, 70_000n, "osn");
  expect(plan.lines.map((l) => [l.name, l.sumKopecks, l.method])).toEqual([["Самовар", 50_000n, 2], ["Аванс", 20_000n, 3]]);
});

test("invariant 9, 18: whatever is paid, Σ lines = payment, every line at least a kopeck and price × quantity exact", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ sum: fc.bigInt({ min: 0n, max: 5_000_000n }), quantity: fc.constantFrom("1", "2", "3", "7", "0.75", "12.5", "100") }), { minLength: 1, maxLength: 12 }),
      fc.bigInt({ min: 1n, max: 20_000_000n }),
      (given, paid) => {
        const lines = given.map((g, i) => line(i + 1, `Товар ${i}`, g.sum, g.quantity));
        const plan = planLines({ lines, receipted: [] }, paid, "osn");
        expect(plan.lines.reduce((s, l) => s + l.sumKopecks, 0n)).toBe(paid);
        for (const l of plan.lines) expect(l.sumKopecks).toBeGreaterThan(0n);
      },
    ),
  );
});
