/** The счёт на оплату as a document: what stands on it, its PDF, its file name. No database. */
export { buildInvoiceContent, InvoiceNotPrintable, type InvoiceContent } from "./invoice-content.ts";
export { invoiceDisposition, invoiceFileName } from "./invoice-filename.ts";
export { renderInvoicePdf } from "./invoice-pdf.ts";
export { qrSvg } from "./qr-svg.ts";
export { requisiteRows, type RequisiteRow } from "./requisite-rows.ts";
export type { InvoiceBank, InvoiceBuyer, InvoiceLine, InvoiceSeller, InvoiceSnapshot, InvoiceStage } from "./invoice-snapshot.ts";
