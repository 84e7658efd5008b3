/** Registers keep CP866 only and drop other signs silently or refuse the receipt (ffd.md 3), so texts are cleaned before. */
const cp866 = new Set(
  Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).concat(
    Array.from("АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяЁёЄєЇїЎў°∙·√№¤■"),
    Array.from("░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"),
  ),
);

const replacements: Record<string, string> = {
  "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "’": "'", "‘": "'",
  "—": "-", "–": "-", "−": "-", "\u2011": "-", "…": "...", "₽": "руб.", "×": "x", "½": "1/2", "¼": "1/4", "¾": "3/4",
};

/** Tag 1030 and most other texts. */
export const fiscalNameLengthMax = 128;

function fit(sign: string): string {
  const replaced = replacements[sign];
  if (replaced !== undefined) return replaced;
  if (/\s/u.test(sign)) return " ";
  if (cp866.has(sign)) return sign;
  const base = sign.normalize("NFD").charAt(0);
  return cp866.has(base) ? base : "";
}

/** FISC-08: what a register will really print of a text; may come out empty, then the text is of no use for a receipt. */
export function fiscalText(text: string, lengthMax: number = fiscalNameLengthMax): string {
  const clean = Array.from(text.normalize("NFC"), fit).join("").replace(/ +/g, " ").trim();
  return clean.slice(0, lengthMax).trim();
}
