/** What stands against a receipt before any register sees it (FISC-05, VAT-06, NUM-04). Pure. */
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import type { ReceiptLine } from "./cash-register.ts";
import { PARTS_MAX, POSITIONS_MAX } from "./split-receipt.ts";

/** Russian texts; `code` is a key of `failureCause`. */
export type Problem = { code: string; text: string; advice: string };

const fix = " и повторите чек.";

export function problemOf(given: { order: LockedOrder | null; contact: string | null; lines: readonly ReceiptLine[]; partCount: number; isReturn?: boolean }): Problem | null {
  const { order, contact, lines, partCount } = given;
  if (!order) return { code: "ORDER_UNKNOWN", text: "Не найден заказ", advice: "Привяжите платёж к заказу или верните деньги." };
  if (order.registerId === null) return { code: "NO_REGISTER", text: "Не подключена касса организации", advice: `Подключите кассу в настройках${fix}` };
  if (contact === null) return { code: "CONTACT_MISSING", text: "Нет почты или телефона покупателя", advice: `Укажите контакт покупателя${fix}` };
  if (partCount > PARTS_MAX) return { code: "TOO_MANY_LINES", text: `В чеке больше ${PARTS_MAX * POSITIONS_MAX} позиций`, advice: "Пробейте чек на другой кассе или разделите заказ в 1С." };
  // VAT-06: the old rate in a new income receipt is an error of the order; a return repeats the rate of its sale (VAT-05).
  if (!given.isReturn && lines.some((line) => line.vat === "vat20" || line.vat === "vat20_120")) return { code: "VAT20_BLOCKED", text: "Ставка 20 % больше не действует", advice: `Исправьте ставку НДС в 1С на 22 %${fix}` };
  if (lines.some((line) => line.name === "")) return { code: "NAME_EMPTY", text: "У товара пустое название", advice: `Исправьте название товара в 1С${fix}` };
  return null;
}
