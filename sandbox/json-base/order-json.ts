import { moscow } from "../core/clock.ts";
import { rubles, shortRubles, lineSum } from "../core/money.ts";
import { lineVat } from "../onec/orders.ts";
import type { Line } from "../onec/state.ts";
import { orderAmount } from "./orders.ts";
import type { JsonOrder } from "./state.ts";

const EMPTY_DATE = "0001-01-01T00:00:00";
const EMPTY_ID = "00000000-0000-0000-0000-000000000000";
const unitShort: Record<string, string> = { "796": "шт", "778": "упак", "113": "м3" };

type Style = "careful" | "careless";

/** One order as the extension writes it (json-api.md 3.1). */
export function orderBody(order: JsonOrder, style: Style): Record<string, unknown> {
  const { customer: c } = order;
  const careless = style === "careless";
  const known = (id: string) => id || (careless ? EMPTY_ID : null);
  const code = (text: string) => (careless ? `${text}   ` : text);
  const flag = (value: boolean) => (careless ? (value ? "Истина" : "Ложь") : value);
  return {
    id: order.id,
    ...(order.siteId && { siteId: order.siteId }),
    version: order.version,
    number: code(order.number),
    date: localDate(order.at),
    amount: sum(orderAmount(order), style),
    currency: "RUB",
    vatIncluded: flag(true),
    payBy: order.payBy || (careless ? EMPTY_DATE : null),
    comment: order.comment,
    ...(order.manager && { manager: order.manager }),
    ...(order.methods && { methods: order.methods }),
    ...(order.deferral && { deferral: order.deferral }),
    customer: {
      id: known(c.id), type: c.kind === "company" ? "legal" : c.kind === "sole_trader" ? "entrepreneur" : "person", name: c.fullName || c.name,
      inn: code(c.inn), kpp: c.kpp, address: c.address, email: c.email, phone: c.phone,
    },
    items: order.lines.filter((l) => !l.cancelled).map((line, i) => itemBody(line, i, style)),
    state: { posted: flag(order.posted), deleted: flag(order.deleted), cancelled: flag(order.cancelled), shippedAt: order.shippedAt === null ? EMPTY_DATE : localDate(order.shippedAt) },
  };
}

function itemBody(line: Line, index: number, style: Style): Record<string, unknown> {
  const [id = "", characteristicId = ""] = line.id.split("#");
  const gross = lineSum(line.price, line.quantity) ?? line.sum;
  return {
    line: index + 1,
    id,
    ...(characteristicId && { characteristicId }),
    sku: style === "careless" ? `${line.article}  ` : line.article,
    name: line.name,
    unit: unitShort[line.unitCode] ?? "шт",
    unitCode: line.unitCode,
    quantity: style === "careless" ? line.quantity.replace(".", ",") : Number(line.quantity),
    price: sum(line.price, style),
    discount: sum(gross - line.sum, style),
    amount: sum(line.sum, style),
    vatRate: style === "careless" ? (line.vat === "0" ? "Без НДС" : `НДС${line.vat}`) : line.vat === "0" ? "none" : line.vat,
    vatAmount: sum(lineVat(line, true), style),
    subject: line.kind === "Услуга" ? "service" : "commodity",
  };
}

/** `Формат(Дата, "ДФ=yyyy-MM-ddTHH:mm:ss")`: local time of the base, no zone. */
export const localDate = (ms: number): string => moscow(ms).replace(" ", "T");

/** A Число written by ЗаписатьJSON, or glued to a string by `+`: no-break spaces and a comma. */
export function sum(kopecks: bigint, style: Style): number | string {
  if (style === "careful") return Number(rubles(kopecks));
  const [whole = "0", part] = shortRubles(kopecks).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, "\u00A0") + (part ? `,${part}` : "");
}
