/** The words of a refund's review: sum, where it goes, which receipt will be made (ux.md 10). Pure. */
import type { Review } from "@/app/(admin)/session/run-reviewed.ts";
import type { ReturnPreview } from "@/lib/fiscal/index.ts";
import { formatCount, formatMoney, formatMoneyBare, formatQuantity } from "@/lib/kit/format.ts";
import type { RefundMethod, RefundPreview } from "@/lib/refunds/index.ts";

const ROWS = 12;

const target = (part: RefundPreview["parts"][number]): string => {
  if (part.instrument && part.method === "card") return `на карту ${part.instrument}`;
  return { card: "на карту покупателя", sbp: "через СБП, на счёт покупателя", sbp_b2b: "через СБП для бизнеса" }[String(part.method)] ?? "тем же способом, каким платил покупатель";
};

/** `receipts`: the plan of the return receipt for each part, in the same order. */
export function refundReview(preview: RefundPreview, receipts: readonly ReturnPreview[], method: RefundMethod, orderNumber: string): Review {
  const sum = formatMoney(preview.amountKopecks);
  const way =
    method === "bank_transfer" ? `Выплатим ${sum} банковским переводом`
    : method === "cash" ? `Выдадим ${sum} наличными`
    : preview.parts.length === 1 ? `Вернём ${sum} ${target(preview.parts[0]!)}`
    : `Вернём ${sum}: ${preview.parts.map((part) => `${formatMoney(part.amountKopecks)} ${target(part)}`).join(", ")}`;
  const made = receipts.flatMap((plan) => plan.receipts);
  const notes: string[] = [];
  notes.push(preview.needsApproval ? "Деньги уйдут после одобрения вторым сотрудником." : "Одобрение не нужно: сумма в пределах лимита. Деньги уйдут сразу.");
  if (method !== "instrument") notes.push("Бухгалтер выплачивает сам и вносит номер документа: тогда возврат считается исполненным.");
  for (const plan of new Set(receipts.map((each) => each.notRequired))) if (plan) notes.push(`Чек возврата не нужен. ${plan}.`);
  const uncovered = receipts.reduce((total, plan) => total + plan.uncoveredKopecks, 0n);
  if (uncovered > 0n) notes.push(`На ${formatMoney(uncovered)} нашего чека прихода нет: чек возврата остановится и будет ждать вашего решения.`);
  const consequence = method === "cash" || made.length === 0 ? "" : made.length === 1 ? " и пробьём чек возврата" : ` и пробьём ${formatCount(made.length, ["чек", "чека", "чеков"])} возврата`;
  return {
    text: `${way} по заказу №\u00A0${orderNumber}${consequence}.`,
    label: `${preview.needsApproval ? "Запросить возврат" : method === "instrument" ? "Вернуть" : "Записать возврат"} ${sum}`,
    notes,
    tables: method === "cash" ? [] : made.map((receipt) => ({
      title: `Чек «${receipt.kind === "income_return" ? "возврат прихода" : "приход"}» на ${formatMoney(receipt.totalKopecks)}`,
      rows: [
        ...receipt.lines.slice(0, ROWS).map((line) => ({ name: line.name, note: `${formatQuantity(line.quantity)} · ${line.methodLabel.toLowerCase()} · ${line.vatLabel}`, sum: formatMoneyBare(line.sumKopecks) })),
        ...(receipt.lines.length > ROWS ? [{ name: `и ещё ${formatCount(receipt.lines.length - ROWS, ["позиция", "позиции", "позиций"])}`, note: "", sum: "" }] : []),
      ],
    })),
  };
}
