/** Goods of a hand-over or a return, found among the lines of their order. Pure. */
import { mulDivRoundHalfUp } from "@/lib/kit/money.ts";
import { quantityMillis } from "@/lib/kit/quantity.ts";
import type { LockedLine } from "@/lib/orders/lock-order.ts";
import type { ShipmentLine } from "@/lib/shipments/index.ts";
import { itemRef } from "./order-lines.ts";
import type { Problem } from "./problems.ts";
import type { ReturnItem, ShipmentItem } from "./schema-goods.ts";

/** What of an order's line may still be handed over. */
export type Left = Pick<ShipmentLine, "orderLineId" | "quantity" | "sumKopecks">;

const missing = (field: string, what: string): Problem => ({ code: "missing_field", field, msg: `${field}: ${what}` });

/** By number and goods, else by goods with characteristic, else by number, else by name; a line that an earlier row took comes last. */
export function findLine(item: ReturnItem, lines: readonly LockedLine[], taken: ReadonlySet<string>): LockedLine | null {
  const ref = itemRef(item);
  const isSame = (line: LockedLine) => ref !== "" && line.itemId?.toLowerCase() === ref;
  const at = (line: LockedLine) => item.line !== null && item.line !== undefined && line.lineNo === item.line;
  const ways: ((line: LockedLine) => boolean)[] = [(line) => at(line) && (ref === "" || isSame(line)), isSame, (line) => ref === "" && item.name != null && line.name === item.name];
  for (const way of ways) {
    const fitting = lines.filter(way);
    const found = fitting.find((line) => !taken.has(line.lineId)) ?? fitting[0];
    if (found) return found;
  }
  return null;
}

export function shipmentLines(items: readonly ShipmentItem[], lines: readonly LockedLine[], left: readonly Left[], warnings: string[]): ShipmentLine[] | Problem {
  const taken = new Set<string>();
  const read: ShipmentLine[] = [];
  for (const [at, item] of items.entries()) {
    const field = `items[${at}]`;
    if (!item.quantity || item.quantity === "0") return missing(`${field}.quantity`, "нет количества");
    const line = findLine(item, lines, taken);
    if (line) taken.add(line.lineId);
    else if (!item.name || item.amount == null || !item.vatRate) return { code: "unknown_line", field, msg: `${field}: строки нет в заказе; у нового товара нужны name, amount и vatRate` };
    else warnings.push(`${field}: строки нет в заказе, отгрузка учтена без неё`);
    const codes = item.markCodes?.map((text) => text.trim()).filter((text) => text !== "") ?? null;
    if (codes && BigInt(codes.length) * 1000n !== quantityMillis(item.quantity)) warnings.push(`${field}.markCodes: кодов ${codes.length}, а количество ${item.quantity}; закрывающий чек подождёт верных кодов`);
    const rest = line && left.find((one) => one.orderLineId === line.lineId);
    if (line && quantityMillis(item.quantity) > quantityMillis(rest?.quantity ?? "0")) warnings.push(`${field}: отгружено больше, чем оставалось по заказу`);
    read.push({
      orderLineId: line?.lineId ?? null, name: line?.name ?? item.name ?? "", kind: line?.kind ?? "goods", unitCode: line?.unitCode ?? (item.unitCode ? item.unitCode.padStart(3, "0") : null), quantity: item.quantity,
      sumKopecks: item.amount ?? shareOf(rest ?? null, line!, item.quantity), vatRate: line?.vatRate ?? item.vatRate ?? "none", markCodes: item.markCodes ? codes : null,
    });
  }
  return read;
}

export type ReturnLine = { orderLineId: string | null; quantity: string; sumKopecks: bigint };

export function returnLines(items: readonly ReturnItem[], lines: readonly LockedLine[]): ReturnLine[] | Problem {
  const taken = new Set<string>();
  const read: ReturnLine[] = [];
  for (const [at, item] of items.entries()) {
    const field = `items[${at}]`;
    if (!item.quantity || item.quantity === "0") return missing(`${field}.quantity`, "нет количества");
    const line = findLine(item, lines, taken);
    if (!line && item.amount == null) return { code: "unknown_line", field, msg: `${field}: строки нет в заказе, и нет суммы` };
    if (line) {
      taken.add(line.lineId);
      if (quantityMillis(item.quantity) > quantityMillis(line.quantity)) return { code: "too_much", field: `${field}.quantity`, msg: `${field}.quantity: в заказе ${line.quantity}, а возвращают ${item.quantity}` };
    }
    read.push({ orderLineId: line?.lineId ?? null, quantity: item.quantity, sumKopecks: item.amount ?? shareOf(null, line!, item.quantity) });
  }
  return read;
}

/** The last pieces take what is left of the line, so that parts add up to it. */
function shareOf(left: Left | null, line: LockedLine, quantity: string): bigint {
  const of = left ?? line;
  const [part, whole] = [quantityMillis(quantity), quantityMillis(of.quantity)];
  return part === whole ? of.sumKopecks : mulDivRoundHalfUp(line.sumKopecks, part, quantityMillis(line.quantity));
}
