/** Goods of a hand-over or a return, found among the lines of their order. Pure. */
import { mulDivRoundHalfUp } from "@/lib/kit/money.ts";
import { quantityMillis } from "@/lib/kit/quantity.ts";
import type { LockedLine } from "@/lib/orders/lock-order.ts";
import { goodsKey, withinLeft } from "@/lib/shipments/index.ts";
import type { Left, Returnable, SaidGoods, SaidLine, ShipmentLine } from "@/lib/shipments/index.ts";
import { itemRef } from "./order-lines.ts";
import type { Problem } from "./problems.ts";
import type { ReturnItem, ShipmentItem } from "./schema-goods.ts";

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

/** Codes of marked pieces; null = the row names none. */
export const codesOf = ({ markCodes }: Pick<Partial<ShipmentItem>, "markCodes">): string[] | null => markCodes?.map((text) => text.trim()).filter((text) => text !== "") ?? null;

/** What a document says of goods, whatever of it may be recorded. */
export function saidLines(items: readonly (ReturnItem & Pick<Partial<ShipmentItem>, "markCodes">)[], lines: readonly LockedLine[]): SaidLine[] {
  const taken = new Set<string>();
  return items.map((item): SaidLine => {
    const line = findLine(item, lines, taken);
    if (line) taken.add(line.lineId);
    const goods = line ? goodsKey(line) : goodsKey({ itemId: itemRef(item) || null, name: item.name ?? "" });
    return { goods, lineNo: item.line ?? null, quantity: item.quantity ?? "0", sumKopecks: item.amount?.toString() ?? null, markCodes: codesOf(item) };
  });
}

/** What is to be recorded. */
export type ReadGoods<L> = {
  lines: L[];
  /** What each row of the document comes to; null = it leaves that to the order, and says more than is left. */
  sums: (bigint | null)[];
  /** More is said than is left. */
  isOver: boolean;
};

export function shipmentLines(items: readonly ShipmentItem[], lines: readonly LockedLine[], left: readonly Left[], warnings: string[]): ReadGoods<ShipmentLine> | Problem {
  const taken = new Set<string>();
  const rows: (SaidGoods | ShipmentLine)[] = [];
  for (const [at, item] of items.entries()) {
    const field = `items[${at}]`;
    const { quantity, amount } = item;
    if (!quantity || quantity === "0") return missing(`${field}.quantity`, "нет количества");
    const line = findLine(item, lines, taken);
    const codes = codesOf(item);
    if (codes && BigInt(codes.length) * 1000n !== quantityMillis(quantity)) warnings.push(`${field}.markCodes: кодов ${codes.length}, а количество ${quantity}; закрывающий чек не уйдёт сам, его пробьют на кассе с маркировкой`);
    if (line) {
      taken.add(line.lineId);
      const same = lines.filter((one) => one.lineId !== line.lineId && goodsKey(one) === goodsKey(line));
      rows.push({ candidates: [line, ...same], quantity, sumKopecks: amount ?? null, vatRate: line.vatRate, markCodes: codes });
      continue;
    }
    if (!item.name || amount == null || !item.vatRate) return { code: "unknown_line", field, msg: `${field}: строки нет в заказе; у нового товара нужны name, amount и vatRate` };
    warnings.push(`${field}: строки нет в заказе, отгрузка учтена без неё`);
    rows.push({ orderLineId: null, name: item.name, kind: "goods", unitCode: item.unitCode ? item.unitCode.padStart(3, "0") : null, quantity, sumKopecks: amount, vatRate: item.vatRate, markCodes: codes });
  }
  const { lines: recorded, sums } = withinLeft(left, rows);
  for (const [at, sumKopecks] of sums.entries()) if (sumKopecks === null) warnings.push(`items[${at}]: отгружено больше, чем оставалось по заказу; лишнее не учтено`);
  return { lines: recorded, isOver: sums.includes(null), sums: sums.map((sumKopecks, at) => items[at]!.amount ?? sumKopecks) };
}

export type ReturnLine = { orderLineId: string | null; quantity: string; sumKopecks: bigint };

export function returnLines(items: readonly ReturnItem[], lines: readonly LockedLine[], { byGoods }: Returnable): ReadGoods<ReturnLine> | Problem {
  const taken = new Set<string>();
  const left = new Map(byGoods);
  const read: ReturnLine[] = [];
  for (const [at, item] of items.entries()) {
    const field = `items[${at}]`;
    if (!item.quantity || item.quantity === "0") return missing(`${field}.quantity`, "нет количества");
    const line = findLine(item, lines, taken);
    if (!line && item.amount == null) return { code: "unknown_line", field, msg: `${field}: строки нет в заказе, и нет суммы` };
    if (!line) {
      read.push({ orderLineId: null, quantity: item.quantity, sumKopecks: item.amount! });
      continue;
    }
    taken.add(line.lineId);
    const [millis, rest] = [quantityMillis(item.quantity), left.get(goodsKey(line)) ?? { millis: 0n, kopecks: 0n }];
    // The last pieces take what is left of their goods, so that parts add up to what was handed over.
    const sumKopecks = item.amount ?? (millis === rest.millis ? rest.kopecks : mulDivRoundHalfUp(line.sumKopecks, millis, quantityMillis(line.quantity)));
    left.set(goodsKey(line), { millis: rest.millis - millis, kopecks: rest.kopecks - sumKopecks });
    read.push({ orderLineId: line.lineId, quantity: item.quantity, sumKopecks });
  }
  return { lines: read, isOver: false, sums: read.map(({ sumKopecks }) => sumKopecks) };
}
