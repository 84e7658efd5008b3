import type { WireStep } from "../core/steps.ts";

/** One row of the array that the code sends; texts as it glues them into the body. */
export type BillRow = {
  no: number;
  clientid: string;
  orderid: string;
  service_name: string;
  client_email: string;
  client_phone: string;
  expiry: string;
  pay_amount: string;
  invoiceId: string;
  invoiceUrl: string;
  /** The invoice went to the buyer; the row is not sent again by itself. */
  isSent: boolean;
  status: string;
  /** What the code showed to the manager. */
  says: string[];
};

/** «Операция по платёжной карте» by the invoice: one for each invoice id. */
export type BillDocument = { invoiceId: string; orderid: string; number: string; at: number; sum: bigint; paymentId: string; paidAt: string };

export type BillRun = { at: number; ok: boolean; error: string | null; steps: WireStep[]; sent: number; booked: number };

export type BillSettings = {
  siteUrl: string;
  login: string;
  password: string;
  /** Whether the platform copies the header map of `preview` into `send` is unconfirmed. */
  keepHeaders: boolean;
  expectContinue: boolean;
  waitForChallenge: boolean;
  scheduleOn: boolean;
  scheduleSeconds: number;
  clockShiftSeconds: number;
};

export type BillState = { rows: BillRow[]; documents: BillDocument[]; runs: BillRun[]; lastDocument: number; settings: BillSettings };

export const freshBills = (): BillState => ({
  rows: [],
  documents: [],
  runs: [],
  lastDocument: 40,
  settings: { siteUrl: "", login: "", password: "", keepHeaders: true, expectContinue: false, waitForChallenge: false, scheduleOn: false, scheduleSeconds: 60, clockShiftSeconds: 0 },
});
