import { describe, expect, test } from "vitest";
import { pdfPages } from "./fixtures/pdf-text.ts";
import { sampleInvoice, timber, traderInvoice } from "./fixtures/sample-invoice.ts";
import { buildInvoiceContent } from "./invoice-content.ts";
import { invoiceLayout } from "./invoice-layout.ts";
import { renderInvoicePdf } from "./invoice-pdf.ts";
import { qrSvg } from "./qr-svg.ts";
import type { InvoiceSnapshot } from "./invoice-snapshot.ts";

const issuedAt = new Date("2026-11-16T10:00:00Z");
const render = (snapshot: InvoiceSnapshot) => renderInvoicePdf(buildInvoiceContent(snapshot), issuedAt);
/** How many texts of the document may be cut inside a word. */
const cuts = (name: string) =>
  JSON.stringify(invoiceLayout(buildInvoiceContent({ ...sampleInvoice, lines: [{ ...timber, name }], totalKopecks: timber.sumKopecks }), issuedAt)).split("break-all").length - 1;
const plain = (text: string) => text.replace(/\s+/g, " ");

describe("INV-4: the invoice as PDF", () => {
  test("A4, embedded fonts, every text can be copied, under 300 KB", async () => {
    const pdf = await render(sampleInvoice);
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(pdf.length).toBeLessThan(300_000);
    const raw = pdf.toString("latin1");
    expect(raw).toContain("/MediaBox [0 0 595.28 841.89]");
    expect(raw.match(/\/FontFile2/g)).toHaveLength(2);

    const pages = pdfPages(pdf);
    expect(pages).toHaveLength(1);
    const text = plain(pages[0] ?? "");
    for (const expected of [
      "Счет действителен до 28.11.2026.", "ПАО СБЕРБАНК", "Банк получателя", "044525225", "30101810400000000225", "40702810938000012345",
      "ИНН 9900000017", "КПП 990101001", 'ООО "Лесной Двор"', "Оплата по счету № УТ00-000815 от 16.11.2026. В т.ч. НДС 22% 16610.00", "Назначение платежа",
      "QR для оплаты по реквизитам", "Счет на оплату № УТ00-000815 от 16 ноября 2026 г.", 'ООО "Северный Мастер", ИНН 9900000024', "заказ № B2B-000101 от 16.11.2026",
      "Доска обрезная 50×150×6000 сорт 1", "21 350,00", "4 270,00", "Всего к оплате:", "92 110,00", "Девяносто две тысячи сто десять рублей 00 копеек", "Счётова М. И.",
    ]) {
      expect(text).toContain(expected);
    }
    expect(text).not.toContain("Страница");
  });

  test("INV-3: the same content gives the same bytes", async () => {
    expect((await render(sampleInvoice)).equals(await render(sampleInvoice))).toBe(true);
  });

  test("40 lines go over pages with the head of the table and the page number on each", async () => {
    const lines = Array.from({ length: 40 }, (_, at) => ({ ...timber, name: `Позиция ${at + 1}: ${"очень длинное название товара ".repeat(3)}` }));
    const pages = pdfPages(await render({ ...sampleInvoice, lines, totalKopecks: timber.sumKopecks * 40n })).map(plain);
    expect(pages.length).toBeGreaterThan(1);
    pages.forEach((text, at) => {
      if (text.includes("Позиция")) expect(text).toContain("Товары (работы, услуги)");
      expect(text).toContain(`Страница ${at + 1} из ${pages.length}`);
    });
    const all = pages.join("");
    for (let position = 1; position <= 40; position += 1) expect(all).toContain(`Позиция ${position}: `);
  });

  test("a word longer than its column is cut, not printed over the next column", async () => {
    const word = "Кабель_силовой_".repeat(8);
    const [page] = pdfPages(await render({ ...sampleInvoice, lines: [{ ...timber, name: word }], totalKopecks: timber.sumKopecks }));
    expect(page).toContain(word);
    // Whether the reader sees it cut cannot be told from the text: the cell must allow it, ordinary cells must not.
    expect([cuts(word), cuts(timber.name)]).toEqual([1, 0]);
  });

  test("INV-7: a sole trader's invoice has no КПП of his and one signature", async () => {
    const [page] = pdfPages(await render(traderInvoice));
    expect(page).toContain("Предприниматель");
    expect(page).not.toContain("Бухгалтер");
    expect(page?.match(/КПП/g)).toHaveLength(1);
  });

  test("without a QR the label of the QR is missing too", async () => {
    const [page] = pdfPages(await render({ ...sampleInvoice, bank: { ...sampleInvoice.bank, name: "Б".repeat(60) } }));
    expect(page).not.toContain("QR");
  });
});

test("INV-10: a quiet zone of four modules around dark modules of at least 0.4 mm", () => {
  const { svg, sizePoints } = qrSvg(buildInvoiceContent(sampleInvoice).qr ?? "");
  const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  const starts = [...svg.matchAll(/M(\d+) (\d+)h(\d+)/g)].map(([, x, y, run]) => [Number(x), Number(y), Number(x) + Number(run)]);
  expect(Math.min(...starts.flatMap(([x, y]) => [x!, y!]))).toBe(4);
  expect(Math.max(...starts.map(([, , end]) => end!))).toBe(size - 4);
  expect((sizePoints / size) * 0.352_778).toBeGreaterThanOrEqual(0.4);
});
