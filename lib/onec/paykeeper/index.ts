/** PayKeeper-compatible door for 1C code that exists already (json-api.md 2). */
export { billUrl, readBills } from "./bill-rows.ts";
export { billSettings, billSubjects, billVatRates } from "./door-settings.ts";
export type { BillSettings, BillSubject } from "./door-settings.ts";
export { payKeeperRoute } from "./door.ts";
export { findBillPage } from "./list-bills.ts";
export { listBillBases, setUpBills } from "./set-up-bills.ts";
export type { BillBase } from "./set-up-bills.ts";
export { notifyPaid, oweNotice, wakeNotices } from "./notify-paid.ts";
