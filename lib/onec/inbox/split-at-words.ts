/** Places that one page marks: a document may have ten thousand commas. */
const PLACES_MAX = 500;

/** The text cut at each place where the words stand, without regard to large and small letters: parts at odd places are the words as the text has them. Pure. */
export function splitAtWords(text: string, words: string): string[] {
  const wanted = words.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  if (wanted === "") return [text];
  const parts: string[] = [];
  let from = 0;
  for (const found of text.matchAll(new RegExp(wanted, "giu"))) {
    if (parts.length >= PLACES_MAX * 2) break;
    parts.push(text.slice(from, found.index), found[0]);
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)];
}
