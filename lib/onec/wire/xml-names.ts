/** What XML 1.0 allows in names and texts. */
const start = ":A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}";
const name = new RegExp(`^[${start}][${start}.0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040-]*$`, "u");

export const isXmlName = (text: string): boolean => name.test(text);

// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

export const hasForbiddenCharacter = (text: string): boolean => forbidden.test(text);

const isCharacter = (code: number) =>
  code === 0x9 || code === 0xa || code === 0xd || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);

const five = new Map([["amp", "&"], ["lt", "<"], ["gt", ">"], ["quot", '"'], ["apos", "'"]]);

/** The character of `&…;` without its signs; null for an entity that is not one of the five, undefined for a reference to no character. */
export function characterOf(entity: string): string | null | undefined {
  if (!entity.startsWith("#")) return five.get(entity) ?? null;
  const code = /^#x[0-9a-f]+$/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : /^#[0-9]+$/.test(entity) ? Number.parseInt(entity.slice(1), 10) : -1;
  return isCharacter(code) ? String.fromCodePoint(code) : undefined;
}

const version = `\\s+version\\s*=\\s*(?:"1\\.[0-9]+"|'1\\.[0-9]+')`;
const encoding = `\\s+encoding\\s*=\\s*(?:"[A-Za-z][A-Za-z0-9._-]*"|'[A-Za-z][A-Za-z0-9._-]*')`;
const standalone = `\\s+standalone\\s*=\\s*(?:"(?:yes|no)"|'(?:yes|no)')`;
const declaration = new RegExp(`^<\\?xml${version}(?:${encoding})?(?:${standalone})?\\s*\\?>$`);

export const isXmlDeclaration = (text: string): boolean => declaration.test(text);
