import { isUtf8 } from "node:buffer";
/**
 * Bytes of an exchange file to checked UTF-8, piece by piece. The encoding is trusted in this order (commerceml.md 5): byte order
 * mark, XML declaration, then UTF-8, and windows-1251 when the bytes are not UTF-8. A declaration that the bytes of the first Russian
 * word contradict is a mistake of the tool that wrote it, and the bytes are believed.
 */
import { MalformedExchangeFile } from "./malformed.ts";

export type ExchangeEncoding = "utf-8" | "windows-1251";

export type ExchangeDecoder = {
  /**
   * UTF-8 without the mark, never ending inside a character. Throws `MalformedExchangeFile` for an encoding that 1C does not write
   * and for bytes that the encoding does not have: what is good before them is given first, the next call throws.
   */
  write(chunk: Uint8Array): Buffer;
  /** The rest; throws when the last character is cut. */
  end(): Buffer;
};

/** An XML declaration must end within this many bytes. */
const HEAD_BYTES = 256;
/** How much text after the first non-ASCII byte decides between UTF-8 and windows-1251. */
const SAMPLE_BYTES = 64;
/** An undeclared file that stays ASCII longer than this is ASCII enough: whatever follows is read as UTF-8. */
const UNDECIDED_BYTES_MAX = 4096;

export function createExchangeDecoder(): ExchangeDecoder {
  let held = NOTHING;
  let decoder: Decoder | null = null;

  return {
    write(chunk) {
      if (decoder) return decoder(chunk, true);
      held = Buffer.concat([held, chunk]);
      const encoding = detect(held, false);
      if (!encoding) return NOTHING;
      decoder = decoderOf(encoding);
      const bytes = held;
      held = NOTHING;
      return decoder(bytes, true);
    },
    end() {
      if (decoder) return decoder(held, false);
      decoder = decoderOf(detect(held, true) ?? "utf-8");
      const all = decoder(held, true);
      return Buffer.concat([all, decoder(NOTHING, false)]);
    },
  };
}

type Decoder = (bytes: Uint8Array, stream: boolean) => Buffer;
const NOTHING: Buffer = Buffer.alloc(0);

const decoderOf = (encoding: ExchangeEncoding): Decoder => (encoding === "utf-8" ? checkUtf8() : fromWindows1251());

// No replacement characters: one in a name or a number would be a silent change of what 1C sent.
const notOfTheEncoding = (cause?: unknown) => new MalformedExchangeFile("Файл повреждён: есть байты не в кодировке UTF-8", { cause });

/** UTF-8 stays as it is: only checked, which is many times cheaper than to make text of it. */
function checkUtf8(): Decoder {
  let rest = NOTHING;
  let isFirst = true;
  let isBroken = false;
  return (chunk, stream) => {
    if (isBroken) throw notOfTheEncoding();
    let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (isFirst && bytes.length >= MARK.length) {
      isFirst = false;
      if (bytes.subarray(0, MARK.length).equals(MARK)) bytes = bytes.subarray(MARK.length);
    }
    const whole = stream ? wholeCharacters(bytes) : bytes.length;
    rest = bytes.subarray(whole);
    const good = bytes.subarray(0, whole);
    if (isUtf8(good)) return good;
    isBroken = true;
    const valid = validBytes(good);
    if (valid === 0) throw notOfTheEncoding();
    return good.subarray(0, valid);
  };
}

const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Length without a last character that is cut. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < wanted ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** How many bytes from the start are UTF-8. */
function validBytes(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8(bytes.subarray(0, wholeCharacters(bytes.subarray(0, middle))))) good = middle;
    else bad = middle;
  }
  return wholeCharacters(bytes.subarray(0, good));
}

function fromWindows1251(): Decoder {
  const decoder = new TextDecoder("windows-1251", { fatal: true });
  return (bytes, stream) => {
    try {
      return Buffer.from(decoder.decode(bytes, { stream }));
    } catch (cause) {
      throw notOfTheEncoding(cause);
    }
  };
}

/** Null while the bytes seen so far do not decide it. */
function detect(bytes: Uint8Array, complete: boolean): ExchangeEncoding | null {
  if (bytes.length < 4 && !complete) return null;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) throw unsupported("UTF-16");

  const head = String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
  if (head.startsWith("<?xml")) {
    const close = head.indexOf("?>");
    if (close < 0 && bytes.length < HEAD_BYTES && !complete) return null;
    const declared = /\sencoding\s*=\s*["']([^"']*)["']/.exec(head.slice(0, close < 0 ? undefined : close))?.[1];
    if (declared !== undefined) return believed(byName(declared), bytes, complete);
  }
  return guess(bytes, complete);
}

const rootWord = /Коммерческая|Документ/;

/** Null while the first Russian word is not there yet. */
function believed(declared: ExchangeEncoding, bytes: Uint8Array, complete: boolean): ExchangeEncoding | null {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  if (first < 0 ? bytes.length <= UNDECIDED_BYTES_MAX : bytes.length < first + SAMPLE_BYTES) {
    if (!complete) return null;
  }
  if (first < 0) return declared;
  const sample = bytes.subarray(first, first + SAMPLE_BYTES);
  const other = declared === "utf-8" ? "windows-1251" : "utf-8";
  return !reads(sample, declared) && reads(sample, other) ? other : declared;
}

function reads(sample: Uint8Array, encoding: ExchangeEncoding): boolean {
  try {
    // Streaming, so that a character cut by the end of the sample is not taken for a bad one.
    return rootWord.test(new TextDecoder(encoding, { fatal: true }).decode(sample, { stream: true }));
  } catch {
    return false;
  }
}

function byName(name: string): ExchangeEncoding {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (plain === "utf8" || plain === "usascii") return "utf-8";
  if (plain === "windows1251" || plain === "cp1251" || plain === "win1251") return "windows-1251";
  throw unsupported(name.slice(0, 30));
}

function guess(bytes: Uint8Array, complete: boolean): ExchangeEncoding | null {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  if (first < 0) return complete || bytes.length > UNDECIDED_BYTES_MAX ? "utf-8" : null;
  if (bytes.length < first + SAMPLE_BYTES && !complete) return null;
  try {
    // Streaming, so that a character cut by the end of the sample is not taken for a bad one.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(first), { stream: true });
    return "utf-8";
  } catch {
    return "windows-1251";
  }
}

const unsupported = (name: string) => new MalformedExchangeFile(`Кодировка ${name} не поддерживается, нужна UTF-8 или windows-1251`);
