/** `1249.50`, `1249.5`, `1249` to kopecks; null for anything else. */
export function kopecks(rubles: string): bigint | null {
  const m = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(rubles);
  return m?.[1] ? BigInt(m[1]) * 100n + BigInt((m[2] ?? "").padEnd(2, "0")) : null;
}

/** Wire form with two decimals and a dot. */
export function rubles(kop: bigint): string {
  const sign = kop < 0n ? "-" : "";
  const abs = kop < 0n ? -kop : kop;
  return `${sign}${abs / 100n}.${(abs % 100n).toString().padStart(2, "0")}`;
}

/** 1C wire form: trailing zeros dropped (`3746`, `12.5`). */
export function shortRubles(kop: bigint): string {
  return rubles(kop).replace(/\.?0+$/, (zeros, at: number, all: string) => (all.includes(".") ? "" : zeros));
}

/** For people: «1 249,50 ₽» with narrow no-break groups. */
export function humanRubles(kop: bigint): string {
  const [whole = "0", part = "00"] = rubles(kop < 0n ? -kop : kop).split(".");
  return `${kop < 0n ? "−" : ""}${whole.replace(/\B(?=(\d{3})+$)/g, "\u202F")},${part}\u00A0₽`;
}

/** price × quantity in kopecks, half up; quantity is a decimal text with at most six places. */
export function lineSum(priceKop: bigint, quantity: string): bigint | null {
  const m = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(quantity);
  if (!m?.[1]) return null;
  const micro = BigInt(m[1]) * 1_000_000n + BigInt((m[2] ?? "").padEnd(6, "0"));
  return (priceKop * micro + 500_000n) / 1_000_000n;
}

/** VAT inside a gross sum, half up. */
export function vatInside(gross: bigint, percent: bigint): bigint {
  const base = 100n + percent;
  return (gross * percent * 2n + base) / (base * 2n);
}
