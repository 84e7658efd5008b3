/** One document of a statement in our terms: BNK-4 … BNK-8 and the kinds of section 5. Pure. */
import type { bankLineKinds } from "@/db/schema/reconciliation.ts";
import { parseRubles } from "@/lib/kit/money.ts";
import { digits } from "./parse-statement.ts";
import type { Section } from "./parse-statement.ts";

export type BankLineKind = (typeof bankLineKinds)[number];
export type BankDocument = {
  lineNo: number;
  account: string;
  direction: "credit" | "debit";
  kind: BankLineKind;
  documentKind: string;
  number: string | null;
  receivedOn: string;
  amountKopecks: bigint;
  payerName: string | null;
  payerInn: string | null;
  payerAccount: string | null;
  purpose: string;
  raw: string;
};
/** `foreign`: neither side is ours. `unreadable`: shown with its line number and not guessed at. */
export type ReadDocument = { kind: "taken"; document: BankDocument } | { kind: "foreign" | "unreadable"; text: string };

export function readDocument(section: Section, own: { accounts: ReadonlySet<string>; inns: ReadonlySet<string> }): ReadDocument {
  const value = (key: string) => section.values.get(key.toLowerCase()) ?? "";
  const payerAccount = digits(value("ПлательщикСчет") || value("ПлательщикРасчСчет"));
  const payeeAccount = digits(value("ПолучательСчет") || value("ПолучательРасчСчет"));
  const [isCredit, isDebit] = [own.accounts.has(payeeAccount), own.accounts.has(payerAccount)];
  if (!isCredit && !isDebit) return { kind: "foreign", text: `Строка ${section.lineNo}: документ ${value("Номер") || "б/н"} не по нашим счетам` };
  // Both halves of an own transfer come; the half with a date of writing off is the debit one.
  const direction = isCredit && !(isDebit && value("ДатаСписано") !== "" && value("ДатаПоступило") === "") ? "credit" : "debit";
  const amountKopecks = amountOf(value("Сумма"));
  if (amountKopecks === null || amountKopecks <= 0n) return { kind: "unreadable", text: `Строка ${section.lineNo}: сумма «${value("Сумма").slice(0, 30)}» документа ${value("Номер") || "б/н"} не читается или не больше нуля` };
  const receivedOn = dayOf(direction === "credit" ? value("ДатаПоступило") : value("ДатаСписано")) ?? dayOf(value("Дата"));
  if (!receivedOn) return { kind: "unreadable", text: `Строка ${section.lineNo}: у документа ${value("Номер") || "б/н"} нет даты` };
  const payer = payerOf(value);
  const purpose = purposeOf(value);
  const plain = {
    lineNo: section.lineNo, account: direction === "credit" ? payeeAccount : payerAccount, direction, documentKind: section.name, number: value("Номер") || null, receivedOn, amountKopecks,
    payerName: payer.name, payerInn: payer.inn, payerAccount: payerAccount || null, purpose, raw: section.raw,
  } as const;
  const isBudget = ["ПоказательКБК", "СтатусСоставителя"].some((key) => value(key) !== "" && value(key) !== "0");
  return { kind: "taken", document: { ...plain, kind: kindOf({ ...plain, isOwn: isCredit && isDebit, isBudget, receipt: value("КвитанцияСодержание"), payerCorrespondent: digits(value("ПлательщикРасчСчет")) }, own.inns) } };
}

/** BNK-4: spaces gone, `,` `-` `=` before the last one or two digits is the point. "a + b" is shown, never added up. */
export function amountOf(text: string): bigint | null {
  const plain = text.replace(/[\s\u00A0\u202F']/gu, "").replace(/[,\-=](\d{1,2})$/, ".$1");
  if (!/^\d{1,13}(\.\d{1,2})?$/.test(plain)) return null;
  return parseRubles(plain);
}

/** BNK-5. */
export function dayOf(text: string): string | null {
  const found = /^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})$/.exec(text.trim());
  if (!found) return null;
  const [, d, m, y] = found;
  const year = y!.length === 4 ? Number(y) : Number(y) < 50 ? 2000 + Number(y) : 1900 + Number(y);
  const day = `${year}-${m!.padStart(2, "0")}-${d!.padStart(2, "0")}`;
  const check = new Date(`${day}T00:00:00Z`);
  return year >= 2000 && year <= 2100 && !Number.isNaN(check.getTime()) && check.toISOString().startsWith(day) ? day : null;
}

/** BNK-7. */
function payerOf(value: (key: string) => string): { name: string | null; inn: string | null } {
  const full = (value("Плательщик1") || value("Плательщик")).trim();
  const lead = /^(?:ИНН\s*)?(\d{12}|\d{10})(?:\/\d{9})?\s*(?:КПП\s*\d{9}\s*)?/iu.exec(full);
  const name = (lead ? full.slice(lead[0].length) : full).trim();
  const inn = digits(value("ПлательщикИНН")) || lead?.[1] || "";
  return { name: name || null, inn: /^0*$/.test(inn) ? null : inn };
}

const PART_FULL = [35, 60];

/** BNK-8: parts are cut in the middle of a word when one of them is full. */
function purposeOf(value: (key: string) => string): string {
  const whole = value("НазначениеПлатежа");
  if (whole !== "") return whole;
  const parts = [1, 2, 3, 4, 5, 6].map((no) => value(`НазначениеПлатежа${no}`)).filter((part) => part !== "");
  return parts.join(parts.some((part) => PART_FULL.includes(part.length)) ? "" : " ");
}

type Classified = { direction: "credit" | "debit"; documentKind: string; payerInn: string | null; payerAccount: string | null; payerCorrespondent: string; purpose: string; isOwn: boolean; isBudget: boolean; receipt: string };

const settlementAccounts = /^(30232|30233|47422|40907|30302)/;

/** Section 5: what a line means before anything is matched with it. */
export function kindOf(line: Classified, ownInns: ReadonlySet<string>): BankLineKind {
  const purpose = line.purpose.toLowerCase().replace(/ё/g, "е");
  if (line.isOwn || (line.payerInn !== null && ownInns.has(line.payerInn) && line.direction === "credit")) return "own_transfer";
  if (line.direction === "debit") return /комисс|тариф|обслуживани[ея] счет/u.test(purpose) ? "fee" : "other";
  if (line.isBudget) return "other";
  if (/^20(202|208)/.test(line.payerAccount ?? "")) return "other";
  if (/^\s*возврат/u.test(purpose)) return "returned";
  const speaksOfCards = /эквайр|мерчант|реестр[ау]? операций|возмещ.{0,60}комис|комис.{0,60}возмещ/u.test(purpose);
  const mayMeanCards = /реестр|возмещ|терминал|выплат/u.test(purpose);
  const fromSettlement = settlementAccounts.test(line.payerAccount ?? "") || settlementAccounts.test(line.payerCorrespondent);
  const speaksOfSbp = /сбп|систем\S* быстр\S* платеж|qr-код/u.test(purpose);
  const isPerson = /^408(17|20|02)/.test(line.payerAccount ?? "") || line.payerInn?.length === 12;
  if (speaksOfSbp) return isPerson ? "candidate" : "sbp_settlement";
  if (!isPerson && (speaksOfCards || (fromSettlement && mayMeanCards))) return "acquirer_settlement";
  if (/комисс/u.test(line.receipt.toLowerCase()) || (/банковский ордер/iu.test(line.documentKind) && /комисс/u.test(purpose) && !/возмещ/u.test(purpose))) return "fee";
  return "candidate";
}
