/**
 * The port of a cloud cash register and the neutral receipt (FFD common layer, `fiscal/ffd.md` 1).
 * Money is kopecks, quantities are decimal text with up to 3 places (NUM-03).
 */
import type { VatRate } from "@/lib/kit/vat.ts";

/** Tag 1214. 1 full prepayment, 2 prepayment, 3 advance, 4 full payment, 5 partial, 6 credit, 7 credit payment. */
export type SettlementMethod = 1 | 2 | 3 | 4 | 5 | 6 | 7;
/** Tag 1212 (the ones we use): 1 goods, 4 service, 10 payment. */
export type SettlementSubject = 1 | 2 | 3 | 4 | 10 | 13 | 30 | 31 | 32 | 33;
/** Tag 1054, and the corrections of both (FISC-31, FISC-32). */
export type ReceiptKind = "income" | "income_return" | "income_correction" | "income_return_correction";
/** Tag 1055 by name. */
export type TaxSystem = "osn" | "usn_income" | "usn_income_outcome" | "esn" | "patent";

export type ReceiptLine = {
  /** Tag 1030, cleaned, 1-128 characters. */
  name: string;
  /** Tag 1079. */
  priceKopecks: bigint;
  /** Tag 1023. */
  quantity: string;
  /** Tag 1043 = round(price x quantity), to the kopeck. */
  sumKopecks: bigint;
  vat: VatRate;
  vatKopecks: bigint;
  method: SettlementMethod;
  subject: SettlementSubject;
  /** Tag 2108; null = not sent. */
  measure: number | null;
  /** Our order line, for later returns (FISC-45); null for an advance. */
  orderLineId: string | null;
  /** Tag 2000: the code of one marked piece as the scanner read it (FISC-51); null = not marked. */
  markCode: string | null;
};

/** Why a correction is made: tags 1173, 1178, 1179. */
export type CorrectionCause = { basis: "own" | "order"; /** Day of the settlement, `YYYY-MM-DD`. */ settledOn: string; /** Of the tax office's order. */ orderNumber: string | null };

export type FiscalReceipt = {
  /** Unique in the account, [A-Za-z0-9_-], at most 64, with a random part. */
  externalId: string;
  kind: ReceiptKind;
  ffd: "1.05" | "1.2";
  taxSystem: TaxSystem;
  /** Tag 1008: e-mail or +phone. */
  contact: string;
  /** Organization or sole proprietor (FISC-29). */
  buyer: { name: string; inn: string | null } | null;
  lines: ReceiptLine[];
  payments: { electronicKopecks: bigint; cashKopecks: bigint; prepaidKopecks: bigint; creditKopecks: bigint };
  totalKopecks: bigint;
  /** Tag 1125. */
  internet: boolean;
  /** Tag 1117. */
  senderEmail: string | null;
  /** Tag 1187: site URL. */
  placeUrl: string | null;
  /** Comes back in the status: our receipt id. */
  meta: string | null;
  /** Of the kinds `…_correction` only. */
  correction: CorrectionCause | null;
  /** Tag 1192: fiscal sign of the wrong receipt that this one puts right (FISC-32, FFD 1.05). */
  additionalAttribute: string | null;
};

/** Fiscal data of a registered receipt. `registeredAtLocal` is the register's local time without a zone. */
export type FiscalData = {
  fnNumber: string;
  fdNumber: string;
  fiscalSign: string;
  registerNumber: string | null;
  registerSerial: string | null;
  shiftNumber: number | null;
  numberInShift: number | null;
  registeredAtLocal: string;
  ofdName: string | null;
  receiptUrl: string | null;
  /** String of the fiscal QR (ffd.md 6). */
  qr: string;
};

/** Answers of a register (ffd.md 7). */
export type SendOutcome =
  | { kind: "accepted"; /** 409: an earlier try had arrived. */ duplicate: boolean }
  | { kind: "retry"; afterMs: number; message: string }
  | { kind: "permanent"; code: string; message: string }
  | { kind: "blocked"; code: string; message: string }
  | { kind: "unknown"; message: string };

export type StatusOutcome =
  | { kind: "registered"; fiscal: FiscalData }
  | { kind: "pending" }
  | { kind: "absent" }
  | { kind: "permanent"; code: string; message: string }
  /** The id is burnt: send again with a new one (524). */
  | { kind: "expired" }
  | { kind: "blocked"; code: string; message: string }
  | { kind: "unknown"; message: string };

/** What goes over the wire, stored before the first send and reused byte for byte (fiscal README 4). `kind` and `ffd` name the door. */
export type PreparedReceipt = { body: string; sha256: string; kind: ReceiptKind; ffd: "1.05" | "1.2" };

export interface CashRegister {
  readonly provider: string;
  /** Pure: throws `ReceiptNotExpressible` when this service cannot say it. */
  prepare(receipt: FiscalReceipt): PreparedReceipt;
  send(prepared: PreparedReceipt, signal: AbortSignal): Promise<SendOutcome>;
  status(externalId: string, receipt: { totalKopecks: bigint; kind: ReceiptKind; ffd: "1.05" | "1.2" }, signal: AbortSignal): Promise<StatusOutcome>;
  /** Link that may be shown to the buyer, known before registration. */
  receiptUrl(externalId: string): string | null;
  check(signal: AbortSignal): Promise<{ name: string; ok: boolean; ms: number; advice: string | null }[]>;
}

/** True for the kinds that put an earlier mistake right. */
export const isCorrection = (kind: ReceiptKind): kind is "income_correction" | "income_return_correction" => kind.endsWith("_correction");

export class ReceiptNotExpressible extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
    this.name = "ReceiptNotExpressible";
  }
}
