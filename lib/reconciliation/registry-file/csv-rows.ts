/** Rows of a CSV file: UTF-8 with or without a mark, or windows-1251; `;`, `,` or tab. Reads piece by piece. */
import { Readable } from "node:stream";
import { parse } from "csv-parse";
import type { Info } from "csv-parse";
import { RegistryFileRefused, registryLimits } from "./refused.ts";

/** Cells of one row of the file and the number of the line it begins on, counted from 1. */
export type RegistryRow = { lineNo: number; cells: string[] };

const PIECE_BYTES = 256 * 1024;
/** How much of the file decides which delimiter it has. */
const HEAD_BYTES = 16 * 1024;
const delimiters = [";", "\t", ","] as const;

export async function* csvRows(bytes: Uint8Array): AsyncGenerator<RegistryRow, void, undefined> {
  const encoding = encodingOf(bytes);
  const head = new TextDecoder(encoding).decode(bytes.subarray(0, HEAD_BYTES));
  const parser = parse({
    delimiter: delimiterOf(head), bom: true, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true,
    max_record_size: registryLimits.cellMax * 20,
  });
  const source = Readable.from(pieces(bytes, encoding));
  source.on("error", (error) => parser.destroy(error));
  try {
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<{ record: string[]; info: Info }>) {
      // `info.lines` is the last line of the record; a quoted line break makes it longer than one.
      const lineNo = info.lines - record.reduce((breaks, cell) => breaks + (cell.includes("\n") ? cell.split("\n").length - 1 : 0), 0);
      yield { lineNo, cells: record };
    }
  } catch (cause) {
    if (cause instanceof RegistryFileRefused) throw cause;
    const line = /line (\d+)/.exec(cause instanceof Error ? cause.message : "")?.[1];
    throw new RegistryFileRefused("unreadable", `Файл не читается как таблица${line ? `: строка ${line}` : ""}. Проверьте кавычки и сохраните его как CSV или XLSX ещё раз`, { cause });
  }
}

async function* pieces(bytes: Uint8Array, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true });
  yield decoder.decode();
}

/** What is valid UTF-8 is UTF-8: windows-1251 text in Russian never is. */
export function encodingOf(bytes: Uint8Array): "utf-8" | "windows-1251" {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) throw unsupported("UTF-16");
  if (bytes.subarray(0, HEAD_BYTES).includes(0)) throw new RegistryFileRefused("unreadable", "Это не таблица CSV или XLSX. Выгрузите реестр из кабинета банка ещё раз");
  const strict = new TextDecoder("utf-8", { fatal: true });
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) strict.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true });
    strict.decode();
    return "utf-8";
  } catch {
    const text = new TextDecoder("windows-1251").decode(bytes.subarray(0, HEAD_BYTES));
    if (!looksRussian(text)) throw unsupported(null);
    return "windows-1251";
  }
}

/**
 * cp866 and KOI8-R read as windows-1251 too, as rubbish: letters of the first become the signs that stand beside the letters in
 * 1251, and the second swaps the case, so that «Дата» begins small and goes on in capitals.
 */
function looksRussian(text: string): boolean {
  const letters = text.match(/[А-яЁё]/gu)?.length ?? 0;
  const odd = text.match(/[ЂЃѓ‡‰ЉЊЌЋЏђљњќћџЎўЈҐЇІіґєјЅѕї¬±µ¶·]/gu)?.length ?? 0;
  const inverted = text.match(/(?<![А-яЁё])[а-яё][А-ЯЁ]{2,}/gu)?.length ?? 0;
  return letters > 0 && odd * 20 < letters && inverted < 2;
}

const unsupported = (name: string | null) =>
  new RegistryFileRefused("encoding", `Кодировка файла${name ? ` ${name}` : ""} не поддерживается. Сохраните его в UTF-8 или windows-1251`);

/** The delimiter that splits the first lines into the most cells. */
function delimiterOf(head: string): string {
  const lines = head.split(/\r?\n/).slice(0, 30).map((line) => line.replace(/"[^"]*"/g, ""));
  const most = (delimiter: string) => Math.max(0, ...lines.map((line) => line.split(delimiter).length));
  return delimiters.reduce((best, delimiter) => (most(delimiter) > most(best) ? delimiter : best));
}
