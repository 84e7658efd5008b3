/** What a receipt is, in words of staff. Pure. */
import type { ReceiptKind } from "@/lib/fiscal/cash-register.ts";
import type { ReceiptPurpose } from "@/lib/fiscal/external-id.ts";

export const receiptPurposes: Record<ReceiptPurpose, string> = { prepayment: "Предоплата", advance: "Аванс", closing: "Полный расчёт", refund: "Возврат", credit_payment: "Оплата кредита", correction: "Вместо непробитого", reversal: "Сторно" };
export const receiptKinds: Record<ReceiptKind, string> = { income: "Приход", income_return: "Возврат прихода", income_correction: "Коррекция прихода", income_return_correction: "Коррекция возврата прихода" };

/** «Приход, предоплата»; a return is named once. */
export const receiptName = ({ kind, purpose }: { kind: ReceiptKind; purpose: ReceiptPurpose }): string =>
  (kind === "income_return" && purpose === "refund") || (kind.endsWith("_correction") && purpose === "correction") ? receiptKinds[kind] : `${receiptKinds[kind]}, ${receiptPurposes[purpose].toLowerCase()}`;
