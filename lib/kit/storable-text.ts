/** Text as PostgreSQL can keep it, in columns and in JSON: without zero bytes and without halves of letters that a cut left behind. */
export const storableText = (text: string): string => text.replaceAll("\u0000", "").toWellFormed();
