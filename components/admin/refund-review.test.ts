import { expect, test } from "vitest";
import type { ReturnPreview } from "@/lib/fiscal/index.ts";
import { decisionOf } from "@/lib/refunds/list-approvers.ts";
import type { RefundPreview } from "@/lib/refunds/index.ts";
import { refundReview } from "./refund-review.ts";

const plain = (text: string) => text.replace(/[\u00A0\u202F]/g, " ");
const part = { paymentFactId: "f", amountKopecks: 120_000n, method: "card" as const, instrument: "Мир •••• 4477" };
const preview: RefundPreview = { amountKopecks: 120_000n, lines: [], parts: [part], needsApproval: true };
const line = (name: string) => ({ name, quantity: "1", sumKopecks: 120_000n, vatLabel: "НДС 22/122", vatKopecks: 21_639n, methodLabel: "Предоплата 100 %" });
const receipt: ReturnPreview = { notRequired: null, receipts: [{ kind: "income_return", totalKopecks: 120_000n, lines: [line("Чайник")] }], uncoveredKopecks: 0n, isWholeOrder: false };
const said = (...given: Parameters<typeof refundReview>) => {
  const review = refundReview(...given);
  return { ...review, text: plain(review.text), label: plain(review.label), notes: review.notes!.map(plain) };
};

test("ux 10: the review repeats sum, object and consequence, and the button has the verb", () => {
  const review = said(preview, [receipt], "instrument", "1234");
  expect(review.text).toBe("Вернём 1 200,00 ₽ на карту Мир •••• 4477 по заказу № 1234 и пробьём чек возврата.");
  expect(review.label).toBe("Запросить возврат 1 200,00 ₽");
  expect(review.tables).toMatchObject([{ rows: [{ name: "Чайник" }] }]);
  expect(said({ ...preview, needsApproval: false }, [receipt], "instrument", "1234").label).toBe("Вернуть 1 200,00 ₽");
});

test("ux 10: other ways, several payments, no receipt, an uncovered sum", () => {
  expect(said(preview, [receipt], "bank_transfer", "1").text).toContain("Выплатим 1 200,00 ₽ банковским переводом");
  const cash = said(preview, [receipt], "cash", "1");
  expect(cash.text).toBe("Выдадим 1 200,00 ₽ наличными по заказу № 1.");
  expect(cash.tables).toEqual([]);
  const two = said({ ...preview, parts: [{ ...part, amountKopecks: 100_000n }, { ...part, amountKopecks: 20_000n, method: "sbp", instrument: "СБП" }] }, [receipt, receipt], "instrument", "1");
  expect(two.text).toContain("1 000,00 ₽ на карту Мир •••• 4477, 200,00 ₽ через СБП");
  expect(two.text).toContain("пробьём 2 чека возврата");
  const none = said(preview, [{ ...receipt, notRequired: "Чек печатает другая сторона", receipts: [] }], "instrument", "1");
  expect(none.text).not.toContain("чек");
  expect(none.notes).toContain("Чек возврата не нужен. Чек печатает другая сторона.");
  expect(said(preview, [{ ...receipt, uncoveredKopecks: 100n }], "instrument", "1").notes.join()).toContain("На 1,00 ₽ нашего чека прихода нет");
});

test("ux 10: a long receipt shows its first lines and says how many follow", () => {
  const long = said(preview, [{ ...receipt, receipts: [{ kind: "income_return", totalKopecks: 1n, lines: Array.from({ length: 15 }, (_, i) => line(`Товар ${i}`)) }] }], "instrument", "1");
  expect(long.tables![0]!.rows).toHaveLength(13);
  expect(plain(long.tables![0]!.rows[12]!.name)).toBe("и ещё 3 позиции");
});

test("SEC-12: the author is told who may agree; above the limit only the director may", () => {
  const approvers = { directorAboveKopecks: 3_000_000n, people: [{ actor: "staff:a", name: "Ирина", role: "accountant" as const }, { actor: "staff:d", name: "Анна", role: "director" as const }] };
  const of = (me: string, requestedBy: string, amountKopecks: bigint) => decisionOf(approvers, me, { requestedBy, amountKopecks });
  expect(of("staff:a", "staff:a", 100n)).toEqual({ mayApprove: false, isOwn: true, others: ["Анна"] });
  expect(of("staff:a", "staff:m", 100n)).toEqual({ mayApprove: true, isOwn: false, others: ["Анна"] });
  expect(of("staff:a", "staff:m", 3_000_001n)).toEqual({ mayApprove: false, isOwn: false, others: ["Анна"] });
  expect(of("staff:d", "staff:m", 3_000_001n)).toEqual({ mayApprove: true, isOwn: false, others: [] });
  expect(of("staff:d", "staff:d", 3_000_001n).others).toEqual([]);
});
