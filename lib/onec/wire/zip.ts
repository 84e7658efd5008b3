/** CML-12: the XML files of an uploaded archive, without ever trusting what the archive says about itself. */
import { crc32 } from "node:zlib";
import { fromBufferPromise, openPromise, type Entry, type Options, type ZipFile } from "yauzl";
import { exchangeFileName } from "./filename.ts";
import { MalformedExchangeFile } from "./malformed.ts";

export type ZipLimits = {
  entriesMax: number;
  /** Of all XML files together, counted while unpacking. */
  unpackedBytesMax: number;
  /** Unpacked to packed, of one entry; 1C's orders reach about 40. */
  ratioMax: number;
};

export const defaultZipLimits: ZipLimits = { entriesMax: 1000, unpackedBytesMax: 256 * 1024 * 1024, ratioMax: 200 };

/** Below this size a high ratio (a file of spaces) harms nobody. */
const ratioFromBytes = 1024 * 1024;

export type ZippedFile = { name: string; bytes: AsyncGenerator<Uint8Array, void, undefined> };

/**
 * The XML entries in archive order; read each one's `bytes` to the end before asking for the next. Other entries
 * (pictures) are passed over. Throws `MalformedExchangeFile` with the reason for 1C, from the iteration or from `bytes`.
 */
export async function* readZip(source: string | Buffer, limits: ZipLimits = defaultZipLimits): AsyncGenerator<ZippedFile, void, undefined> {
  const zip = await understood(() => openZip(source));
  const budget = { left: limits.unpackedBytesMax };
  try {
    if (zip.entryCount > limits.entriesMax) throw new MalformedExchangeFile(`В архиве больше ${limits.entriesMax} файлов`);
    const entries = zip.eachEntry();
    for (let count = 0; ; count += 1) {
      const next = await understood(() => entries.next());
      if (next.done) return;
      if (count >= limits.entriesMax) throw new MalformedExchangeFile(`В архиве больше ${limits.entriesMax} файлов`);
      const file = checked(next.value, budget.left, limits);
      if (file) yield { name: file, bytes: unpack(zip, next.value, budget, limits) };
    }
  } finally {
    zip.close();
  }
}

const options: Options = { autoClose: false, lazyEntries: true, decodeStrings: true, validateEntrySizes: true, strictFileNames: false };

const openZip = (source: string | Buffer) => (typeof source === "string" ? openPromise(source, options) : fromBufferPromise(source, options));

/** The name under which the entry is imported; null for what we do not read. */
function checked(entry: Entry, bytesLeft: number, limits: ZipLimits): string | null {
  const folder = entry.fileName.endsWith("/");
  const name = exchangeFileName(folder ? entry.fileName.slice(0, -1) : entry.fileName);
  // The library itself refuses what leaves the folder (CML-12); a picture of an odd name is only not read.
  if (!name && !/\.(?:xml|zip)$/i.test(entry.fileName) && !entry.fileName.includes("\u0000")) return null;
  if (!name) throw new MalformedExchangeFile("В архиве есть файл с недопустимым именем");
  if (folder || name.extension !== "xml") return null;
  if (entry.isEncrypted()) throw new MalformedExchangeFile("Архив защищён паролем");
  // What the directory admits is refused at once; what it hides is caught by the counter while unpacking.
  if (entry.uncompressedSize > bytesLeft) throw tooBig(limits);
  return name.base;
}

async function* unpack(zip: ZipFile, entry: Entry, budget: { left: number }, limits: ZipLimits): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = await understood(() => zip.openReadStreamPromise(entry));
  let size = 0;
  let sum = 0;
  try {
    const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
    for (;;) {
      const next = await understood(() => chunks.next());
      if (next.done) break;
      size += next.value.length;
      budget.left -= next.value.length;
      if (budget.left < 0) throw tooBig(limits);
      if (size > ratioFromBytes && size > entry.compressedSize * limits.ratioMax) throw new MalformedExchangeFile("Подозрительно сильно сжатый архив");
      sum = crc32(next.value, sum);
      yield next.value;
    }
  } finally {
    stream.destroy();
  }
  if (sum !== entry.crc32) throw new MalformedExchangeFile("Архив повреждён: не сходится контрольная сумма");
}

const tooBig = (limits: ZipLimits) => new MalformedExchangeFile(`Архив после распаковки больше ${Math.floor(limits.unpackedBytesMax / 1024 / 1024)} МБ`);

/** The library's English message to a reason for 1C. */
async function understood<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : "";
    // yauzl itself refuses `..`, absolute paths and drive letters.
    const reason = /relative path|absolute path|invalid characters in fileName/.test(message)
      ? "В архиве есть файл с недопустимым именем"
      : /unsupported compression/.test(message)
        ? "Способ сжатия архива не поддерживается"
        : "Архив повреждён";
    throw new MalformedExchangeFile(reason, { cause });
  }
}
