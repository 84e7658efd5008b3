import { rublesText, type Kopecks } from "@/lib/kit/money.ts";

/** Tag 1054 as the tax service counts it. */
const kinds = { income: 1, income_return: 2, income_correction: 1, income_return_correction: 2 } as const;

const noLeadingZeros = (digits: string) => digits.replace(/^0+(?=\d)/, "");

/**
 * String of the receipt's QR (ffd.md 6). `registeredAtLocal` is the register's local time "2026-03-05T09:07:08": no zone is applied.
 * @throws RangeError when the register's data do not have the shape of fiscal data
 */
export function fiscalQr(receipt: {
  registeredAtLocal: string; totalKopecks: Kopecks; fnNumber: string; fdNumber: string; fiscalSign: string; kind: keyof typeof kinds;
}): string {
  const at = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(receipt.registeredAtLocal);
  const numbers = [receipt.fnNumber, receipt.fdNumber, receipt.fiscalSign];
  if (!at || receipt.totalKopecks < 0n || !numbers.every((each) => /^\d{1,20}$/.test(each))) throw new RangeError("not the data of a fiscal document");
  const [, year, month, day, hour, minute] = at;
  return (
    `t=${year}${month}${day}T${hour}${minute}&s=${rublesText(receipt.totalKopecks)}&fn=${receipt.fnNumber}` +
    `&i=${noLeadingZeros(receipt.fdNumber)}&fp=${noLeadingZeros(receipt.fiscalSign)}&n=${kinds[receipt.kind]}`
  );
}
