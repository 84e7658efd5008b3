/**
 * Bytes of an exchange file to text, piece by piece. Trusted in this order (commerceml.md 5): byte order mark,
 * XML declaration, then UTF-8, and windows-1251 when the bytes are not UTF-8.
 */
import { MalformedExchangeFile } from "./malformed.ts";

export type ExchangeEncoding = "utf-8" | "windows-1251";

export type ExchangeDecoder = {
  /** Throws `MalformedExchangeFile` for bytes that the encoding does not have, or an encoding that 1C does not write. */
  write(chunk: Uint8Array): string;
  /** The rest; throws when the last character is cut. */
  end(): string;
};

/** An XML declaration must end within this many bytes. */
const HEAD_BYTES = 256;
/** How much text after the first non-ASCII byte decides between UTF-8 and windows-1251. */
const SAMPLE_BYTES = 64;
/** An undeclared file that stays ASCII longer than this is ASCII enough: whatever follows is read as UTF-8. */
const UNDECIDED_BYTES_MAX = 4096;

export function createExchangeDecoder(): ExchangeDecoder {
  let held = new Uint8Array(0);
  let decoder: TextDecoder | null = null;

  const decode = (bytes: Uint8Array, stream: boolean) => {
    try {
      return decoder!.decode(bytes, { stream });
    } catch (cause) {
      throw new MalformedExchangeFile("Файл повреждён: есть байты не в кодировке UTF-8", { cause });
    }
  };

  return {
    write(chunk) {
      if (decoder) return decode(chunk, true);
      held = held.length === 0 ? chunk.slice() : concat(held, chunk);
      const encoding = detect(held, false);
      if (!encoding) return "";
      decoder = open(encoding);
      const bytes = held;
      held = new Uint8Array(0);
      return decode(bytes, true);
    },
    end() {
      decoder ??= open(detect(held, true) ?? "utf-8");
      const bytes = held;
      held = new Uint8Array(0);
      return decode(bytes, false);
    },
  };
}

// `fatal`, because a replacement character in a name or a number would be a silent change of what 1C sent.
// The mark itself is dropped by TextDecoder.
const open = (encoding: ExchangeEncoding) => new TextDecoder(encoding, { fatal: true });

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
    if (declared !== undefined) return byName(declared);
  }
  return guess(bytes, complete);
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

function concat(left: Uint8Array, right: Uint8Array) {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
