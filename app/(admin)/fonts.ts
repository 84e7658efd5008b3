/** Inter of the staff pages, cut by scripts/make-font.mjs; 30 kB in three files. The browser takes each sign from the first that has it. */
import localFont from "next/font/local";

const latin = localFont({ src: "./fonts/inter-latin.woff2", weight: "400 700", display: "swap", variable: "--font-inter-latin", adjustFontFallback: "Arial" });
const cyrillic = localFont({
  src: "./fonts/inter-cyrillic.woff2",
  weight: "400 700",
  display: "swap",
  variable: "--font-inter-cyrillic",
  adjustFontFallback: false,
  declarations: [{ prop: "unicode-range", value: "U+0410-044F, U+0401, U+0451, U+2116" }],
});
const rouble = localFont({
  src: "./fonts/inter-rouble.woff2",
  weight: "400 700",
  display: "swap",
  variable: "--font-inter-rouble",
  adjustFontFallback: false,
  declarations: [{ prop: "unicode-range", value: "U+20BD" }],
});

export const interClass = `${latin.variable} ${cyrillic.variable} ${rouble.variable}`;
