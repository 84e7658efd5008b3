import type { Sql, Tx } from "@/db/index.ts";

/** Default settings of domain 11. Durations in ms, sums in kopecks as text. A changed one stands in `settings`. */
export const defaults = {
  "link.validDays": 3,
  "attempt.unknownToFailedMinutes": 15,
  "b2bOnlineReceiptPolicy": "always" as "always" | "never" | "sbp_only",
  "receipt.alarmMinutes": 15,
  "receipt.criticalMinutes": 240,
  "invoice.validDays": 14,
  "onec.createOrders": true,
  "onec.zeroRateMeans": "none" as "none" | "vat0",
  "onec.confirmHours": 24,
  "onec.silentMinutes": 15,
  "b2b.shiftToWorkingDay": true,
};
export type SettingKey = keyof typeof defaults;

/** The setting's present value: what staff stored, else the default. */
export async function readSetting<K extends SettingKey>(on: Sql | Tx, key: K): Promise<(typeof defaults)[K]> {
  const [row] = await on<{ value: (typeof defaults)[K] }[]>`select value from settings where key = ${key}`;
  return row ? row.value : defaults[key];
}
