import type { Sql, Tx } from "@/db/index.ts";

/** Default settings of domain 11. Durations in ms, sums in kopecks as text. A changed one stands in `settings`. */
export const defaults = {
  "link.validDays": 3,
  "attempt.unknownToFailedMinutes": 15,
  "b2bOnlineReceiptPolicy": "always" as "always" | "never" | "sbp_only",
  "receipt.alarmMinutes": 15,
  "receipt.criticalMinutes": 240,
  "invoice.validDays": 14,
  /** LOST-05: what becomes of money for an order that may not be paid any more. */
  lateSuccessPolicy: "manual" as "manual" | "auto_refund" | "reactivate",
  autoRefundDoublePayment: false,
  /** SEC-12, kopecks as text: up to the first nobody needs to approve (0 = off), above the second the director does. */
  refundAutoApproveLimit: "0",
  refundDirectorAbove: "3000000",
  /** FISC-10: what counts as hand-over. */
  closingTrigger: "shipment_posted" as "shipment_posted" | "handed_over" | "never",
  /** FISC-13, FISC-24: what of a person's part-prepaid hand-over is still unpaid: our credit, or money for the store's own register. A buyer with deferral always gets credit. */
  "closing.unpaidRest": "credit" as "credit" | "store_register",
  /** FISC-31: until when a late receipt is an ordinary one. */
  "receipt.ordinaryUntil": "next_working_day" as "next_working_day" | "always",
  /** REC-04: so long a difference may still come right by itself. Working days, working days, working days, minutes, minutes. */
  "recon.registrySlaDays": 2,
  "recon.bankSlaDays": 3,
  "recon.refundSlaDays": 5,
  "recon.onecSlaMinutes": 60,
  "recon.receiptSlaMinutes": 15,
  /** LOST-23: a known company's transfer without an order becomes its advance by itself. */
  "bank.autoAdvance": true,
  /** ALR-18: statements are expected of every seller; off: of those who have uploaded one. */
  "recon.bankStatements": false,
  /** PIL-02: cap of a new pilot batch. */
  "pilot.maxOrders": 50,
  /** PIL-06, the exit rule: paid orders, payments by each method in use, refunds, receipts that failed and were brought to an end, closed days. */
  "pilot.exitOrders": 30,
  "pilot.exitPerMethod": 3,
  "pilot.exitRefunds": 2,
  "pilot.exitDrills": 1,
  "pilot.exitClosedDays": 7,
  "onec.createOrders": true,
  "onec.zeroRateMeans": "none" as "none" | "vat0",
  "onec.confirmHours": 24,
  "onec.silentMinutes": 15,
  /** How long the journal of messages with 1C is kept; what still waits for somebody stays. */
  "onec.messageDays": 180,
  /** How long the journal of calls of 1C is kept. */
  "onec.callDays": 180,
  "b2b.shiftToWorkingDay": true,
  /** The buyer gets a letter about each document that 1C gives him, and how long the address in it opens (INV-16). */
  "document.letters": true,
  "document.linkDays": 30,
};
export type SettingKey = keyof typeof defaults;

/** The setting's present value: what staff stored, else the default. */
export async function readSetting<K extends SettingKey>(on: Sql | Tx, key: K): Promise<(typeof defaults)[K]> {
  const [row] = await on<{ value: (typeof defaults)[K] }[]>`select value from settings where key = ${key}`;
  return row ? row.value : defaults[key];
}
