/** An order of a shop as intake takes every order. Pure. */
import { lineSum, quantityMicros } from "@/lib/kit/quantity.ts";
import { mulDivRoundHalfUp, rublesText } from "@/lib/kit/money.ts";
import { sha256Hex } from "@/lib/kit/ids.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import type { DraftLine, OrderDraft } from "@/lib/onec/wire/order-draft.ts";
import type { OrderBody } from "./order-body.ts";

const payerKinds = { person: "individual", entrepreneur: "sole_proprietor", legal: "organization" } as const;
const MILLION = 1_000_000n;

export function shopDraft(number: string, shopNumber: string | null, body: OrderBody): OrderDraft {
  const { customer } = body;
  const name = customer.name ?? "Покупатель";
  // 1C sees the comment: the shop's own number must be findable there.
  const comment = [shopNumber === null ? null : `Номер в магазине: ${shopNumber}`, body.comment].filter(Boolean).join(". ") || null;
  return {
    kind: "order",
    onecRef: "",
    number,
    container: null,
    warnings: [],
    contentHash: sha256Hex(`shop:${number}:${hashOf(body)}`),
    createdLocal: null,
    totalKopecks: body.amount,
    linesMatchTotal: true,
    vatIncluded: true,
    buyer: { ref: null, kind: payerKinds[customer.type], name, fullName: name, inn: customer.inn, kpp: customer.kpp, address: customer.address, phone: customer.phone, email: customer.email },
    comment,
    payUntil: body.payBy,
    lines: body.items.map(lineOf),
    state: { number: null, dateLocal: null, posted: true, deleted: false, cancelled: false, paid: null, shipped: null, statusText: null, final: false },
    operations: [],
  };
}

function lineOf(item: OrderBody["items"][number], at: number): DraftLine {
  const priceKopecks = item.price ?? mulDivRoundHalfUp(item.amount, MILLION, quantityMicros(item.quantity));
  const full = lineSum(priceKopecks, item.quantity);
  return {
    position: at + 1, ref: item.id ?? "", article: item.sku, name: item.name, service: item.subject === "service", unitName: item.unit ?? "шт", unitCode: item.unitCode ?? "796", quantity: item.quantity, priceKopecks,
    discountKopecks: full > item.amount ? full - item.amount : 0n, sumKopecks: item.amount, vat: item.vatRate, vatKopecks: vatFromGross(item.amount, item.vatRate), included: true,
    echo: { ...(item.sku !== null && { article: item.sku }), name: item.name, price: rublesText(priceKopecks), quantity: item.quantity, sum: rublesText(item.amount) },
  };
}

/** The same request, however it was spelled. */
export const hashOf = (body: OrderBody): string => sha256Hex(JSON.stringify(body, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
