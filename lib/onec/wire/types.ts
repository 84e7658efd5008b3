/** What an order file says, normalised; nothing here is a decision of ours yet (`read-order.ts` makes them). */
import type { Kopecks } from "@/lib/kit/money.ts";
import type { EchoLine } from "./raw-document.ts";

export type { EchoLine } from "./raw-document.ts";

/** Wall clock of the 1C base without a zone, `2026-11-17T18:40:05`; the caller applies the shop's zone (`fromZoned`). */
export type LocalTime = string;

export type OnecDocument = {
  /** `order`: «Заказ товара» with lines. `status`: the same without lines, touches statuses only (CML-31). `other`: any other operation. */
  kind: "order" | "status" | "other";
  /** Ид: GUID of the document in 1C, or our own id when it was born here. */
  ref: string;
  /** Номер: the site's number; empty in documents born in 1C. */
  number: string;
  /** ХозОперация as written. */
  operation: string;
  createdLocal: LocalTime | null;
  currency: string | null;
  /** Including VAT: the authority for what must be paid. */
  totalKopecks: Kopecks | null;
  comment: string | null;
  buyer: OnecBuyer | null;
  /** Of orders, hand-overs («Отпуск товара») and returns («Возврат товара»); other documents' goods are not read. */
  lines: OnecLine[];
  marks: OnecMarks;
  /** НомерВерсии, where it is a count; 1C's own «версия данных» is letters and cannot be compared. */
  version?: number;
  /** Основание: the order of a payment or shipment document (Bitrix, 3.1). */
  baseRef: string | null;
  /** Ordinal of the 3.1 container the document stood in: one container holds everything about one order. */
  container: number | null;
  subordinates: OnecDocument[];
  /** The first thing that could not be read, in Russian; such an order is refused with it. */
  problem: string | null;
  warnings: string[];
};

export type OnecBuyer = {
  ref: string | null;
  name: string;
  /** `legal` when ОфициальноеНаименование is there, as 1C itself decides it. */
  form: "legal" | "person";
  fullName: string | null;
  inn: string | null;
  kpp: string | null;
  address: string | null;
  phone: string | null;
  email: string | null;
};

export type OnecLine = {
  /** Every text of the line as 1C wrote it, to be given back unchanged. */
  echo: EchoLine;
  /** Decimal text with up to 3 places. */
  quantity: string;
  /** Сумма of the file: after discounts; without VAT when `vatIncluded` is false. */
  sumKopecks: Kopecks;
  /** Null when the file gives no sum of VAT. */
  vatKopecks: Kopecks | null;
  vatIncluded: boolean;
  /** Ставка as written: `22`, `0`, `Без НДС`. */
  rateText: string | null;
  service: boolean;
};

/** Requisites of a document that 1C uses to tell states (commerceml.md 6, 8). Null: not said. */
export type OnecMarks = {
  onecNumber: string | null;
  onecDateLocal: LocalTime | null;
  posted: boolean | null;
  deleted: boolean | null;
  cancelled: boolean | null;
  paid: boolean | null;
  shipped: boolean | null;
  final: boolean | null;
  /** Its presence means fully paid by the data of 1C (CML-21). */
  paymentNumber: string | null;
  paymentDateLocal: LocalTime | null;
  /** Its presence means that nothing is left to ship. */
  shipmentNumber: string | null;
  shipmentDateLocal: LocalTime | null;
  statusText: string | null;
  statusId: string | null;
  paymentMethod: string | null;
  paymentMethodId: string | null;
  bankDocumentNumber: string | null;
  receiptNumber: string | null;
  refund: boolean | null;
};
