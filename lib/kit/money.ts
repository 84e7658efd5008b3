/** Whole kopecks. The only money type inside the program (NUM-01, NUM-02). */
export type Kopecks = bigint;

export class MoneyFormatError extends Error {
  constructor(readonly text: string) {
    super(`not an amount of roubles: ${JSON.stringify(text.slice(0, 40))}`);
    this.name = "MoneyFormatError";
  }
}

/** Thirteen digits of roubles: far above any sum of ours, far below a PostgreSQL bigint of kopecks. */
const roublesDigitsMax = 13;
const currency = /(?:₽|руб\.?|р\.)$/iu;
const amount = /^([-−]?)(\d+|\d{1,3}(?:\s\d{3})+)(?:[.,](\d+))?$/u;

/**
 * Roubles as people and machines write them, to kopecks: "6631", "6631.00", "6 631,00 ₽", "−5". Spaces of any kind may
 * stand between groups of three. With `trimZeros`, zeros beyond the second decimal are accepted ("12.5000"), digits never.
 * @throws MoneyFormatError
 */
export function parseRubles(text: string, options: { trimZeros?: boolean } = {}): Kopecks {
  const plain = plainKopecks(text);
  if (plain !== null) return plain;
  const match = text.length <= 64 ? amount.exec(text.trim().replace(currency, "").trim()) : null;
  if (!match) throw new MoneyFormatError(text);
  const roubles = (match[2] ?? "").replace(/\s/gu, "");
  let decimals = match[3] ?? "";
  if (options.trimZeros) decimals = decimals.slice(0, 2) + decimals.slice(2).replace(/0+$/, "");
  if (decimals.length > 2 || roubles.length > roublesDigitsMax) throw new MoneyFormatError(text);
  const kopecks = BigInt(roubles) * 100n + BigInt(decimals.padEnd(2, "0"));
  return match[1] ? -kopecks : kopecks;
}

/** The usual spellings of machines, `1220` and `1220.00`, without a pattern: files have a dozen sums an order. Null: another spelling. */
function plainKopecks(text: string): Kopecks | null {
  const { length } = text;
  const hasDecimals = length > 3 && text.charCodeAt(length - 3) === 0x2e;
  const whole = hasDecimals ? length - 3 : length;
  if (whole < 1 || whole > roublesDigitsMax) return null;
  let size = 0;
  for (let i = 0; i < length; i++) {
    if (i === whole) continue;
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return null;
    size = size * 10 + digit;
  }
  return BigInt(hasDecimals ? size : size * 100);
}

/** The machine form: dot, two decimals, no groups, ASCII minus. */
export function rublesText(kopecks: Kopecks): string {
  const [minus, size] = kopecks < 0n ? ["-", -kopecks] : ["", kopecks];
  return `${minus}${size / 100n}.${(size % 100n).toString().padStart(2, "0")}`;
}

/** a × b ÷ c, halves away from zero, so that a return mirrors its sale (NUM-05). `c` must be positive. */
export function mulDivRoundHalfUp(a: bigint, b: bigint, c: bigint): bigint {
  if (c <= 0n) throw new RangeError("divisor must be positive");
  const product = a * b;
  const size = product < 0n ? -product : product;
  const rounded = (2n * size + c) / (2n * c);
  return product < 0n ? -rounded : rounded;
}

export function sum(amounts: Iterable<Kopecks>): Kopecks {
  let total = 0n;
  for (const each of amounts) total += each;
  return total;
}
