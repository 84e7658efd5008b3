/** One row of a registry to an operation in our terms, or the reason why it is set aside. Pure. */
import { MoneyFormatError, parseRubles } from "@/lib/kit/money.ts";
import { redactText } from "@/lib/kit/redact.ts";
import { DAY_MS, instantOfLocal, localDate } from "@/lib/kit/time.ts";
import type { RegistryEntryKind } from "@/lib/reconciliation/states.ts";
import type { ColumnMap, RegistryColumn } from "./columns.ts";
import type { RegistryRow } from "./csv-rows.ts";
import { registryLimits } from "./refused.ts";

/** Amounts in kopecks; `amountKopecks` is gross and positive. */
export type RegistryOperation = {
  lineNo: number;
  kind: RegistryEntryKind;
  providerPaymentId: string;
  providerOperationId: string | null;
  reference: string | null;
  amountKopecks: bigint;
  feeKopecks: bigint | null;
  feeVatKopecks: bigint | null;
  occurredAt: Date;
  businessDate: string;
  payoutId: string | null;
  payoutDate: string | null;
  instrument: string | null;
  raw: string | null;
};

export const registryProblemCodes = [
  "AMOUNT", "ZERO_AMOUNT", "NEGATIVE_AMOUNT", "FEE", "NEGATIVE_FEE", "CURRENCY", "DATE", "NO_ID", "TOO_LONG", "OPERATION", "NOT_DONE", "OTHER_MERCHANT",
  "DUPLICATE_IDENTICAL", "DUPLICATE_OTHER_SUM", "CLOSED_DAY",
] as const;
export type RegistryProblemCode = (typeof registryProblemCodes)[number];
/** `text` is Russian, for the person who uploaded the file. */
export type RegistryProblem = { lineNo: number; code: RegistryProblemCode; text: string; raw: string };

export type RegistryLine = { operation: RegistryOperation; problem?: undefined } | { problem: RegistryProblem; operation?: undefined } | null;

/** Whose registry it must be, and in which zone its times are. Empty lists check nothing. */
export type RegistryOwner = { merchantIds: readonly string[]; inn: string | null; zone: string };

const ID_MAX = 128;
/** Operations that are none of ours: fees, payouts, and the end of a refund, which is money in under the word of money out. */
const noOperation = /комисс|тариф|(^|[^a-z])(fee|fees|commission|payout|repayment)([^a-z]|$)|(^|[^а-я])выплат|(отмена|сторно|аннулирование)\s+возврат|refund\s+(reversal|cancel)|(reversal|cancel\S*)\s+(of\s+)?(the\s+)?refund/u;
/** The buyer's bank took the money: «возврат по чарджбэку» means the same as the chargeback itself. */
const takenByChargeback = /возврат\s+по\s+(опротест|чардж|charge|диспут|спор|претенз)/u;
const kinds: readonly [RegExp, RegistryEntryKind][] = [
  [/(возврат|отмена|снятие|отзыв|выигран).{0,20}(опротест|чардж|charge|диспут|спор|претенз)|chargeback.?revers|representment/u, "chargeback_reversed"],
  [/опротест|чардж|charge.?back|диспут|dispute|претенз/u, "chargeback"],
  [/возврат|refund|return|отмена|reversal|сторно|void/u, "refund"],
  [/оплат|платеж|покупк|продаж|списан|зачислен|расчет|sale|payment|purchase|capture|charge|debit|pay|qr|сбп|sbp/u, "payment"],
];
const notDone = /отклон|ошибк|неуспе|отказ|отмен|аннулир|истек|(^|\s)не\s?(успе|исполн|провед|оплач|заверш|обработ|подтвержд)|fail|declin|reject|cancel|void|expired|ожида|обработк|обрабатыв|pending|processing|created|(^|\s)new$/u;
const roubles = new Set(["", "rub", "rur", "643", "810", "руб", "р", "₽", "рубль", "рубли", "российский рубль"]);
const totalRow = /^(итог|всего|total|subtotal)/u;

