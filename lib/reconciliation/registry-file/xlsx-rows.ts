/**
 * Rows of the first sheet of an XLSX workbook, read piece by piece with bounds on everything that an archive may promise.
 * yauzl and saxes are here already (1C's archives); the libraries for workbooks load the whole sheet or are not kept any more.
 */
import { SaxesParser } from "saxes";
import { fromBufferPromise } from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import type { RegistryRow } from "./csv-rows.ts";
import { RegistryFileRefused, registryLimits } from "./refused.ts";

const ENTRIES_MAX = 2_000;
const SHARED_MAX = 2_000_000;
/** Shared texts stay in memory until the sheet is read; those of half a million operations are half of this. */
const SHARED_LETTERS_MAX = 64 * 1024 * 1024;
/** The parser keeps a text until the next tag. */
const TEXT_MAX = 1024 * 1024;

/** Both kinds of ZIP beginnings; a CSV never starts so. */
export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

export async function* xlsxRows(bytes: Uint8Array, unpackedBytesMax: number = registryLimits.unpackedBytesMax): AsyncGenerator<RegistryRow, void, undefined> {
  const zip = await opened(bytes);
  const budget = { left: unpackedBytesMax };
  try {
    const entries = await entriesOf(zip);
    const sheet = [...entries.keys()].filter((name) => /^xl\/worksheets\/[^/]+\.xml$/.test(name)).toSorted(bySheetNumber)[0];
    if (sheet === undefined) throw damaged();
    const shared = entries.has("xl/sharedStrings.xml") ? await sharedStrings(zip, entries.get("xl/sharedStrings.xml")!, budget) : [];
    yield* sheetRows(zip, entries.get(sheet)!, shared, budget);
  } catch (cause) {
    throw cause instanceof RegistryFileRefused ? cause : damaged(cause);
  } finally {
    zip.close();
  }
}

const bySheetNumber = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1);
const damaged = (cause?: unknown) => new RegistryFileRefused("unreadable", "Книга XLSX повреждена или это не таблица. Выгрузите реестр ещё раз", { cause });

async function opened(bytes: Uint8Array): Promise<ZipFile> {
  try {
    return await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { autoClose: false, lazyEntries: true, decodeStrings: true, validateEntrySizes: true, strictFileNames: false });
  } catch (cause) {
    throw damaged(cause);
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  if (zip.entryCount > ENTRIES_MAX) throw damaged();
  for await (const entry of zip.eachEntry()) {
    if (found.size >= ENTRIES_MAX) throw damaged();
    if (entry.isEncrypted()) throw new RegistryFileRefused("unreadable", "Книга защищена паролем. Снимите пароль и загрузите её ещё раз");
    found.set(entry.fileName, entry);
  }
  return found;
}

const tooBig = () => new RegistryFileRefused("too_big", "Книга после распаковки слишком велика. Разделите реестр на части");

/** Feeds an entry to the parser; the unpacked bytes are counted, whatever the archive says about them. */
async function* unpacked(zip: ZipFile, entry: Entry, budget: { left: number }, feed: (text: string) => void): AsyncGenerator<void> {
  const stream = await zip.openReadStreamPromise(entry);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let sinceTag = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      budget.left -= chunk.length;
      if (budget.left < 0) throw tooBig();
      const text = decoder.decode(chunk, { stream: true });
      const lastTag = text.lastIndexOf("<");
      sinceTag = lastTag < 0 ? sinceTag + text.length : text.length - lastTag;
      if (sinceTag > TEXT_MAX) throw damaged();
      feed(text);
      yield;
    }
    feed(decoder.decode());
    yield;
  } finally {
    stream.destroy();
  }
}

async function sharedStrings(zip: ZipFile, entry: Entry, budget: { left: number }): Promise<string[]> {
  const strings: string[] = [];
  let letters = 0;
  let text: string | null = null;
  let inText = false;
  const parser = new SaxesParser();
  parser.on("opentag", ({ name }) => {
    if (name === "si") text = "";
    inText = name === "t";
  });
  parser.on("text", (piece) => {
    if (text !== null && inText && text.length < registryLimits.cellMax) text += piece;
  });
  parser.on("closetag", ({ name }) => {
    if (name === "t") inText = false;
    if (name !== "si") return;
    if (strings.length >= SHARED_MAX) throw damaged();
    const kept = (text ?? "").slice(0, registryLimits.cellMax);
    letters += kept.length;
    if (letters > SHARED_LETTERS_MAX) throw tooBig();
    strings.push(kept);
    text = null;
  });
  for await (const _ of unpacked(zip, entry, budget, (piece) => void parser.write(piece)));
  return strings;
}

async function* sheetRows(zip: ZipFile, entry: Entry, shared: readonly string[], budget: { left: number }): AsyncGenerator<RegistryRow> {
  let ready: RegistryRow[] = [];
  let row: RegistryRow | null = null;
  let cell: { at: number; type: string; value: string } | null = null;
  let inValue = false;
  let rowNo = 0;
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes }) => {
    if (name === "row") {
      rowNo = Number(attributes["r"] ?? rowNo + 1) || rowNo + 1;
      row = { lineNo: rowNo, cells: [] };
    } else if (name === "c" && row) {
      const at = columnOf(attributes["r"] ?? "", row.cells.length);
      if (at < registryLimits.cellsMax) cell = { at, type: attributes["t"] ?? "n", value: "" };
    } else if (name === "v" || name === "t") inValue = true;
  });
  parser.on("text", (piece) => {
    if (cell && inValue && cell.value.length < registryLimits.cellMax) cell.value += piece;
  });
  parser.on("closetag", ({ name }) => {
    if (name === "v" || name === "t") inValue = false;
    else if (name === "c" && row && cell) {
      while (row.cells.length < cell.at) row.cells.push("");
      row.cells[cell.at] = cell.type === "s" ? (shared[Number(cell.value)] ?? "") : cell.type === "n" ? plainNumber(cell.value) : cell.value;
      cell = null;
    } else if (name === "row" && row) {
      if (row.cells.some((each) => each.trim() !== "")) ready.push(row);
      row = null;
    }
  });
  for await (const _ of unpacked(zip, entry, budget, (piece) => void parser.write(piece))) {
    const rows = ready;
    ready = [];
    yield* rows;
  }
}

/** "BC12" → 54; a cell without an address stands after the last one. */
function columnOf(address: string, next: number): number {
  const letters = /^[A-Z]{1,3}/.exec(address)?.[0];
  return letters === undefined ? next : [...letters].reduce((at, letter) => at * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

/** A workbook keeps 139.25 as 139.25000000000001 at times; it itself shows fifteen digits, and so do we. Only the text changes hands. */
function plainNumber(text: string): string {
  if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) || /^-?\d{1,15}$/.test(text)) return text;
  const shown = Number(text).toPrecision(15);
  return shown.includes("e") ? text : shown.replace(/\.?0+$/, "");
}
