/** Bodies as 1C code glues them together (API-1): mostly not url-encoded at all. Pure. */
import { storableText } from "@/lib/kit/storable-text.ts";

/** `problem` is a Russian line for the person at 1C. */
export type ReadForm<F extends string> = { ok: true; values: Record<F, string> } | { ok: false; problem: string };

/** One byte that no url-encoded body has: a space, a control sign, anything beyond ASCII. */
const foreignToUrlencoding = /[^\x21-\x7e]/;
const brokenEscape = /%(?![0-9a-f]{2})/i;
const anyEscape = /%[0-9a-f]{2}/i;

/**
 * The fields of a body. A body with at least one `%XX` and nothing that url-encoding forbids is decoded as a form; every other one is
 * taken literally and cut only before the names of the call's own fields, so that «Доставка & сборка 100%» and `+7…` survive. Fields that are missing
 * are empty, spaces around values go. One field with two values is a problem: nobody can tell which sum is meant.
 */
export function readForm<F extends string>(body: Uint8Array, fields: readonly F[]): ReadForm<F> {
  const text = textOf(body).trim();
  const pairs = decoded(text) ?? literal(text, fields);
  const values = Object.fromEntries(fields.map((field) => [field, ""])) as Record<F, string>;
  const seen = new Set<string>();
  for (const [name, raw] of pairs) {
    const field = fields.find((each) => each === name);
    if (field === undefined) continue;
    const value = storableText(raw).trim();
    if (seen.has(field) && values[field] !== value) return { ok: false, problem: `Поле ${field} указано дважды с разными значениями` };
    seen.add(field);
    values[field] = value;
  }
  return { ok: true, values };
}

/** UTF-8, with or without a byte order mark; else the code page of Windows, which old platforms send. */
function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return new TextDecoder("windows-1251").decode(body);
  }
}

type Pair = readonly [name: string, value: string];

/** Null: this is no url-encoded form. */
function decoded(text: string): Pair[] | null {
  if (foreignToUrlencoding.test(text) || brokenEscape.test(text) || !anyEscape.test(text)) return null;
  try {
    return text.split("&").map((part): Pair => {
      const at = part.indexOf("=");
      const plain = (piece: string) => decodeURIComponent(piece.replaceAll("+", " "));
      return at < 0 ? [plain(part), ""] : [plain(part.slice(0, at)), plain(part.slice(at + 1))];
    });
  } catch {
    // Escapes that are no UTF-8 are a per cent sign that happens to stand before two hex digits.
    return null;
  }
}

function literal(text: string, fields: readonly string[]): Pair[] {
  const start = new RegExp(`(?:^|&)(${fields.join("|")})=`, "g");
  const found = [...text.matchAll(start)];
  return found.map((match, i): Pair => [match[1]!, text.slice(match.index + match[0].length, found[i + 1]?.index ?? text.length)]);
}
