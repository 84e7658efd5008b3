/** Bytes of a request to a value, however 1C code has written them (json-api.md 1). */
import { storableText } from "@/lib/kit/storable-text.ts";

export type ReadJson = { ok: true; value: unknown; warnings: string[] } | { ok: false; msg: string; line: number; position: number };

/**
 * The text of a body. Trusted in this order: a byte order mark, zero bytes (UTF-16), valid UTF-8, then windows-1251: Content-Type is
 * forgotten or copied from another request too often to count.
 */
export function bodyText(bytes: Uint8Array): { text: string; warnings: string[] } {
  const utf16 = utf16Of(bytes);
  if (utf16) return { text: new TextDecoder(utf16).decode(bytes), warnings: [`тело в кодировке ${utf16.toUpperCase()}: прочитано, но лучше UTF-8`] };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), warnings: [] };
  } catch {
    return { text: new TextDecoder("windows-1251").decode(bytes), warnings: ["тело не в UTF-8: прочитано как windows-1251"] };
  }
}

function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a !== undefined && a !== 0 && b === 0) return "utf-16le";
  return a === 0 && b !== undefined && b !== 0 ? "utf-16be" : null;
}

/** Never throws; the place of the first mistake counts from 1 (API-14). */
export function readJson(bytes: Uint8Array): ReadJson {
  const { text, warnings } = bodyText(bytes);
  if (isTooDeep(text)) return { ok: false, msg: `Тело запроса не читается: объекты вложены глубже ${DEPTH_MAX} уровней`, line: 1, position: 1 };
  if (text.trim() === "") return { ok: false, msg: "Тело запроса пустое, а нужен JSON", line: 1, position: 1 };
  try {
    const value = JSON.parse(text) as unknown;
    return { ok: true, value: mayBeUnstorable(text) ? storable(value) : value, warnings };
  } catch {
    const { at, what } = findMistake(text);
    const before = text.slice(0, at).split("\n");
    const [line, position] = [before.length, before.at(-1)!.length + 1];
    return { ok: false, msg: `Тело запроса не читается как JSON: ${what}, строка ${line}, позиция ${position}`, line, position };
  }
}

/** Zero bytes and halves of letters stand in a body as escapes, or as damaged UTF-16. */
const mayBeUnstorable = (text: string): boolean => /\\u(?:0{4}|d[89a-f])/i.test(text) || !text.isWellFormed();

/** No text of a body is one that the database cannot keep: one field of one object would hold up the whole package. */
function storable(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storableText(name), storable(inner)]));
}

/** No package of ours is deeper than six; what walks a value after this does it by recursion. */
const DEPTH_MAX = 100;

/** Before it is read: a value a hundred thousand levels deep is quick to parse and ends the stack of whoever looks into it. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inside = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (inside) {
      if (sign === 0x5c) at += 1;
      else if (sign === 0x22) inside = false;
    } else if (sign === 0x22) inside = true;
    else if (sign === 0x7b || sign === 0x5b) {
      if (++depth > DEPTH_MAX) return true;
    } else if (sign === 0x7d || sign === 0x5d) depth -= 1;
  }
  return false;
}

type Mistake = { at: number; what: string };
class Found extends Error {
  constructor(readonly mistake: Mistake) {
    super("mistake");
  }
}


/** Where a text stops being JSON: a walk by the grammar that only looks for the first mistake. */
export function findMistake(text: string): Mistake {
  let at = 0;
  const fail = (what: string): never => {
    throw new Found({ at: Math.min(at, text.length), what: at >= text.length ? "текст обрывается" : what });
  };
  const space = () => {
    while (/[ \t\r\n]/.test(text[at] ?? "")) at += 1;
  };
  const expect = (sign: string) => (text[at] === sign ? void (at += 1) : fail(`ожидался знак «${sign}»`));

  const string = () => {
    expect('"');
    for (; text[at] !== '"'; at += 1) {
      if (at >= text.length || text.charCodeAt(at) < 0x20) fail("перенос строки или управляющий знак внутри текста");
      if (text[at] !== "\\") continue;
      at += 1;
      if (text[at] === "u") {
        if (!/^[0-9a-f]{4}$/i.test(text.slice(at + 1, at + 5))) fail("неверная запись знака после \\u");
        at += 4;
      } else if (!'"\\/bfnrt'.includes(text[at] ?? " ")) fail("неверный знак после обратной косой черты");
    }
    at += 1;
  };
  const literal = () => {
    const word = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/.exec(text.slice(at, at + 400))?.[0];
    if (word === undefined) fail("неверное значение");
    at += word!.length;
  };
  const value = (depth: number): void => {
    space();
    if (depth > DEPTH_MAX) fail("слишком много вложенных объектов");
    const open = text[at];
    if (open !== "{" && open !== "[") return open === '"' ? string() : literal();
    const close = open === "{" ? "}" : "]";
    at += 1;
    space();
    if (text[at] === close) return void (at += 1);
    for (;;) {
      if (open === "{") {
        space();
        if (text[at] !== '"') fail("ожидалось имя поля в кавычках");
        string();
        space();
        expect(":");
      }
      value(depth + 1);
      space();
      if (text[at] === close) return void (at += 1);
      if (text[at] !== ",") fail(`ожидалась запятая или «${close}»`);
      at += 1;
    }
  };
  try {
    value(0);
    space();
    if (at < text.length) fail("лишний текст после JSON");
  } catch (error) {
    if (error instanceof Found) return error.mistake;
    throw error;
  }
  return { at: 0, what: "ошибка записи" };
}
