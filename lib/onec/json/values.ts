/**
 * Values as 1C code writes them (json-api.md 1), to ours. Every reader takes what a careless programmer sends (numbers glued to text,
 * year 1 for "no date", zeros for "no reference") and gives null for "nothing". A field that is left out stays undefined: an update keeps it.
 */
import { z } from "zod";
import { MoneyFormatError, parseRubles } from "@/lib/kit/money.ts";
import { QuantityFormatError, QuantityPrecisionError, normalizeQuantity } from "@/lib/kit/quantity.ts";
import { cutText, storableText } from "@/lib/kit/storable-text.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import { plainWord, readFlag, readLocalTime } from "../wire/read-values.ts";

/** Wall clock of the base, or an instant when 1C gave an offset. */
export type When = { local: string } | { at: Date };

const TEXT_MAX = 20_000;
/** Without signs that turn the text around them (U+202E and the like). */
const shown = (value: unknown) => `«${String(value).replaceAll(/[\p{Cc}\p{Cf}]/gu, "").slice(0, 40)}»`;

/** The text of a string, number or boolean, trimmed; fixed-length strings of 1C end with spaces. */
const plain = (value: string | number | boolean): string => storableText(String(value)).trim();

type Scalar = string | number | boolean;
type Complain = (message: string) => never;

/** A field of this kind; `null`, an empty text and absence are all fine. `forms` is how its JSON may look. */
function value<T>(forms: z.ZodType<Scalar>, description: string, read: (text: string, complain: Complain, raw: Scalar) => T) {
  return forms
    .transform((raw, ctx): T | null => {
      const text = plain(raw);
      if (text === "") return null;
      return read(text, (message) => { ctx.addIssue({ code: "custom", message }); return z.NEVER; }, raw);
    })
    .nullable()
    .optional()
    .meta({ description });
}

const textOrNumber = z.union([z.string().max(TEXT_MAX, { error: () => "слишком длинный текст" }), z.number()], { error: () => "нужен текст или число" });
const anyScalar = z.union([z.string().max(TEXT_MAX, { error: () => "слишком длинный текст" }), z.number(), z.boolean()], { error: () => "нужен текст, число или булево" });

/** Words for people: what is longer is cut by whoever stores it. */
export const words = (description: string) => value(anyScalar, description, (text) => text);

/** What `label` gives for a value that is no text: the caller leaves the field out and warns. */
export const NO_LABEL = "\u0000";

/** A word beside the matter: spaces folded, cut to `max`. No object is refused for it, whatever stands there. */
export const label = (description: string, max: number) => value(anyScalar, description, (text) => cutText(text.replaceAll(/\s+/g, " "), max).trim()).catch(NO_LABEL).meta({ description });

/** Numbers and codes: longer than `max` is refused, because a cut one would be another one. */
export const code = (description: string, max: number) => value(textOrNumber, description, (text, complain) => (text.length > max ? complain(`длиннее ${max} знаков`) : text));

/** Roubles, not negative, to the kopeck. */
export const amount = (description: string) =>
  value(textOrNumber, `${description} Рубли: число или строка, точка или запятая, пробелы между тысячами можно.`, (text, complain) => {
    const kopecks = kopecksOf(text);
    if (kopecks === null) return complain(`не сумма в рублях с копейками: ${shown(text)}`);
    return kopecks < 0n ? complain(`сумма меньше нуля: ${shown(text)}`) : kopecks;
  });

function kopecksOf(text: string): bigint | null {
  try {
    return parseRubles(text, { trimZeros: true });
  } catch (error) {
    if (error instanceof MoneyFormatError) return null;
    throw error;
  }
}

/** Decimal text with up to three places. */
export const quantity = (description: string) =>
  value(textOrNumber, `${description} До трёх знаков после запятой.`, (text, complain) => {
    try {
      return normalizeQuantity(text);
    } catch (error) {
      if (error instanceof QuantityPrecisionError) return complain(`количество точнее трёх знаков: ${shown(text)}`);
      if (error instanceof QuantityFormatError) return complain(`не количество: ${shown(text)}`);
      throw error;
    }
  });

const bare = (text: string) => text.replace(/[\s\u00A0\u202F]/gu, "");

