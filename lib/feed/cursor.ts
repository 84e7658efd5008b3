import { invalid } from "@/lib/kit/errors.ts";

const DIGITS = 16;

/** A number as consumers see it: an opaque text that sorts like the number (API-21). */
export const cursorText = (seq: bigint): string => seq.toString().padStart(DIGITS, "0");

/** Null for anything that we never gave out. */
export const knownCursor = (text: string): bigint | null => (/^\d{1,18}$/.test(text.trim()) ? BigInt(text.trim()) : null);

/** Throws `invalid` for anything that we never gave out. */
export function cursorOf(text: string): bigint {
  const seq = knownCursor(text);
  if (seq === null) throw invalid("Неизвестный курсор: передайте строку, которую вернул метод changes", { field: "cursor" });
  return seq;
}
