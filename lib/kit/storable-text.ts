/** Text as PostgreSQL can keep it, in columns and in JSON: without zero bytes and without halves of letters that a cut left behind. */
export const storableText = (text: string): string => text.replaceAll("\u0000", "").toWellFormed();

/** The first `max` UTF-16 units of a well-formed text, less one where they would end inside a letter. */
export const cutText = (text: string, max: number): string => text.slice(0, max).replace(/[\uD800-\uDBFF]$/, "");
