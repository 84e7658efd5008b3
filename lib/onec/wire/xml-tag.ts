import { isXmlName } from "./xml-names.ts";

export type XmlTag = {
  /** Without a prefix. */
  name: string;
  attributes: Readonly<Record<string, string>>;
  attributeCount: number;
  isEmpty: boolean;
  /** Its bytes between `<` and `>`. */
  written: Uint8Array;
  /** How many of them are the name. */
  nameLength: number;
};

const none: Readonly<Record<string, string>> = Object.freeze(Object.create(null));
const [LF, TAB, CR, SPACE, QUOTE, APOSTROPHE, SLASH, EQUALS, GREATER] = [10, 9, 13, 32, 34, 39, 47, 61, 62];
const isSpace = (c: number | undefined) => c === SPACE || c === LF || c === TAB || c === CR;
const endsName = (c: number | undefined) => isSpace(c) || c === SLASH || c === GREATER || c === EQUALS || c === QUOTE || c === APOSTROPHE;

/** The tag whose name begins at `at`. `resolve` checks a value and replaces its references. "incomplete": its end is not there yet. */
export function readTag(bytes: Buffer, at: number, resolve: (value: string) => string): { tag: XmlTag; next: number } | "incomplete" | "broken" {
  const { length } = bytes;
  let i = at;
  const word = () => {
    const from = i;
    while (i < length && !endsName(bytes[i])) i++;
    return bytes.toString("utf8", from, i);
  };
  const skipSpace = () => {
    const from = i;
    while (i < length && isSpace(bytes[i])) i++;
    return i > from;
  };

  const written = word();
  const nameLength = i - at;
  if (i < length && !isXmlName(written)) return "broken";
  let attributes = none;
  let attributeCount = 0;
  const done = (isEmpty: boolean, close: number) => ({
    tag: { name: localName(written), attributes, attributeCount, isEmpty, written: Uint8Array.prototype.slice.call(bytes, at, close), nameLength },
    next: close + 1,
  });
  for (;;) {
    const hadSpace = skipSpace();
    if (i >= length) return "incomplete";
    if (bytes[i] === GREATER) return done(false, i);
    if (bytes[i] === SLASH) return i + 1 >= length ? "incomplete" : bytes[i + 1] === GREATER ? done(true, i + 1) : "broken";
    if (!hadSpace) return "broken";
    const name = word();
    if (i < length && !isXmlName(name)) return "broken";
    skipSpace();
    if (i >= length) return "incomplete";
    if (bytes[i] !== EQUALS) return "broken";
    i += 1;
    skipSpace();
    if (i >= length) return "incomplete";
    const quote = bytes[i]!;
    if (quote !== QUOTE && quote !== APOSTROPHE) return "broken";
    const close = bytes.indexOf(quote, i + 1);
    if (close < 0) return "incomplete";
    const value = bytes.toString("utf8", i + 1, close);
    if (value.includes("<")) return "broken";
    if (attributeCount === 0) attributes = Object.create(null) as Record<string, string>;
    if (name in attributes) return "broken";
    // White space in a value is a space each (XML 3.3.3); what a reference says is kept.
    (attributes as Record<string, string>)[name] = resolve(value.replaceAll(/\r\n|[\r\n\t]/g, " "));
    attributeCount += 1;
    i = close + 1;
  }
}

function localName(name: string): string {
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(colon + 1);
}
