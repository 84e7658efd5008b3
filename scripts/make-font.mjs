// Cuts the staff pages' own Inter out of @fontsource-variable/inter: `node scripts/make-font.mjs`. The result is committed.
// Fontsource splits Inter by alphabet, and ₽ stands in a file of 85 kB: three small files of ours replace it (ux.md 3).
import fs from "node:fs";
import path from "node:path";
import subsetFont from "subset-font";
import { root } from "./lib/environment.mjs";

const from = (alphabet) => path.join(root, `node_modules/@fontsource-variable/inter/files/inter-${alphabet}-wght-normal.woff2`);
const to = path.join(root, "app/(admin)/fonts");
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join("");

const latin = `${range(0x20, 0x7e)}\u00A0«»°±·×•–—„“”‘’…→←↑↓−\u2009\u202F`;
const cyrillic = `${range(0x410, 0x44f)}Ёё№`;
const rouble = "₽";

/** Kerning, marks, tabular figures; Fontsource's files have no stylistic alternates. */
const keepFeatures = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "calt", "tnum"];

fs.mkdirSync(to, { recursive: true });
let total = 0;
for (const [alphabet, name, text] of [["latin", "inter-latin", latin], ["cyrillic", "inter-cyrillic", cyrillic], ["latin-ext", "inter-rouble", rouble]]) {
  const font = await subsetFont(fs.readFileSync(from(alphabet)), text, {
    targetFormat: "woff2",
    variationAxes: { wght: { min: 400, max: 700 } },
    keepFeatures,
    noHinting: true,
    dropTables: ["gasp"],
  });
  fs.writeFileSync(path.join(to, `${name}.woff2`), font);
  total += font.length;
  console.log(`${name}.woff2 ${font.length} bytes`);
}
if (total > 45_000) throw new Error(`the fonts take ${total} bytes, more than the budget of 45 kB`);
