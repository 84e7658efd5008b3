/** The order that a bill without one becomes: one line, named by `service_name` (API-13). Pure. */
import { sha256Hex } from "@/lib/kit/ids.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import type { OnecState, OrderDraft, OrderStatus } from "@/lib/onec/wire/order-draft.ts";
import type { BillSettings } from "./door-settings.ts";
import type { AskedBill } from "./read-bill.ts";

const state: OnecState = { number: null, dateLocal: null, posted: true, deleted: false, cancelled: false, paid: null, shipped: null, statusText: null, final: false };

export function billDraft(number: string, asked: AskedBill, line: NonNullable<BillSettings["line"]>): OrderDraft {
  const { amountKopecks, email, phone, expiresAt } = asked;
  const name = asked.serviceName || (asked.orderRef === "" ? "Оплата по счёту" : `Оплата заказа ${asked.orderRef}`);
  const clientName = asked.clientName || "Покупатель";
  const sum = rublesText(amountKopecks);
  // Contacts are left out on purpose: a corrected address is no new version of the order.
  const content = [number, sum, name, clientName, line.vatRate, line.subject, expiresAt?.toISOString() ?? ""];
  return {
    kind: "order",
    onecRef: "",
    number,
    container: null,
    warnings: [],
    contentHash: sha256Hex(JSON.stringify(content)),
    createdLocal: null,
    totalKopecks: amountKopecks,
    linesMatchTotal: true,
    vatIncluded: true,
    buyer: { ref: null, kind: "unknown", name: clientName, fullName: clientName, inn: null, kpp: null, address: null, phone, email },
    comment: null,
    payUntil: expiresAt,
    lines: [
      {
        position: 1, ref: "", article: null, name, service: line.subject === "service", unitName: "шт", unitCode: "796", quantity: "1", priceKopecks: amountKopecks, discountKopecks: 0n, sumKopecks: amountKopecks,
        vat: line.vatRate, vatKopecks: vatFromGross(amountKopecks, line.vatRate), included: true, echo: { name, price: sum, quantity: "1", sum },
      },
    ],
    state,
    operations: [],
  };
}

/** 1C took its bill back: the order that was born with it is cancelled. */
export const revokedDraft = (number: string): OrderStatus => ({
  kind: "status", onecRef: "", number, container: null, warnings: [], contentHash: sha256Hex(`revoked:${number}`), state: { ...state, cancelled: true }, operations: [],
});