/** A count without a fraction; `1 000` and `14.0` are fine. */
export const whole = (description: string, max: number) =>
  value(textOrNumber, description, (text, complain) => {
    const digits = /^(\d{1,16})(?:[.,]0+)?$/.exec(bare(text))?.[1];
    const number = digits === undefined ? Number.NaN : Number(digits);
    return Number.isSafeInteger(number) && number <= max ? number : complain(`нужно целое число от 0 до ${max}: ${shown(text)}`);
  });

const EMPTY_GUID = "00000000-0000-0000-0000-000000000000";

export const readGuid = (text: string): string | null => /^[{(]?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[)}]?$/i.exec(text.trim())?.[1]?.toLowerCase() ?? null;

/** Lower case; the empty reference of 1C is null. */
export const guid = (description: string) =>
  value(z.string({ error: () => "нужен GUID строкой" }).max(TEXT_MAX), `${description} GUID; нулевой означает «нет».`, (text, complain) => {
    const found = readGuid(text);
    return found === null ? complain(`не GUID: ${shown(text)}`) : found === EMPTY_GUID ? null : found;
  });

/** `true`, 1, «Истина», «Да» and their opposites. */
export const flag = (description: string) => value(anyScalar, `${description} Можно true/false, 1/0, "Да"/"Нет", "Истина"/"Ложь".`, (text, complain) => readFlag(text) ?? complain(`не да и не нет: ${shown(text)}`));

/** 1C's own calendar ends with it; later days run out of the database's when a term or a zone is added. */
const YEAR_MAX = 3999;

/** Null: 1C's empty date. */
export function readWhen(text: string): When | null | "unreadable" {
  if (/^0001-01-01|^01\.01\.0001|^00010101/.test(text)) return null;
  const digits = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/.exec(text);
  const spelled = digits ? `${digits[1]}-${digits[2]}-${digits[3]}T${digits[4] ?? "00"}:${digits[5] ?? "00"}:${digits[6] ?? "00"}` : text;
  const offset = /^(.*\d)\s?(Z|[+-]\d{2}:?\d{2})$/i.exec(spelled);
  const local = readLocalTime(offset && /T|\s\d/.test(offset[1]!) ? offset[1]! : spelled);
  if (local === null || Number(local.slice(0, 4)) > YEAR_MAX) return "unreadable";
  if (!offset || !/T|\s\d/.test(offset[1]!)) return { local };
  const at = new Date(`${local}${offset[2]!.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, "$1:$2")}`);
  return Number.isNaN(at.getTime()) ? "unreadable" : { at };
}

/** Local time of the base without a zone, as `ЗаписатьJSON` writes it; with an offset it is an instant. Year 1 is null. */
export const moment = (description: string) =>
  value(z.string({ error: () => "нужна дата строкой" }).max(TEXT_MAX), `${description} Местное время базы, 2026-11-21T15:04:05; дата 0001-01-01 означает «нет».`, (text, complain) => {
    const when = readWhen(text);
    return when === "unreadable" ? complain(`не дата: ${shown(text)}`) : when;
  });

const noVat = new Set(["none", "безндс", "безналога", "безналога(ндс)", "нет", "необлагается"]);
const rates: Record<string, VatRate> = { "22": "vat22", "20": "vat20", "10": "vat10", "7": "vat7", "5": "vat5", "0": "vat0" };

/** API-19: `22`, `22%`, `НДС22`, «Без НДС»; null for anything else. */
export function readVatRate(text: string): VatRate | null {
  const word = plainWord(text).replace(/[\s\u00A0_]/gu, "");
  if (noVat.has(word)) return "none";
  const percent = /^(?:ндс)?(\d{1,2})(?:[.,]0+)?%?$/.exec(word)?.[1];
  return percent === undefined ? null : (rates[String(Number(percent))] ?? null);
}

export const vatRate = (description: string) =>
  value(textOrNumber, `${description} "22", "10", "7", "5", "0" или "none"; можно "22%", "НДС22", "Без НДС". "20" только у заказов до 2026 года.`, (text, complain) => readVatRate(text) ?? complain(`нет такой ставки НДС: ${shown(text)}`));

/** One of our words, by any of its spellings. */
export const oneWord = <T extends string>(description: string, spellings: Readonly<Record<string, T>>) =>
  value(textOrNumber, `${description} Одно из: ${[...new Set(Object.values(spellings))].map((word) => `"${word}"`).join(", ")}.`, (text, complain) => {
    const key = plainWord(text).replace(/[\s_-]/g, "");
    return Object.hasOwn(spellings, key) ? spellings[key]! : complain(`нет такого значения: ${shown(text)}`);
  });
