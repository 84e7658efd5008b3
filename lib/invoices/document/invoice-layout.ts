/** The print form of 1C (onec/invoice.md 3) as a pdfmake document. Pure. */
import type { Column, Content, CustomTableLayout, TableCell, TDocumentDefinitions } from "pdfmake/interfaces.js";
import { qrSvg } from "./qr-svg.ts";
import type { InvoiceContent } from "./invoice-content.ts";

const margins = { left: 40, top: 32, right: 32, bottom: 40 };
const contentWidth = 595.28 - margins.left - margins.right;
const thin = 0.5;
const thick = 1.5;

export function invoiceLayout(content: InvoiceContent, createdAt: Date): TDocumentDefinitions {
  return {
    pageSize: "A4",
    pageOrientation: "portrait",
    pageMargins: [margins.left, margins.top, margins.right, margins.bottom],
    language: "ru",
    info: { title: content.title.replaceAll("\u00A0", " "), author: content.payee.name, creator: "Kopeyka", producer: "Kopeyka", creationDate: createdAt },
    defaultStyle: { font: "Golos", fontSize: 9, lineHeight: 1.15 },
    footer: (page, pages) => (pages > 1 ? footer(content, page, pages) : null),
    content: [
      { stack: content.remarks.map((text): Content => ({ text, alignment: "center", fontSize: 8 })), margin: [0, 0, 0, 8] },
      head(content),
      { text: content.title, fontSize: 14, bold: true, margin: [0, 14, 0, 4], ...wrapping(content.title) },
      rule(thick),
      parties(content),
      goods(content),
      totals(content),
      summary(content),
      ...stages(content),
      rule(thick, 8),
      signatures(content),
    ],
  };
}

/** Text with a word that no column could hold may be cut anywhere; other text breaks between words only. */
const wrapping = (text: string): { wordBreak?: "break-all" } => (/[^\s-]{24,}/.test(text) ? { wordBreak: "break-all" } : {});

const rule = (width: number, top = 0): Content => ({
  canvas: [{ type: "line", x1: 0, y1: 0, x2: contentWidth, y2: 0, lineWidth: width }],
  margin: [0, top, 0, 8],
});

const footer = (content: InvoiceContent, page: number, pages: number): Content => ({
  columns: [content.title, { text: `Страница ${page} из ${pages}`, alignment: "right", width: 90 }],
  fontSize: 7,
  margin: [margins.left, 14, margins.right, 0],
});

const frame: CustomTableLayout = {
  hLineWidth: () => thin,
  vLineWidth: () => thin,
  paddingLeft: () => 4,
  paddingRight: () => 4,
  paddingTop: () => 2,
  paddingBottom: () => 2,
};

/** The head of a payment order, and the code beside it. */
function head(content: InvoiceContent): Content {
  if (!content.qr) return bankBlock(content);
  const { svg, sizePoints } = qrSvg(content.qr);
  const code: Column = {
    width: sizePoints,
    stack: [
      { svg, width: sizePoints },
      { text: "QR для оплаты по реквизитам", fontSize: 6, alignment: "center" },
    ],
  };
  return { columns: [{ stack: [bankBlock(content)], width: "*" }, code], columnGap: 8 };
}

const caption = (text: string): Content => ({ text, fontSize: 7, margin: [0, 3, 0, 0] });

function bankBlock({ bank, payee, purpose }: InvoiceContent): Content {
  const top: [boolean, boolean, boolean, boolean] = [true, true, true, false];
  const bottom: [boolean, boolean, boolean, boolean] = [true, false, true, true];
  const body: TableCell[][] = [
    [
      { stack: [{ text: bank.name, ...wrapping(bank.name) }, caption("Банк получателя")], colSpan: 2, rowSpan: 2 },
      {},
      { text: "БИК" },
      { text: bank.bik, border: top },
    ],
    [{}, {}, { text: "Сч. №" }, { text: bank.correspondentAccount, border: bottom }],
    [
      // A sole trader has no КПП, and no empty cell for it.
      { text: `ИНН\u00A0${payee.inn}`, colSpan: payee.kpp ? 1 : 2 },
      { text: payee.kpp ? `КПП\u00A0${payee.kpp}` : "" },
      { text: "Сч. №", rowSpan: 2 },
      { text: bank.account, rowSpan: 2 },
    ],
    [{ stack: [{ text: payee.name, ...wrapping(payee.name) }, caption("Получатель")], colSpan: 2 }, {}, {}, {}],
    [{ stack: [{ text: purpose, ...wrapping(purpose) }, caption("Назначение платежа")], colSpan: 4 }, {}, {}, {}],
  ];
  // 20 digits of an account need 112 points; they must stay on one line, because people copy them.
  return { table: { widths: ["*", "*", 34, 112], body, dontBreakRows: true }, layout: frame };
}

