/** What an invoice is made of, taken from the order, the seller and the buyer at the moment of issue. */
import type { Kopecks } from "@/lib/kit/money.ts";
import type { VatRate } from "@/lib/kit/vat.ts";

/** A calendar day, `2026-11-16`, in the seller's zone. */
export type Day = string;

export type InvoiceSeller = {
  /** Full name for documents: `ООО "Лесной Двор"`. */
  name: string;
  inn: string;
  /** Null for a sole trader, who also signs alone. */
  kpp: string | null;
  address: string;
  phone: string | null;
  directorName: string | null;
  accountantName: string | null;
};

export type InvoiceBank = { name: string; bik: string; account: string; correspondentAccount: string | null };

export type InvoiceBuyer = { name: string; inn: string | null; kpp: string | null; address: string | null; phone: string | null };

export type InvoiceLine = {
  article: string | null;
  name: string;
  /** Decimal text, `4` or `0.75`. */
  quantity: string;
  unitName: string | null;
  /** Before discount, VAT included. */
  priceKopecks: Kopecks;
  discountKopecks: Kopecks;
  /** To pay, VAT included. */
  sumKopecks: Kopecks;
  vat: VatRate;
  /** Of this line; 1C's figure when it gave one (VAT-07). */
  vatKopecks: Kopecks;
};

/** A part of the total with its own term (invoice.md 2, payment stages). */
export type InvoiceStage = {
  sumKopecks: Kopecks;
  due: { kind: "day"; day: Day } | { kind: "after_shipment"; days: number; dayKind: "calendar" | "working" };
};

export type InvoiceSnapshot = {
  /** INV-1: what must come back in the purpose: the number of the 1C order, else our own. No spaces. */
  number: string;
  date: Day;
  /** B2B-15 */
  validUntil: Day;
  /** From 1; from 2 on the document says so (INV-3). */
  version: number;
  seller: InvoiceSeller;
  bank: InvoiceBank;
  buyer: InvoiceBuyer;
  /** Contract or order the invoice stands on: `заказ № S-10245 от 17.11.2026`. */
  basis: string | null;
  lines: InvoiceLine[];
  /** Must be the sum of the lines: an invoice that contradicts itself is not issued. */
  totalKopecks: Kopecks;
  /** Empty when the whole sum is due at once. */
  stages: InvoiceStage[];
  /** The shop's own text: delivery, reservation, terms. */
  remarks: string | null;
};
