/**
 * Workbooks for accountants: real numbers and dates, a frozen header, totals as formulas. Written by hand: the libraries turn every
 * number into a double, and kopecks never are one here (the file holds their exact decimal text). Text never becomes a formula.
 */
import { rublesText } from "@/lib/kit/money.ts";
import { DAY_MS } from "@/lib/kit/time.ts";
import { zip } from "./zip.ts";

/** `day` is `YYYY-MM-DD`, `moment` a local `YYYY-MM-DDTHH:MM:SS`. Null leaves the cell empty. */
export type Cell = null | string | { kopecks: bigint } | { count: bigint } | { day: string } | { moment: string };
/** `total`: the column is added up in the last row. */
export type Column = { title: string; width: number; total?: "kopecks" | "count" };
export type Sheet = { name: string; columns: readonly Column[]; rows: readonly (readonly Cell[])[] };

const style = { header: 1, money: 2, day: 3, count: 4, moment: 5, totalMoney: 6, totalCount: 7, totalText: 8, text: 9 } as const;
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const TEXT_MAX = 32_000;

/** Signs that XML cannot hold are left out. */
const escaped = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.slice(0, TEXT_MAX).replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "").replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const letters = (at: number): string => (at < 26 ? "" : letters(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26));

/** Days since 30 December 1899, as Excel counts them. */
const serial = (local: string): number => (Date.parse(`${local}Z`) - Date.UTC(1899, 11, 30)) / DAY_MS;

function cellXml(cell: Cell, address: string): string {
  if (cell === null) return "";
  if (typeof cell === "string") return textXml(cell, address, style.text);
  const [kind, value] = "kopecks" in cell ? [style.money, rublesText(cell.kopecks)] : "count" in cell ? [style.count, String(cell.count)] : "day" in cell ? [style.day, serial(`${cell.day}T00:00:00`)] : [style.moment, serial(cell.moment)];
  return `<c r="${address}" s="${kind}"><v>${value}</v></c>`;
}

const textXml = (text: string, address: string, kind: number): string => `<c r="${address}" s="${kind}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;

function totalsXml({ columns, rows }: Sheet, rowNo: number): string {
  const cells = columns.map(({ total }, at) => {
    if (!total) return at === 0 ? textXml("Итого", `A${rowNo}`, style.totalText) : "";
    const sum = rows.reduce((all, row) => {
      const cell = row[at];
      return cell && typeof cell === "object" ? all + ("kopecks" in cell ? cell.kopecks : "count" in cell ? cell.count : 0n) : all;
    }, 0n);
    const column = letters(at);
    return `<c r="${column}${rowNo}" s="${total === "kopecks" ? style.totalMoney : style.totalCount}"><f>SUM(${column}2:${column}${rowNo - 1})</f><v>${total === "kopecks" ? rublesText(sum) : sum}</v></c>`;
  });
  return `<row r="${rowNo}">${cells.join("")}</row>`;
}

function sheetXml(sheet: Sheet): string {
  const { columns, rows } = sheet;
  const last = letters(columns.length - 1);
  const body = rows.map((row, i) => `<row r="${i + 2}">${row.map((cell, at) => cellXml(cell, `${letters(at)}${i + 2}`)).join("")}</row>`).join("");
  const hasTotals = rows.length > 0 && columns.some((column) => column.total);
  return `${head}<worksheet ${main}><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns
    .map((column, at) => `<col min="${at + 1}" max="${at + 1}" width="${column.width}" customWidth="1"/>`)
    .join("")}</cols><sheetData><row r="1">${columns.map((column, at) => textXml(column.title, `${letters(at)}1`, style.header)).join("")}</row>${body}${hasTotals ? totalsXml(sheet, rows.length + 2) : ""}</sheetData><autoFilter ref="A1:${last}${rows.length + 1}"/></worksheet>`;
}

const font = (bold: boolean) => `<font>${bold ? "<b/>" : ""}<sz val="11"/><name val="Calibri"/><family val="2"/></font>`;
const format = (numberFormat: number, bold = false, wrap = false) => `<xf numFmtId="${numberFormat}" fontId="${bold ? 1 : 0}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"${wrap ? ' applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>' : "/>"}`;
const MONEY = 164;
const DAY = 165;
const MOMENT = 166;
const COUNT = 3;
const stylesXml = `${head}<styleSheet ${main}><numFmts count="3"><numFmt numFmtId="${MONEY}" formatCode="#,##0.00\\ &quot;₽&quot;"/><numFmt numFmtId="${DAY}" formatCode="dd\\.mm\\.yyyy"/><numFmt numFmtId="${MOMENT}" formatCode="dd\\.mm\\.yyyy\\ hh:mm"/></numFmts><fonts count="2">${font(false)}${font(true)}</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="10">${[
  format(0), format(0, true, true), format(MONEY), format(DAY), format(COUNT), format(MOMENT), format(MONEY, true), format(COUNT, true), format(0, true), format(0, false, true),
].join("")}</cellXfs></styleSheet>`;

/** Bytes of an XLSX file. Sheet names: up to 31 signs, none of `[]:*?/\`. */
export function makeWorkbook(sheets: readonly Sheet[]): Buffer {
  const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const types = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  return zip([
    {
      name: "[Content_Types].xml",
      text: `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/>${sheets.map((_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="${types}.worksheet+xml"/>`).join("")}</Types>`,
    },
    { name: "_rels/.rels", text: `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>` },
    { name: "xl/workbook.xml", text: `${head}<workbook ${main} xmlns:r="${relations}"><sheets>${sheets.map((sheet, i) => `<sheet name="${escaped(sheet.name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join("")}</sheets></workbook>` },
    {
      name: "xl/_rels/workbook.xml.rels",
      text: `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${sheets.map((_, i) => `<Relationship Id="rId${i + 1}" Type="${relations}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join("")}<Relationship Id="rId${sheets.length + 1}" Type="${relations}/styles" Target="styles.xml"/></Relationships>`,
    },
    { name: "xl/styles.xml", text: stylesXml },
    ...sheets.map((sheet, i) => ({ name: `xl/worksheets/sheet${i + 1}.xml`, text: sheetXml(sheet) })),
  ]);
}
