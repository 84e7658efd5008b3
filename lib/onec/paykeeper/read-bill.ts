/** Fields of `preview` to what a bill is made of, or one Russian line that names the field at fault (API-3, API-4, API-12). Pure. */
import { parseContact } from "@/lib/kit/contact.ts";
import { parseRubles } from "@/lib/kit/money.ts";
import { DAY_MS, addMs, instantOfLocal } from "@/lib/kit/time.ts";

export const previewFields = ["token", "clientid", "orderid", "service_name", "client_email", "client_phone", "expiry", "pay_amount"] as const;
export type PreviewValues = Record<(typeof previewFields)[number], string>;

/** What 1C asks for. `orderRef` is empty when it named no order (API-11). */
export type AskedBill = {
  orderRef: string;
  amountKopecks: bigint;
  serviceName: string;
  clientName: string;
  email: string;
  phone: string | null;
  /** First moment at which it may not be paid any more. */
  expiresAt: Date | null;
};

/** The same limit as for sums that people enter. */
const AMOUNT_MAX_KOPECKS = 10_000_000_000_000n;
const LENGTHS = { orderid: 100, service_name: 500, clientid: 255 } as const;
/** Farther away it is a slip of the pen. */
const EXPIRY_MAX_MS = 10 * 366 * DAY_MS;

export function readBill(values: PreviewValues, { now, zone }: { now: Date; zone: string }): AskedBill | { problem: string } {
  for (const [field, label] of [["orderid", "Номер заказа"], ["service_name", "Наименование услуги"], ["clientid", "Имя клиента"]] as const) {
    if (values[field].length > LENGTHS[field]) return { problem: `${label} (${field}) длиннее ${LENGTHS[field]} знаков` };
  }
  const amountKopecks = amountOf(values.pay_amount);
  if (amountKopecks === null) return { problem: values.pay_amount === "" ? "Не указана сумма (pay_amount)" : `Сумма (pay_amount) «${values.pay_amount.slice(0, 30)}» не читается: нужно число больше нуля, копеек не больше двух знаков` };
  if (values.client_email === "") return { problem: "Не указан e-mail клиента (client_email): на него придут счёт и чек" };
  const email = parseContact(values.client_email);
  if ("error" in email || email.kind !== "email") return { problem: `E-mail клиента (client_email) «${values.client_email.slice(0, 64)}» написан с ошибкой` };
  const phone = values.client_phone === "" ? null : parseContact(values.client_phone);
  if (phone && ("error" in phone || phone.kind !== "phone")) return { problem: `Телефон клиента (client_phone) «${values.client_phone.slice(0, 30)}» написан с ошибкой: нужен номер вида +79161234567` };
  const expiresAt = expiryOf(values.expiry, zone);
  if (expiresAt === undefined) return { problem: `Срок действия счёта (expiry) «${values.expiry.slice(0, 30)}» не читается: нужна дата вида 2026-12-31` };
  if (expiresAt && expiresAt <= now) return { problem: "Срок действия счёта уже истёк" };
  if (expiresAt && expiresAt > addMs(now, EXPIRY_MAX_MS)) return { problem: "Срок действия счёта (expiry) дальше десяти лет: проверьте год" };
  return { orderRef: values.orderid, amountKopecks, serviceName: values.service_name, clientName: values.clientid, email: email.value, phone: phone && "value" in phone ? phone.value : null, expiresAt };
}

function amountOf(text: string): bigint | null {
  try {
    const kopecks = parseRubles(text);
    return kopecks > 0n && kopecks <= AMOUNT_MAX_KOPECKS ? kopecks : null;
  } catch {
    return null;
  }
}

/** Null: no limit (also 1C's empty date, year 1). Undefined: no date at all. */
export function expiryOf(text: string, zone: string): Date | null | undefined {
  if (text === "") return null;
  const packed = /^(\d{4})(\d{2})(\d{2})(?:\d{6})?$/.exec(text);
  const dashed = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}:\d{2}(?::\d{2})?))?$/.exec(text);
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?: (\d{1,2}:\d{2}(?::\d{2})?))?$/.exec(text);
  // Hours of the packed form are dropped: the published code sends the text of a day there (API-3).
  const [year, month, day, time] = packed ? [packed[1], packed[2], packed[3], undefined] : dashed ? dashed.slice(1) : dotted ? [dotted[3], dotted[2], dotted[1], dotted[4]] : [];
  if (!year || !month || !day) return undefined;
  if (year === "0001") return null;
  return instantOfLocal(`${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}T${time ?? "00:00:00"}`, zone) ?? undefined;
}
