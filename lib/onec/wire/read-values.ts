/** Spellings of values in exchange files (commerceml.md 5), to ours. */
import { MoneyFormatError, parseRubles, type Kopecks } from "@/lib/kit/money.ts";
import type { LocalTime } from "./types.ts";

/** Null for an amount that cannot be told to the kopeck; zeros past the second decimal are fine (Bitrix writes four). */
export function readAmount(text: string): Kopecks | null {
  try {
    return parseRubles(text, { trimZeros: true });
  } catch (error) {
    if (error instanceof MoneyFormatError) return null;
    throw error;
  }
}

const yes = new Set(["true", "1", "да", "истина"]);
const no = new Set(["false", "0", "нет", "ложь"]);

export function readFlag(text: string | undefined): boolean | null {
  const plain = text?.trim().toLowerCase() ?? "";
  return yes.has(plain) ? true : no.has(plain) ? false : null;
}

const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;
const russian = /^(\d{2})\.(\d{2})\.(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/** `2026-11-18T9:05:00` (the hour may have one digit), a bare date, or the way 1C prints a date; null when it is none. */
export function readLocalTime(text: string): LocalTime | null {
  const plain = text.trim();
  const match = iso.exec(plain);
  if (match) return assemble(match[1], match[2], match[3], match.slice(4));
  const printed = russian.exec(plain);
  return printed && assemble(printed[3], printed[2], printed[1], printed.slice(4));
}

function assemble(year = "", month = "", day = "", clock: (string | undefined)[]): LocalTime | null {
  const [hour, minute, second] = [0, 1, 2].map((at) => (clock[at] ?? "0").padStart(2, "0"));
  const read = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const exists = read.getUTCMonth() === Number(month) - 1 && read.getUTCDate() === Number(day);
  // 0001-01-01 is how 1C writes "no date".
  if (!exists || Number(year) < 1990 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}

/** Names of requisites and roles, compared without regard to case, ё and spaces around. */
export function plainWord(text: string): string {
  const known = plainWords.get(text);
  if (known !== undefined) return known;
  const plain = text.trim().toLowerCase().replaceAll("ё", "е");
  if (text.length <= 40) {
    if (plainWords.size >= PLAIN_WORDS_MAX) plainWords.clear();
    plainWords.set(text, plain);
  }
  return plain;
}

/** A file repeats a few dozen of them in every line. */
const plainWords = new Map<string, string>();
const PLAIN_WORDS_MAX = 500;

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A reference of 1C in the one spelling of it that the other doors keep; what is no GUID stays as it is. */
export const readRef = (text: string): string => (guid.test(text) ? text.toLowerCase() : text);
