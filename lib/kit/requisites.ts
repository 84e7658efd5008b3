/** Check digits of Russian bank and company requisites (onec/invoice.md 7). Data from 1C is warned about, never refused. */
export { digitsOnly, innProblem, isInn } from "@/lib/kit/inn.ts";

/** Reason code of the tax registration; sole traders have none. It has no check digit. */
export const isKpp = (kpp: string): boolean => /^\d{4}[\dA-Z]{2}\d{3}$/.test(kpp);

/** Bank code; Russian banks begin 04, the treasury 00 to 02. */
export const isBik = (bik: string): boolean => /^0[0124]\d{7}$/.test(bik);

/** Letters stand in place 6 of accounts in some currencies; each counts as its number here. */
const letterDigits: Record<string, number> = { A: 0, B: 1, C: 2, E: 3, H: 4, K: 5, M: 6, P: 7, T: 8, X: 9 };

function keyFits(prefix: string, account: string): boolean {
  const weights = [7, 1, 3];
  const digits = Array.from(prefix + account, (sign) => letterDigits[sign] ?? Number(sign));
  return digits.reduce((total, digit, at) => total + ((digit * (weights[at % 3] ?? 0)) % 10), 0) % 10 === 0;
}

const accountShape = /^\d{5}[\dABCEHKMPTX]\d{14}$/;

export const isAccount = (bik: string, account: string): boolean =>
  isBik(bik) && accountShape.test(account) && keyFits(bik.slice(-3), account);

/** The bank's own account at the Bank of Russia; it ends like the bank code. */
export const isCorrespondentAccount = (bik: string, account: string): boolean =>
  isBik(bik) && /^301\d{17}$/.test(account) && account.endsWith(bik.slice(-3)) && keyFits(`0${bik.slice(4, 6)}`, account);

const remainderFits = (number: string, divisor: bigint) =>
  (BigInt(number.slice(0, -1)) % divisor) % 10n === BigInt(number.slice(-1));

/** ОГРН of a company (13 digits) or ОГРНИП of a sole trader (15). */
export const isOgrn = (ogrn: string): boolean =>
  /^\d{13}$/.test(ogrn) ? remainderFits(ogrn, 11n) && !/^0+$/.test(ogrn) : /^\d{15}$/.test(ogrn) && remainderFits(ogrn, 13n) && !/^0+$/.test(ogrn);
