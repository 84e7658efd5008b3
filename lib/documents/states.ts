/** Documents that 1C gives a buyer (INV-13), with the words people read. Pure. */
export const documentKinds = ["invoice", "upd", "act", "torg12", "invoice_facture", "reconciliation", "contract", "other"] as const;
export type DocumentKind = (typeof documentKinds)[number];

export const documentKindLabels: Record<DocumentKind, string> = {
  invoice: "Счёт на оплату",
  upd: "УПД",
  act: "Акт",
  torg12: "Накладная ТОРГ-12",
  invoice_facture: "Счёт-фактура",
  reconciliation: "Акт сверки",
  contract: "Договор",
  other: "Документ",
};

/** Types of files that are kept (INV-14). */
export const documentMimes = ["application/pdf", "application/xml", "image/png"] as const;
export type DocumentMime = (typeof documentMimes)[number];

/** INV-14. */
export const DOCUMENT_MAX_BYTES = 10 * 1024 * 1024;
