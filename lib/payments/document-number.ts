/** Numbers of payment documents as 1C prints them (`УТ00-000377`) and as people type them (`377`, `№ 377`). Pure. */

/** Look-alikes that people type in the wrong keyboard layout. */
const cyrillic: Record<string, string> = { A: "А", B: "В", C: "С", E: "Е", H: "Н", K: "К", M: "М", O: "О", P: "Р", T: "Т", X: "Х", Y: "У" };

function partsOf(number: string): { prefix: string; digits: string } {
  const plain = number.toUpperCase().replace(/[ABCEHKMOPTXY]/g, (letter) => cyrillic[letter] ?? letter).replace(/[№N#\s]/gu, "");
  const [, prefix = "", digits = ""] = /^(.*?)(\d*)$/su.exec(plain) ?? [];
  return { prefix: prefix.replace(/[^\p{L}\d]/gu, "").replace(/0+$/, ""), digits: digits.replace(/^0+/, "") };
}

/** One document: equal without leading zeros, and the same prefix unless one of the two was typed without it. */
export function sameDocumentNumber(left: string, right: string): boolean {
  const [a, b] = [partsOf(left), partsOf(right)];
  if (a.digits !== b.digits) return false;
  if (a.digits === "") return a.prefix !== "" && a.prefix === b.prefix;
  return a.prefix === b.prefix || a.prefix === "" || b.prefix === "";
}

/** The number in one spelling, for keys. */
export function plainDocumentNumber(number: string): string {
  const { prefix, digits } = partsOf(number);
  return `${prefix}-${digits}`;
}
