/** Money that 1C itself has booked, beside an order: as the stock exchange of УНФ tells of it (CML-32). Pure. */
import type { OnecOperation } from "../wire/order-draft.ts";
import type { Problem } from "./problems.ts";
import type { OrderRequest } from "./schema-order.ts";
import type { When } from "./values.ts";

type Payment = NonNullable<OrderRequest["payments"]>[number];

const names = {
  payment: { bank_transfer: "Выплата безналичных денег", cash: "Выплата наличных денег" },
  refund: { bank_transfer: "Возврат безналичных денег", cash: "Возврат наличных денег" },
} as const;

export function operationOf(payment: Payment, field: string, local: (when: When | null | undefined) => string | null): OnecOperation | Problem {
  if (!payment.id) return { code: "missing_field", field: `${field}.id`, msg: `${field}.id: нет GUID документа оплаты` };
  if (!payment.amount) return { code: "missing_field", field: `${field}.amount`, msg: `${field}.amount: нет суммы` };
  if (!payment.method) return { code: "missing_field", field: `${field}.method`, msg: `${field}.method: укажите bank_transfer или cash` };
  const kind = payment.kind ?? "payment";
  const dateLocal = local(payment.date);
  return {
    ref: payment.id, number: payment.number ?? "", operation: names[kind][payment.method], createdLocal: dateLocal, totalKopecks: payment.amount, baseRef: null, container: null, lines: [],
    marks: {
      onecNumber: null, onecDateLocal: null, posted: true, deleted: null, cancelled: null, paid: null, shipped: null, final: null, paymentNumber: payment.number ?? null, paymentDateLocal: dateLocal,
      shipmentNumber: null, shipmentDateLocal: null, statusText: null, statusId: null, paymentMethod: null, paymentMethodId: null, bankDocumentNumber: null, receiptNumber: null, refund: kind === "refund",
    },
  };
}
