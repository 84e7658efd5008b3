/**
 * The only formatting module (ux.md 2): every sum, date and count that a person reads comes from here.
 * No node imports: it runs in the browser too. Re-exports what lives in smaller files beside it.
 */
import type { Kopecks } from "@/lib/kit/money.ts";

export { formatDate, formatDateLong, formatDateShort, formatDateTime, formatDayMonth, formatRelative, formatTime } from "@/lib/kit/format-date.ts";
export { formatDuration } from "@/lib/kit/format-duration.ts";
export { moneyInWords } from "@/lib/kit/format-words.ts";

/** Keeps words together; stands before ₽ and %, after №. */
export const NBSP = "\u00A0";
/** Separates groups of three digits. */
export const NNBSP = "\u202F";
const minus = "\u2212";

const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, NNBSP);
const sizeOf = (kopecks: Kopecks) => (kopecks < 0n ? -kopecks : kopecks);
const signOf = (kopecks: Kopecks, always: boolean) => (kopecks < 0n ? minus : always && kopecks > 0n ? "+" : "");

/** `12 345,60`: groups U+202F, decimal comma, U+2212 for negatives; `sign` adds a plus to positive sums. */
export function formatMoneyBare(kopecks: Kopecks, options: { sign?: boolean } = {}): string {
  const size = sizeOf(kopecks);
  return `${signOf(kopecks, options.sign ?? false)}${grouped((size / 100n).toString())},${(size % 100n).toString().padStart(2, "0")}`;
}

/** `12 345,60 ₽`, always with kopecks. */
export const formatMoney = (kopecks: Kopecks, options: { sign?: boolean } = {}): string => `${formatMoneyBare(kopecks, options)}${NBSP}₽`;

/** What a copy button or a cell puts on the clipboard: `-1200,00`, a number for a Russian Excel. */
export const formatMoneyCopy = (kopecks: Kopecks): string =>
  `${kopecks < 0n ? "-" : ""}${sizeOf(kopecks) / 100n},${(sizeOf(kopecks) % 100n).toString().padStart(2, "0")}`;

/** For tiles: whole roubles up to `999 999 ₽`, then `1,24 млн ₽`, `1,24 млрд ₽`. The full value belongs into `title`. */
export function formatMoneyTile(kopecks: Kopecks): string {
  const size = sizeOf(kopecks);
  const roubles = (size + 50n) / 100n;
  if (roubles < 1_000_000n) return `${signOf(kopecks, false)}${grouped(roubles.toString())}${NBSP}₽`;
  const hundredthsOfMillion = (size + 500_000n) / 1_000_000n;
  const [hundredths, unit] = hundredthsOfMillion < 100_000n ? [hundredthsOfMillion, "млн"] : [(size + 500_000_000n) / 1_000_000_000n, "млрд"];
  const [whole, part] = [hundredths / 100n, (hundredths % 100n).toString().padStart(2, "0")];
  return `${signOf(kopecks, false)}${grouped(whole.toString())},${part}${NBSP}${unit}${NBSP}₽`;
}

/** `98,7 %`; takes percents, not a ratio. */
export const formatPercent = (percent: number): string => {
  const text = Math.abs(percent).toFixed(1).replace(".", ",");
  return `${percent < 0 && text !== "0,0" ? minus : ""}${text}${NBSP}%`;
};

/** `98,7 %` of two sums, without a float in between. `whole` must be positive. */
export const formatShare = (part: bigint, whole: bigint): string => formatPercent(Number((part * 2000n + whole) / (2n * whole)) / 10);

const rules = new Intl.PluralRules("ru");

/** The form of a word for a count: `plural(2, ["платёж", "платежа", "платежей"])` is «платежа». */
export function plural(count: number | bigint, forms: readonly [one: string, few: string, many: string]): string {
  const size = typeof count === "bigint" ? Number(sizeOf(count) % 1000n) : Math.abs(count);
  const rule = rules.select(size);
  return rule === "one" ? forms[0] : rule === "few" ? forms[1] : rule === "many" ? forms[2] : forms[1];
}

/** `1 250`: a plain count with groups. */
export const formatNumber = (count: number | bigint): string => {
  const whole = typeof count === "bigint" ? count : BigInt(Math.trunc(count));
  return `${signOf(whole, false)}${grouped(sizeOf(whole).toString())}`;
};

/** `5 платежей`: the count and its word. */
export const formatCount = (count: number | bigint, forms: readonly [string, string, string]): string =>
  `${formatNumber(count)}${NBSP}${plural(count, forms)}`;

/** `0,75`, `1 250`, with a unit `10 шт.`; takes the machine spelling "0.75". */
export function formatQuantity(quantity: string, unit?: string): string {
  const [whole = "", decimals] = quantity.split(".");
  return `${grouped(whole)}${decimals ? `,${decimals}` : ""}${unit ? `${NBSP}${unit}` : ""}`;
}

/** `+7 921 123-45-67`; foreign numbers stay as they are. */
export function formatPhone(phone: string): string {
  const match = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(phone);
  return match ? `+7${NBSP}${match[1]}${NBSP}${match[2]}-${match[3]}-${match[4]}` : phone;
}
