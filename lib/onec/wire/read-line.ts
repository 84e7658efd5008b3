import { mulDivRoundHalfUp } from "@/lib/kit/money.ts";
import { lineSum, quantityMicros } from "@/lib/kit/quantity.ts";
import { cutText } from "@/lib/kit/storable-text.ts";
import { vatFromGross, vatRateOfPercent, type VatRate } from "@/lib/kit/vat.ts";
import { plainWord, readAmount } from "./read-values.ts";
import type { DraftLine } from "./order-draft.ts";
import type { OnecLine } from "./types.ts";

export type ReadSettings = {
  /** Stock УТ writes `0` both for 0 % and for goods without VAT; the file cannot tell which (commerceml.md 6). Default "none". */
  zeroRateMeans: "none" | "vat0";
  /** False: НомерВерсии is not compared with the version that we have. */
  countsVersions?: boolean;
};

const refLengthMax = 80;
const nameLengthMax = 255;

/** The line, or the reason why the order cannot be taken. */
export function readLine(line: OnecLine, position: number, settings: ReadSettings, warnings: string[]): DraftLine | string {
  const { echo } = line;
  const vat = rateOf(line.rateText, settings);
  if (!vat) return `ставка НДС «${line.rateText?.slice(0, 20)}» в строке ${position} не поддерживается`;
  if ((echo.id ?? "").length > refLengthMax) return `идентификатор товара в строке ${position} длиннее ${refLengthMax} знаков`;

  const sumKopecks = line.sumKopecks + (line.vatIncluded ? 0n : (line.vatKopecks ?? 0n));
  if (sumKopecks > 0n && line.quantity === "0") return `нулевое количество в строке ${position}`;
  if (line.vatIncluded && (line.vatKopecks ?? 0n) > sumKopecks) return `НДС больше суммы в строке ${position}`;
  if (!echo.name) warnings.push(`нет названия в строке ${position}`);

  const priceKopecks = priceOf(line, sumKopecks);
  return {
    position,
    ref: echo.id ?? "",
    article: echo.article === undefined ? null : cutText(echo.article, nameLengthMax),
    name: cutText(echo.name ?? echo.article ?? "Товар без названия", nameLengthMax),
    service: line.service,
    ...unitOf(line),
    quantity: line.quantity,
    priceKopecks,
    discountKopecks: discountOf(priceKopecks, line.quantity, sumKopecks),
    sumKopecks,
    vat,
    vatKopecks: vat === "none" || vat === "vat0" ? 0n : (line.vatKopecks ?? vatFromGross(sumKopecks, vat)),
    included: true,
    echo,
  };
}

function rateOf(text: string | null, settings: ReadSettings): VatRate | null {
  if (text === null) return "none";
  if (["без ндс", "без налога", "без налога (ндс)"].includes(plainWord(text))) return "none";
  const rate = vatRateOfPercent(text);
  return rate === "vat0" ? settings.zeroRateMeans : rate;
}

/** 1C's price when it explains the sum as price × quantity − discount; else what one unit really costs. */
function priceOf(line: OnecLine, sumKopecks: bigint): bigint {
  const quantity = quantityMicros(line.quantity);
  if (quantity === 0n) return 0n;
  const written = line.vatIncluded && line.echo.price !== undefined ? readAmount(line.echo.price) : null;
  if (written !== null && lineSum(written, line.quantity) >= sumKopecks) return written;
  return mulDivRoundHalfUp(sumKopecks, 1_000_000n, quantity);
}

function discountOf(priceKopecks: bigint, quantity: string, sumKopecks: bigint): bigint {
  const rest = lineSum(priceKopecks, quantity) - sumKopecks;
  return rest > 0n ? rest : 0n;
}

/** Количество counts packages, so Единица names the unit; the base unit names it when the two are the same. */
function unitOf({ echo: { unit, packUnit } }: OnecLine): { unitCode: string | null; unitName: string | null } {
  const base = codeOf(unit?.code) ?? codeOf(unit?.text);
  const unitCode = codeOf(packUnit) ?? base;
  const written = unit?.text && !codeOf(unit.text) ? unit.text : unit?.fullName;
  const name = shortUnits.get(unitCode ?? "") ?? (unitCode === base ? written : undefined);
  return { unitCode, unitName: name === undefined ? null : cutText(name, 50) };
}

const codeOf = (text: string | undefined) => (text && /^\d{1,4}$/.test(text) ? text.padStart(3, "0") : null);

/** The usual short names of ОКЕИ, since УТ writes full ones («Штука»). */
const shortUnits = new Map([
  ["796", "шт"], ["778", "упак"], ["166", "кг"], ["163", "г"], ["168", "т"], ["112", "л"], ["006", "м"], ["055", "м²"], ["113", "м³"],
  ["839", "компл"], ["715", "пар"], ["736", "рул"], ["876", "усл. ед"], ["356", "ч"], ["359", "сут"],
]);
