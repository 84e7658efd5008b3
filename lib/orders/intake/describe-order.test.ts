import { describe, expect, test } from "vitest";
import { aDraft, aLine, changed } from "@/lib/testing/drafts.ts";
import type { DraftLine } from "@/lib/onec/wire/order-draft.ts";
import { compareLines, linesPhrase, lineRows } from "./compare-lines.ts";
import type { OldLine } from "./compare-lines.ts";
import { describeNew } from "./describe-order.ts";

const old = (line: DraftLine): OldLine => ({ position: line.position, ref: line.ref || null, name: line.name, quantity: line.quantity, unitName: line.unitName, priceKopecks: line.priceKopecks, sumKopecks: line.sumKopecks, vat: line.vat });
const kettle = aLine({ position: 1, name: "Чайник", sumKopecks: 499_000n });
const filter: DraftLine = { ...aLine({ position: 2, name: "Фильтр", sumKopecks: 360_000n }), quantity: "3", priceKopecks: 120_000n };
const delivery = aLine({ position: 3, name: "Доставка курьером", sumKopecks: 35_000n });
const before = [kettle, filter, delivery].map(old);
const phrase = (after: DraftLine[]) => linesPhrase(compareLines(before, after));

describe("A9: the first line is a sentence about what 1C changed", () => {
  test("a quantity says itself, the sum that follows from it does not", () => {
    const fewer = { ...filter, quantity: "2", sumKopecks: 240_000n };
    expect(phrase([kettle, fewer, delivery])).toBe("изменила количество в строке 2: 3 → 2");
    expect(lineRows(compareLines(before, [kettle, fewer, delivery]))).toEqual([
      { field: "lines", label: "Строка 2: количество", owner: "onec", before: "3\u00A0шт", after: "2\u00A0шт" },
      { field: "lines", label: "Строка 2: сумма", owner: "onec", before: "3\u202F600,00\u00A0₽", after: "2\u202F400,00\u00A0₽" },
    ]);
  });

  test("a price, a sum alone, a rate, a name", () => {
    expect(phrase([kettle, { ...filter, priceKopecks: 110_000n, sumKopecks: 330_000n }, delivery])).toBe("изменила цену в строке 2: 1\u202F200,00\u00A0₽ → 1\u202F100,00\u00A0₽");
    expect(phrase([kettle, { ...filter, sumKopecks: 350_000n }, delivery])).toBe("изменила сумму в строке 2: 3\u202F600,00\u00A0₽ → 3\u202F500,00\u00A0₽");
    expect(phrase([kettle, { ...filter, vat: "vat10" }, delivery])).toBe("изменила ставку НДС в строке 2: НДС 22\u00A0% → НДС 10\u00A0%");
    expect(phrase([{ ...kettle, name: "Чайник «Ладога»" }, filter, delivery])).toBe("изменила название в строке 1: Чайник → Чайник «Ладога»");
  });

  test("a line that came or went, and several at once", () => {
    expect(phrase([kettle, filter])).toBe("убрала строку 3: Доставка курьером, 350,00\u00A0₽");
    expect(phrase([kettle, filter, delivery, aLine({ position: 4, name: "Кружка", sumKopecks: 10_000n })])).toBe("добавила строку 4: Кружка, 100,00\u00A0₽");
    expect(phrase([{ ...filter, position: 1, quantity: "1" }, aLine({ position: 2, name: "Кружка", sumKopecks: 10_000n })])).toBe("изменила строки: изменено 1, добавлено 1, убрано 2");
  });

  test("lines that only moved are no change; without references the names tell", () => {
    expect(phrase([{ ...delivery, position: 1 }, { ...kettle, position: 2 }, { ...filter, position: 3 }])).toBeNull();
    const nameless = [{ ...kettle, ref: "" }, { ...filter, ref: "" }];
    expect(linesPhrase(compareLines(nameless.map(old), [{ ...nameless[0]!, name: "Другой чайник" }, nameless[1]!]))).toBe("изменила название в строке 1: Чайник → Другой чайник");
  });

  test("thousands of lines are compared in a moment", () => {
    const many = Array.from({ length: 5_000 }, (_, at) => aLine({ position: at + 1 }));
    const reversed = many.toReversed().map((line, at) => ({ ...line, position: at + 1, quantity: at === 0 ? "7" : line.quantity }));
    expect(linesPhrase(compareLines(many.map(old), reversed))).toBe("изменила количество в строке 1: 1 → 7");
  });

  test("a new order says its sum and what keeps it from being paid, and no name of a buyer", () => {
    const draft = aDraft({ number: "УТ-841", lines: [kettle, filter, { ...delivery, included: false }] });
    expect(describeNew(draft).summary).toBe("Новый заказ №\u00A0УТ-841 на 8\u202F590,00\u00A0₽, 2\u00A0позиции");
    expect(describeNew(changed(draft, { state: { posted: false } })).summary).toMatch(/, не проведён$/);
    expect(describeNew(draft).summary).not.toContain(draft.buyer.name);
  });
});
