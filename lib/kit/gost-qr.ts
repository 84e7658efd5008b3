/** Payment QR by requisites, ГОСТ Р 56042-2014, UTF-8 (onec/invoice.md 6). Not an SBP QR. */
import { isInn } from "@/lib/kit/inn.ts";
import type { Kopecks } from "@/lib/kit/money.ts";
import { isAccount, isBik, isCorrespondentAccount, isKpp } from "@/lib/kit/requisites.ts";

export type GostPayment = {
  payee: { name: string; inn: string; /** null for a sole trader (INV-7). */ kpp: string | null };
  bank: { name: string; bik: string; account: string; /** null when the bank has none. */ correspondentAccount: string | null };
  /** null = the payer fills it in (INV-6). */
  sumKopecks: Kopecks | null;
  /** INV-2; comes back in the bank statement. */
  purpose: string;
  document: { number: string; /** дд.мм.гггг */ date: string } | null;
};

export class GostQrError extends Error {
  constructor(readonly field: string, message: string) {
    super(`${field}: ${message}`);
    this.name = "GostQrError";
  }
}

const required = ["Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc"] as const;
const lengthMax: Record<string, number> = { Name: 160, BankName: 45, Purpose: 210, DocNo: 15 };
const separators = ["|", "~", "^", ";", "#", "§"];

/** INV-9: no control characters, no double spaces; ordinary quotes stay. */
const clean = (text: string) => text.replace(/[\p{Cc}\s]+/gu, " ").trim();

/** The string to draw. @throws GostQrError when a requisite is wrong or a text too long: cut text would not match the statement. */
export function gostQr(payment: GostPayment): string {
  const { payee, bank, sumKopecks, document } = payment;
  if (!isBik(bank.bik)) throw new GostQrError("BIC", "wrong bank code");
  if (!isAccount(bank.bik, bank.account)) throw new GostQrError("PersonalAcc", "wrong check digit or length");
  if (bank.correspondentAccount !== null && !isCorrespondentAccount(bank.bik, bank.correspondentAccount)) throw new GostQrError("CorrespAcc", "wrong check digit or length");
  if (!isInn(payee.inn)) throw new GostQrError("PayeeINN", "wrong check digit or length");
  if (payee.kpp !== null && !isKpp(payee.kpp)) throw new GostQrError("KPP", "wrong form");
  if (sumKopecks !== null && sumKopecks <= 0n) throw new GostQrError("Sum", "must be positive");

  const fields: [string, string | null][] = [
    ["Name", clean(payee.name)],
    ["PersonalAcc", bank.account],
    ["BankName", clean(bank.name)],
    ["BIC", bank.bik],
    ["CorrespAcc", bank.correspondentAccount ?? "0"],
    ["Sum", sumKopecks === null ? null : sumKopecks.toString()],
    ["Purpose", clean(payment.purpose)],
    ["PayeeINN", payee.inn],
    ["KPP", payee.kpp],
    ["DocNo", document && clean(document.number)],
    ["DocDate", document && document.date],
  ];
  const present = fields.filter((field): field is [string, string] => field[1] !== null && field[1] !== "");
  for (const [key, value] of present) {
    if (value.length > (lengthMax[key] ?? Infinity)) throw new GostQrError(key, `longer than ${lengthMax[key]}`);
  }
  const separator = separators.find((sign) => present.every(([, value]) => !value.includes(sign)));
  if (!separator) throw new GostQrError("separator", "every separator occurs in a value");
  const payload = ["ST00012", ...present.map(([key, value]) => `${key}=${value}`)].join(separator);
  readGostQr(payload);
  return payload;
}

/**
 * Fields of a decoded payload by their names in the standard; 1C writes additional names with a small first letter.
 * @throws GostQrError for what banks refuse
 */
export function readGostQr(payload: string): Map<string, string> {
  const head = /^ST0001([123])(.)/u.exec(payload);
  if (!head?.[2]) throw new GostQrError("format", "unknown format or version");
  const fields = new Map<string, string>();
  for (const part of payload.slice(head[0].length).split(head[2])) {
    const at = part.indexOf("=");
    if (at < 1) throw new GostQrError("format", "a field without a name or value");
    fields.set(part.charAt(0).toUpperCase() + part.slice(1, at), part.slice(at + 1));
  }
  const order = [...fields.keys()];
  for (const [at, key] of required.entries()) {
    if (!fields.get(key)) throw new GostQrError(key, "a required field is missing");
    if (order[at] !== key) throw new GostQrError(key, "required fields come first, in the fixed order");
  }
  const sum = fields.get("Sum");
  if (sum !== undefined && !/^\d{1,18}$/.test(sum)) throw new GostQrError("Sum", "an integer number of kopecks");
  return fields;
}