const parties = ({ parties: rows }: InvoiceContent): Content => ({
  table: { widths: [66, "*"], body: rows.map(({ label, text }): TableCell[] => [`${label}:`, { text, bold: true, ...wrapping(text) }]) },
  layout: { defaultBorder: false, paddingLeft: () => 0, paddingRight: () => 4, paddingTop: () => 2, paddingBottom: () => 3 },
  margin: [0, 0, 0, 8],
});

type GoodsColumn = { title: string; width: number | "*"; align: "left" | "center" | "right"; of: (line: InvoiceContent["lines"][number]) => string };

const articleColumn: GoodsColumn = { title: "Артикул", width: 58, align: "left", of: (line) => line.article };
const discountColumn: GoodsColumn = { title: "Скидка", width: 52, align: "right", of: (line) => line.discount };

function columnsOf({ hasArticles, hasDiscounts }: InvoiceContent): GoodsColumn[] {
  return [
    { title: "№", width: 18, align: "center", of: (line) => line.position },
    ...(hasArticles ? [articleColumn] : []),
    { title: "Товары (работы, услуги)", width: "*", align: "left", of: (line) => line.name },
    { title: "Кол-во", width: 38, align: "right", of: (line) => line.quantity },
    { title: "Ед.", width: 30, align: "left", of: (line) => line.unit },
    { title: "Цена", width: 58, align: "right", of: (line) => line.price },
    ...(hasDiscounts ? [discountColumn] : []),
    { title: "Сумма", width: 64, align: "right", of: (line) => line.sum },
  ];
}

const goodsFrame: CustomTableLayout = {
  hLineWidth: (row, node) => (row === 0 || row === node.table.body.length ? thick : thin),
  vLineWidth: (column, node) => (column === 0 || column === (node.table.body[0]?.length ?? 0) ? thick : thin),
  paddingLeft: () => 3,
  paddingRight: () => 3,
  paddingTop: () => 2,
  paddingBottom: () => 2,
};

function goods(content: InvoiceContent): Content {
  const columns = columnsOf(content);
  const titles = columns.map(({ title }): TableCell => ({ text: title, bold: true, alignment: "center" }));
  const rows = content.lines.map((line) =>
    columns.map(({ align, of }): TableCell => ({ text: of(line), alignment: align, fontSize: 8, ...(align === "left" && wrapping(of(line))) })),
  );
  return {
    table: { headerRows: 1, keepWithHeaderRows: 1, dontBreakRows: true, widths: columns.map(({ width }) => width), body: [titles, ...rows] },
    layout: goodsFrame,
  };
}

const totals = ({ totals: rows }: InvoiceContent): Content => ({
  table: {
    widths: ["*", 90],
    body: rows.map(({ label, sum }): TableCell[] => [
      { text: label, alignment: "right", bold: true },
      { text: sum, alignment: "right", bold: true },
    ]),
  },
  layout: { defaultBorder: false, paddingLeft: () => 0, paddingRight: () => 3, paddingTop: () => 1, paddingBottom: () => 1 },
  margin: [0, 6, 0, 6],
  unbreakable: true,
});

const summary = ({ countLine, sumInWords }: InvoiceContent): Content => ({
  stack: [{ text: countLine }, { text: sumInWords, bold: true }],
  unbreakable: true,
});

function stages({ stages: rows }: InvoiceContent): Content[] {
  if (rows.length === 0) return [];
  const titles = ["Этап оплаты", "Доля", "Сумма", "Срок"].map((text): TableCell => ({ text, bold: true, alignment: "center" }));
  const body = rows.map(({ share, sum, due }, at): TableCell[] => [
    { text: String(at + 1), alignment: "center" },
    { text: share, alignment: "right" },
    { text: sum, alignment: "right" },
    due,
  ]);
  return [{ table: { headerRows: 1, dontBreakRows: true, widths: [70, 50, 90, "*"], body: [titles, ...body] }, layout: frame, margin: [0, 8, 0, 0] }];
}

const signatureWidth = 165;

/** Room for a handwritten signature and a stamp; the name stands under the rule, as 1C prints it. */
function signatures({ signatures: rows }: InvoiceContent): Content {
  const columns = rows.flatMap(({ role, name }): Column[] => [
    { text: role, bold: true, width: "auto" },
    {
      width: signatureWidth,
      stack: [
        { canvas: [{ type: "line", x1: 0, y1: 11, x2: signatureWidth, y2: 11, lineWidth: thin }] },
        { text: name || " ", fontSize: 8, alignment: "right", margin: [0, 1, 0, 0] },
      ],
    },
    { text: "", width: "*" },
  ]);
  return { columns, columnGap: 6, margin: [0, 18, 0, 0], unbreakable: true };
}