class SetAside extends Error {
  readonly code: RegistryProblemCode;
  constructor(code: RegistryProblemCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Null for a row that says nothing of an operation (a total, an empty row). */
export function readLine(row: RegistryRow, columns: ColumnMap, owner: RegistryOwner): RegistryLine {
  const first = row.cells.find((cell) => cell.trim() !== "")?.trim().toLowerCase();
  if (first === undefined || totalRow.test(first)) return null;
  try {
    return { operation: readOperation(row, columns, owner) };
  } catch (error) {
    if (!(error instanceof SetAside)) throw error;
    return { problem: { lineNo: row.lineNo, code: error.code, text: error.message, raw: rawOf(row) } };
  }
}

/** What the bank wrote, without card numbers and contacts (SEC-03), cut to a size that a table bears. */
const rawOf = (row: RegistryRow): string => redactText(row.cells.map((cell) => cell.trim()).join(" | ").slice(0, 1_000));

function readOperation(row: RegistryRow, columns: ColumnMap, owner: RegistryOwner): RegistryOperation {
  const cell = (column: RegistryColumn): string => {
    const at = columns[column];
    const text = at === undefined ? "" : (row.cells[at] ?? "").trim();
    if (text.length > registryLimits.cellMax) throw new SetAside("TOO_LONG", "Слишком длинный текст в ячейке");
    return text;
  };
  checkOwner(cell, owner);
  if (!roubles.has(cell("currency").toLowerCase().replace(/[\s.]/gu, ""))) throw new SetAside("CURRENCY", `Валюта «${cell("currency").slice(0, 20)}»: учитываются только рубли`);
  if (notDone.test(cell("status").toLowerCase().replace(/ё/gu, "е"))) throw new SetAside("NOT_DONE", `Операция не исполнена: «${cell("status").slice(0, 40)}»`);

  const signed = money(cell("amount"), "AMOUNT", "Сумма");
  if (signed === null) throw new SetAside("AMOUNT", "Нет суммы");
  if (signed === 0n) throw new SetAside("ZERO_AMOUNT", "Сумма равна нулю");
  const kind = kindOf(cell("operation").toLowerCase().replace(/ё/g, "е"), signed);
  if (signed < 0n && kind === "payment") throw new SetAside("NEGATIVE_AMOUNT", "Отрицательная сумма у оплаты");
  const feeKopecks = fee(cell("fee"), "Комиссия");
  const feeVatKopecks = fee(cell("feeVat"), "НДС с комиссии");
  const { at: occurredAt, day: businessDate } = momentOf(cell("date"), cell("time"), owner.zone);
  const amountKopecks = signed < 0n ? -signed : signed;

  const [paymentId, operationId, rrn, reference] = [cell("paymentId"), cell("operationId"), cell("rrn"), cell("reference")].map((text) => text.replace(/^'/, ""));
  if ([paymentId, operationId, rrn, reference].some((text) => text!.length > ID_MAX)) throw new SetAside("TOO_LONG", "Слишком длинный номер операции");
  const named = paymentId || (rrn && `rrn:${rrn}`) || (kind === "payment" && operationId) || (reference && `ref:${reference}`) || "";
  if (named === "") throw new SetAside("NO_ID", "Нет номера платежа");
  const ownId = operationId || (paymentId && rrn ? rrn : "") || `${named}#${occurredAt.toISOString()}#${amountKopecks}`;
  const payoutDay = cell("payoutDate");
  return {
    lineNo: row.lineNo,
    kind,
    providerPaymentId: named,
    providerOperationId: kind === "payment" ? null : ownId,
    reference: reference || null,
    amountKopecks,
    feeKopecks,
    feeVatKopecks,
    occurredAt,
    businessDate,
    payoutId: cell("payoutId").slice(0, ID_MAX) || null,
    payoutDate: payoutDay === "" ? null : momentOf(payoutDay, "", owner.zone).day,
    instrument: /(\d{4})\D*$/.exec(cell("card"))?.[1] ?? null,
    raw: rawOf(row),
  };
}

function checkOwner(cell: (column: RegistryColumn) => string, owner: RegistryOwner): void {
  const merchant = cell("merchant");
  if (merchant !== "" && owner.merchantIds.length > 0 && !owner.merchantIds.includes(merchant)) throw new SetAside("OTHER_MERCHANT", `Чужой терминал ${merchant.slice(0, 40)}`);
  const inn = cell("inn").replace(/\D/g, "");
  if (inn !== "" && owner.inn !== null && inn !== owner.inn) throw new SetAside("OTHER_MERCHANT", `Чужой ИНН ${inn.slice(0, 12)}`);
}

function kindOf(word: string, signed: bigint): RegistryEntryKind {
  if (word === "") return signed < 0n ? "refund" : "payment";
  const found = noOperation.test(word) ? undefined : takenByChargeback.test(word) && !/выигран/u.test(word) ? (["", "chargeback"] as const) : kinds.find(([shape]) => shape.test(word));
  // Money won back comes in; the same words with a minus say something else.
  if (!found || (found[1] === "chargeback_reversed" && signed < 0n)) throw new SetAside("OPERATION", `Неизвестный вид операции «${word.slice(0, 40)}»`);
  return found[1];
}

function money(text: string, code: RegistryProblemCode, what: string): bigint | null {
  if (text === "") return null;
  try {
    return parseRubles(text.replace(/\s*(rub|rur)$/i, ""));
  } catch (error) {
    if (!(error instanceof MoneyFormatError)) throw error;
    throw new SetAside(code, /[.,]\d{3,}$/.test(text) ? `${what} «${text.slice(0, 30)}»: больше двух знаков после запятой` : `${what} «${text.slice(0, 30)}» не читается`);
  }
}

function fee(text: string, what: string): bigint | null {
  const value = money(text, "FEE", what);
  if (value !== null && value < 0n) throw new SetAside("NEGATIVE_FEE", `${what} отрицательная: ${text.slice(0, 30)}`);
  return value;
}

type Moment = { at: Date; day: string };

/** `21.11.2026 10:16:40`, `2026-11-21T10:16:40+03:00`, `21/11/2026`, or a workbook's own number of days; with its day in the zone. */
function momentOf(date: string, time: string, zone: string): Moment {
  const text = /^\d{1,2}:\d{2}/.test(time) && !/[T ]\d/.test(date) && !/^\d+(\.\d+)?$/.test(date) ? `${date} ${time}` : date;
  const found = offsetMoment(text, zone) ?? wallMoment(wallText(text), zone);
  if (!found || found.day < "2010-01-01" || found.day > "2100-01-01") throw new SetAside("DATE", text === "" ? "Нет даты" : `Дата «${text.slice(0, 30)}» не читается`);
  return found;
}

/** A time that names its own offset. */
function offsetMoment(text: string, zone: string): Moment | null {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text)) return null;
  const at = new Date(text.replace(" ", "T"));
  // JavaScript takes the 31st of February for the 3rd of March.
  const day = text.slice(0, 10);
  const start = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(start.getTime()) || !start.toISOString().startsWith(day) || Number.isNaN(at.getTime()) ? null : { at, day: localDate(at, zone) };
}

/** The shop's wall clock as `YYYY-MM-DD[ HH:MM[:SS]]`. */
function wallText(text: string): string {
  const russian = /^(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})(?:\s*г\.?)?(?:[T ,]+(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?(?:\s*\(?(?:мск|msk)\)?)?$/iu.exec(text);
  if (russian) return `${russian[3]!.length === 2 ? `20${russian[3]}` : russian[3]}-${russian[2]!.padStart(2, "0")}-${russian[1]!.padStart(2, "0")}${russian[4] ? ` ${russian[4]}` : ""}`;
  // Days since 30.12.1899 as a sheet keeps them, to the second.
  if (/^\d{5}(\.\d+)?$/.test(text)) return new Date(Date.UTC(1899, 11, 30) + Math.round((Number(text) * DAY_MS) / 1_000) * 1_000).toISOString().slice(0, 19);
  return text;
}

/** The zone's offset of a day whose clock does not change. Asking the calendar for each line took half of the whole reading (measured). */
const offsets = new Map<string, number | null>();
const OFFSETS_MAX = 2_000;

function wallMoment(text: string, zone: string): Moment | null {
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(text.replace(/\.\d+$/, ""));
  if (!parts) return null;
  const [, day, h = "0", m = "0", s = "0"] = parts;
  const key = `${zone} ${day}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    const [start, end] = [instantOfLocal(`${day}T00:00:00`, zone), instantOfLocal(`${day}T23:59:59`, zone)];
    if (!start || !end) return null;
    offset = end.getTime() - start.getTime() === DAY_MS - 1_000 ? start.getTime() - Date.parse(`${day}T00:00:00Z`) : null;
    if (offsets.size >= OFFSETS_MAX) offsets.clear();
    offsets.set(key, offset);
  }
  if (Number(h) > 23 || Number(m) > 59 || Number(s) > 59) return null;
  const at = offset === null ? instantOfLocal(text, zone) : new Date(Date.parse(`${day}T00:00:00Z`) + offset + (Number(h) * 3_600 + Number(m) * 60 + Number(s)) * 1_000);
  return at && { at, day: day! };
}
