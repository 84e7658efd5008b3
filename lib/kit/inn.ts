/** NUM-09. Company: 10 digits, person or sole trader: 12. */
const weights11 = [7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
const weights12 = [3, ...weights11];
const weights10 = weights11.slice(1);

const control = (digits: readonly number[], weights: readonly number[]) =>
  (weights.reduce((total, weight, at) => total + weight * (digits[at] ?? 0), 0) % 11) % 10;

export type InnProblem = "format" | "checksum";

/** What is wrong with an INN, null when nothing is. Takes bare digits: strip what people paste with `digitsOnly`. */
export function innProblem(inn: string): InnProblem | null {
  // All zeros pass the arithmetic.
  if (!/^(?:\d{10}|\d{12})$/.test(inn) || /^0+$/.test(inn)) return "format";
  const digits = Array.from(inn, Number);
  const right =
    inn.length === 10
      ? control(digits, weights10) === digits[9]
      : control(digits, weights11) === digits[10] && control(digits, weights12) === digits[11];
  return right ? null : "checksum";
}

export const isInn = (inn: string): boolean => innProblem(inn) === null;

/** A pasted number without the spaces people put into it. */
export const digitsOnly = (text: string): string => text.replace(/[\s\u200B\uFEFF]/gu, "");
