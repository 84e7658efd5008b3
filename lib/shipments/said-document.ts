/** What a document of 1C said of goods, to tell its repeat from its change: what is recorded of it may be less. Pure. */
import { normalizeQuantity } from "@/lib/kit/quantity.ts";

export type SaidLine = {
  /** 1C's item in lower case, else the name; "" = the document names neither. */
  goods: string;
  /** Number of the order's line; null = not said. */
  lineNo: number | null;
  quantity: string;
  /** Kopecks; null = the document leaves the sum to the order. */
  sumKopecks: string | null;
  /** Codes of marked pieces; absent or null = not said. */
  markCodes?: string[] | null;
};

export type SaidDocument = {
  /** Null = without lines: all that was left of the order. */
  lines: SaidLine[] | null;
  /** Kopecks; null = not said. */
  totalKopecks: string | null;
};

/** One spelling of goods on both sides of a comparison. */
export const goodsKey = (line: { itemId: string | null; name: string }): string => (line.itemId ?? line.name).toLowerCase();

/** Whether the document says what it said before; rows may change places, what one side leaves out is not compared. */
export function saysSame(was: SaidDocument, now: SaidDocument): boolean {
  if (was.totalKopecks !== null && now.totalKopecks !== null && was.totalKopecks !== now.totalKopecks) return false;
  if (was.lines === null || now.lines === null) return true;
  const open = [...was.lines];
  for (const line of now.lines) {
    const at = open.findIndex((one) => saysSameLine(one, line));
    if (at < 0) return false;
    open.splice(at, 1);
  }
  return open.length === 0;
}

function saysSameLine(was: SaidLine, now: SaidLine): boolean {
  if (normalizeQuantity(was.quantity) !== normalizeQuantity(now.quantity)) return false;
  if (was.sumKopecks !== null && now.sumKopecks !== null && was.sumKopecks !== now.sumKopecks) return false;
  if (now.markCodes && sorted(now.markCodes) !== sorted(was.markCodes ?? [])) return false;
  // A number alone means the order's line of its day; goods know themselves through every revision.
  return was.goods !== "" && now.goods !== "" ? was.goods === now.goods : was.lineNo === null || now.lineNo === null || was.lineNo === now.lineNo;
}

const sorted = (codes: readonly string[]): string => JSON.stringify(codes.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
