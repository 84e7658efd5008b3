/** Read back by other code than wrote it: the reader of banks' registries. */
import { expect, test } from "vitest";
import { xlsxRows } from "@/lib/reconciliation/registry-file/xlsx-rows.ts";
import { crc32, inflateRawSync } from "node:zlib";
import { makeWorkbook } from "./index.ts";

async function rowsOf(bytes: Buffer): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const row of xlsxRows(bytes)) rows.push(row.cells);
  return rows;
}

/** The first sheet as XML, its checksum verified. */
function sheetOf(bytes: Buffer): string {
  const at = bytes.indexOf("xl/worksheets/sheet1.xml");
  const [sum, packed, name] = [bytes.readUInt32LE(at - 16), bytes.readUInt32LE(at - 12), bytes.readUInt16LE(at - 4)];
  const raw = inflateRawSync(bytes.subarray(at + name, at + name + packed));
  expect(crc32(raw)).toBe(sum);
  return raw.toString();
}

const columns = [{ title: "День", width: 12 }, { title: "Банк", width: 20 }, { title: "Сумма", width: 14, total: "kopecks" as const }, { title: "Операций", width: 8, total: "count" as const }];

test("sums are exact decimals, days are serial numbers, the last row adds up", async () => {
  const bytes = makeWorkbook([{ name: "По дням", columns, rows: [
    [{ day: "2026-11-21" }, "PayKeeper", { kopecks: 966_416n }, { count: 3n }],
    [{ day: "2026-11-22" }, null, { kopecks: -1n }, null],
    [{ moment: "2026-11-21T12:00:00" }, "x", { kopecks: 999_999_999_999_99n }, { count: 2n }],
  ] }]);
  expect(await rowsOf(bytes)).toEqual([
    ["День", "Банк", "Сумма", "Операций"],
    ["46347", "PayKeeper", "9664.16", "3"],
    ["46348", "", "-0.01"],
    ["46347.5", "x", "999999999999.99", "2"],
    ["Итого", "", "1000000009664.14", "5"],
  ]);
  expect(sheetOf(bytes)).toContain("<f>SUM(C2:C4)</f><v>1000000009664.14</v>");
  expect(sheetOf(bytes)).toContain('state="frozen"');
});

test("text stays text: no formula, no broken XML", async () => {
  const odd = `=HYPERLINK("http://x")&<b>\u0000\u0007\uD800 ёлка`;
  const bytes = makeWorkbook([{ name: "A", columns: columns.slice(0, 2), rows: [["@SUM(1)", odd]] }]);
  expect((await rowsOf(bytes))[1]).toEqual(["@SUM(1)", `=HYPERLINK("http://x")&<b> ёлка`]);
  expect(sheetOf(bytes)).not.toContain("<f>");
});
