/** An order of 1C as we will keep it, and the other things a document of an exchange file can turn out to be. */
import type { Kopecks } from "@/lib/kit/money.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { EchoLine, LocalTime, OnecMarks } from "./types.ts";

export type PayerKind = "individual" | "sole_proprietor" | "organization" | "unknown";

export type DraftBuyer = {
  ref: string | null;
  kind: PayerKind;
  /** Short name of the 1C catalogue. */
  name: string;
  /** For documents: `ООО "Северный Мастер"`. */
  fullName: string;
  inn: string | null;
  kpp: string | null;
  address: string | null;
  /** `+79991234567` */
  phone: string | null;
  email: string | null;
  /** Fields that this document does not speak of and that only repeat what is known (API-18); stock files speak of all. */
  unsaid?: readonly ("fullName" | "inn" | "kpp" | "address" | "email" | "phone")[];
};

export type DraftLine = {
  /** From 1: the place in the file. */
  position: number;
  /** Ид of the goods: `guid`, `guid#guid`, or whatever another base writes; empty when not given. */
  ref: string;
  article: string | null;
  name: string;
  service: boolean;
  /** For people: `шт`, `Кубический метр`. */
  unitName: string | null;
  /** ОКЕИ code, `796`. */
  unitCode: string | null;
  /** Decimal text with up to 3 places. */
  quantity: string;
  /** Per unit, before discount, VAT included. */
  priceKopecks: Kopecks;
  discountKopecks: Kopecks;
  /** To be paid for the line: after discount, VAT included. The only sum to reckon with; price and discount explain it. */
  sumKopecks: Kopecks;
  vat: VatRate;
  /** 1C's own figure when it gave one. */
  vatKopecks: Kopecks;
  /** False: a line that a manager cancelled; it stays in the file but is no part of the total (CML-18). */
  included: boolean;
  echo: EchoLine;
};

/** States of the document in 1C (commerceml.md 6). */
export type OnecState = {
  number: string | null;
  dateLocal: LocalTime | null;
  /** False when 1C did not say so: nobody is invited to pay a document that was never posted. */
  posted: boolean;
  deleted: boolean;
  cancelled: boolean;
  /** CML-21: information about money, never money. */
  paid: { number: string | null; dateLocal: LocalTime | null } | null;
  /** Nothing is left to ship. `byFlag`: «Отгружен» true says so, which the same flag false may take back. */
  shipped: { number: string | null; dateLocal: LocalTime | null; byFlag?: boolean } | null;
  /** 1C says in so many words that something is left to ship («Отгружен» false of УНФ); УТ is only silent about it. */
  unshipped?: boolean;
  statusText: string | null;
  /** «Финальный статус»: 1C is done with the order. */
  final: boolean;
};

/** A payment, a shipment or any other document that is no order: a fact to store, nothing to create. */
export type OnecOperation = {
  ref: string;
  number: string;
  operation: string;
  createdLocal: LocalTime | null;
  totalKopecks: Kopecks | null;
  /** Its order, when it stands alone in the file. */
  baseRef: string | null;
  container: number | null;
  marks: OnecMarks;
  /** Goods of a hand-over or a return that say what it consists of; of the other documents none is read. */
  lines: DraftLine[];
};

/** The document as it came, for the journal of messages; no part of its content. */
export type RawPayload = { format: "xml" | "json"; text: string };

type Common = {
  /** GUID of the document in 1C; empty for an order that 1C does not have yet. */
  onecRef: string;
  number: string;
  container: number | null;
  warnings: string[];
  /** CML-20: the same reference and the same hash mean that nothing changed. sha256 in hex. */
  contentHash: string;
  raw?: RawPayload;
};

export type DraftTerms = { days: number; dayKind: "calendar" | "working"; base: "order_date" | "invoice_date" | "shipment_date" };

export type OrderDraft = Common & {
  kind: "order";
  createdLocal: LocalTime | null;
  /** Including VAT: what must be paid. */
  totalKopecks: Kopecks;
  /** False: no receipt is built from these lines without a person (CML-18). */
  linesMatchTotal: boolean;
  /** How the file counts VAT; an echo to 1C keeps it. */
  vatIncluded: boolean;
  buyer: DraftBuyer;
  comment: string | null;
  /** Who leads the order in 1C; null: nobody; left out: what was said before stays (a stock file names nobody). */
  manager?: string | null;
  /** First moment at which it may not be paid any more; null: no limit; left out: what was said before stays. */
  payUntil?: Date | null;
  /** 1C's own count of the document (API-15); left out: the way in has none, the stored one stays. */
  version?: number;
  /** The only methods that the pay page offers; null: all; left out: what was said before stays. */
  payMethods?: ("card" | "sbp" | "invoice")[] | null;
  /** Deferral of this order alone; 0 days: none, whatever the buyer has; null: the buyer's; left out: what was said before stays. */
  terms?: DraftTerms | null;
  lines: DraftLine[];
  state: OnecState;
  operations: OnecOperation[];
};

/** CML-31: touches statuses, never lines or sums. */
export type OrderStatus = Common & { kind: "status"; state: OnecState; operations: OnecOperation[]; /** As of an order. */ version?: number };

export type OtherOperation = Common & { kind: "other"; operation: OnecOperation };

/** `reason` is one short Russian line for the log of 1C. */
export type OrderRefusal = { kind: "refused"; onecRef: string; number: string; reason: string; raw?: RawPayload };

export type ReadOrder = OrderDraft | OrderStatus | OtherOperation | OrderRefusal;
