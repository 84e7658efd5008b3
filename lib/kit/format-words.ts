import type { Kopecks } from "@/lib/kit/money.ts";

const hundreds = ["", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"];
const tens = ["", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"];
const small = [
  "", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать",
  "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать",
];

type Forms = readonly [one: string, few: string, many: string];
const roubles: Forms = ["рубль", "рубля", "рублей"];
const kopeckForms: Forms = ["копейка", "копейки", "копеек"];
/** Groups of three digits above the first, with their gender. */
const scales: readonly { forms: Forms; feminine: boolean }[] = [
  { forms: ["тысяча", "тысячи", "тысяч"], feminine: true },
  { forms: ["миллион", "миллиона", "миллионов"], feminine: false },
  { forms: ["миллиард", "миллиарда", "миллиардов"], feminine: false },
  { forms: ["триллион", "триллиона", "триллионов"], feminine: false },
];

function formFor(count: number, forms: Forms): string {
  const [last, lastTwo] = [count % 10, count % 100];
  if (lastTwo >= 11 && lastTwo <= 19) return forms[2];
  return last === 1 ? forms[0] : last >= 2 && last <= 4 ? forms[1] : forms[2];
}

function tripletWords(count: number, feminine: boolean): string[] {
  const lastTwo = count % 100;
  const unit = lastTwo < 20 ? lastTwo : lastTwo % 10;
  const word = feminine && unit === 1 ? "одна" : feminine && unit === 2 ? "две" : (small[unit] ?? "");
  return [hundreds[Math.floor(count / 100)] ?? "", lastTwo < 20 ? "" : (tens[Math.floor(lastTwo / 10)] ?? ""), word].filter(Boolean);
}

/** «Двадцать одна тысяча один рубль 01 копейка», as 1C prints it under an invoice (onec/invoice.md 4). Below 10¹⁵ roubles. */
export function moneyInWords(kopecks: Kopecks): string {
  const whole = kopecks / 100n;
  if (kopecks < 0n || whole >= 10n ** 15n) throw new RangeError("a sum in words is between zero and 999 trillion roubles");
  const words: string[] = [];
  for (let index = scales.length; index >= 0; index--) {
    const triplet = Number((whole / 1000n ** BigInt(index)) % 1000n);
    const scale = scales[index - 1];
    words.push(...tripletWords(triplet, scale?.feminine ?? false));
    if (scale && triplet > 0) words.push(formFor(triplet, scale.forms));
  }
  if (whole === 0n) words.push("ноль");
  words.push(formFor(Number(whole % 100n), roubles));
  const text = words.join(" ");
  const rest = Number(kopecks % 100n);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} ${String(rest).padStart(2, "0")} ${formFor(rest, kopeckForms)}`;
}
