const latin: Record<string, string> = {
  а: "a", б: "b", в: "v", г: "g", д: "d", е: "e", ё: "e", ж: "zh", з: "z", и: "i", й: "y", к: "k", л: "l", м: "m", н: "n", о: "o", п: "p",
  р: "r", с: "s", т: "t", у: "u", ф: "f", х: "kh", ц: "ts", ч: "ch", ш: "sh", щ: "shch", ъ: "", ы: "y", ь: "", э: "e", ю: "yu", я: "ya",
};

const transliterate = (text: string): string =>
  Array.from(text, (sign) => {
    const lower = sign.toLowerCase();
    const found = latin[lower];
    if (found === undefined) return /[\w.-]/.test(sign) ? sign : "-";
    return sign === lower ? found : found.charAt(0).toUpperCase() + found.slice(1);
  }).join("");

/** A part of a file name: letters, digits, dots and dashes. */
export const fileNamePart = (text: string): string => text.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 80);

/** The header of a download: an ASCII name for old clients, the real one by RFC 5987 (INV-4). */
export function contentDisposition(name: string, disposition: "inline" | "attachment" = "attachment"): string {
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${disposition}; filename="${transliterate(name)}"; filename*=UTF-8''${encoded}`;
}
