/** A document of the file to what we will do with it, or one reason why not. Pure. */
import { isKpp } from "@/lib/kit/requisites.ts";
import { innProblem } from "@/lib/kit/inn.ts";
import { sum } from "@/lib/kit/money.ts";
import { cutText } from "@/lib/kit/storable-text.ts";
import { rawOf } from "./document-text.ts";
import { hashOperation, hashOrder, hashStatus } from "./content-hash.ts";
import { leaveOutCancelled } from "./cancelled-lines.ts";
import { readLine, type ReadSettings } from "./read-line.ts";
import { plainWord } from "./read-values.ts";
import type { DraftBuyer, DraftLine, OnecOperation, OnecState, PayerKind, ReadOrder } from "./order-draft.ts";
import type { OnecBuyer, OnecDocument, OnecMarks } from "./types.ts";

export type { ReadSettings } from "./read-line.ts";

/** Lengths of the official schema (commerceml.md 5). Identifiers past them are refused, words for people are cut. */
const refLengthMax = 40;
const numberLengthMax = 255;
const nameLengthMax = 255;
const commentLengthMax = 3000;
const addressLengthMax = 500;

/** Thirteen digits of roubles, as one amount may have (kit/money). */
const kopecksMax = 999_999_999_999_999n;

const roubles = new Set(["643", "rub", "rur", "руб", "руб."]);

export function readOrder(document: OnecDocument, settings: ReadSettings): ReadOrder {
  const read = readContent(document, settings);
  const raw = rawOf(document);
  if (raw) read.raw = raw;
  return read;
}

function readContent(document: OnecDocument, settings: ReadSettings): ReadOrder {
  const refused = (reason: string): ReadOrder => ({
    kind: "refused",
    onecRef: document.ref.slice(0, refLengthMax),
    number: document.number.slice(0, numberLengthMax),
    reason,
  });
  const reason = unreadable(document);
  if (reason) return refused(reason);

  const warnings = [...document.warnings];
  const common = { onecRef: document.ref, number: document.number, container: document.container, warnings };
  const counted = document.version !== undefined && settings.countsVersions !== false ? { version: document.version } : {};
  if (document.kind === "other") {
    const operation = operationOf(document, settings, warnings);
    return { kind: "other", ...common, operation, contentHash: hashOperation(operation) };
  }

  const state = stateOf(document.marks);
  const operations = document.subordinates.map((each) => operationOf(each, settings, warnings));
  if (document.kind === "status") return { kind: "status", ...common, ...counted, state, operations, contentHash: hashStatus({ state, operations }) };

  const { totalKopecks, currency } = document;
  if (totalKopecks === null) return refused("нет суммы документа");
  if (!currency) return refused("не указана валюта");
  const foreign = foreignCurrency(currency);
  if (foreign) return refused(foreign);

  const lines: DraftLine[] = [];
  for (const [at, line] of document.lines.entries()) {
    const read = readLine(line, at + 1, settings, warnings);
    if (typeof read === "string") return refused(read);
    lines.push(read);
  }
  if (sum(lines.map((line) => line.sumKopecks)) > kopecksMax) return refused("сумма строк слишком велика");
  const linesMatchTotal = matchTotal(lines, totalKopecks, warnings);
  const content = {
    number: document.number,
    createdLocal: document.createdLocal,
    totalKopecks,
    linesMatchTotal,
    vatIncluded: document.lines.every((line) => line.vatIncluded),
    buyer: buyerOf(document.buyer, warnings),
    comment: document.comment === null ? null : cutText(document.comment, commentLengthMax),
    lines,
    state,
    operations,
  };
  return { kind: "order", ...common, ...counted, ...content, contentHash: hashOrder(content) };
}

/** A hundred dollars are not a hundred roubles. A document beside an order may name no currency. */
const foreignCurrency = (currency: string | null): string | null => (!currency || roubles.has(plainWord(currency)) ? null : `валюта ${currency.slice(0, 10)} не поддерживается, нужны рубли`);

function unreadable(document: OnecDocument): string | null {
  if (document.problem) return document.problem;
  if (!document.ref) return "нет идентификатора документа";
  if (document.ref.length > refLengthMax) return `идентификатор длиннее ${refLengthMax} знаков`;
  if (!document.number && document.kind !== "other") return "нет номера заказа";
  if (document.number.length > numberLengthMax) return `номер длиннее ${numberLengthMax} знаков`;
  return null;
}

/** CML-18: marks the lines that 1C cancelled, when only one choice of them gives the total. */
function matchTotal(lines: DraftLine[], totalKopecks: bigint, warnings: string[]): boolean {
  const excess = sum(lines.map((line) => line.sumKopecks)) - totalKopecks;
  if (excess === 0n) return true;
  const left = leaveOutCancelled(lines, excess);
  if (!left) {
    warnings.push("строки не сходятся с суммой");
    return false;
  }
  for (const line of left) line.included = false;
  return true;
}

function stateOf(marks: OnecMarks): OnecState {
  const shipped = fact(marks.shipmentNumber, marks.shipmentDateLocal);
  return {
    number: marks.onecNumber,
    dateLocal: marks.onecDateLocal,
    posted: marks.posted ?? false,
    deleted: marks.deleted ?? false,
    cancelled: marks.cancelled ?? false,
    // УНФ says «Оплачен», УТ only names the document.
    paid: fact(marks.paymentNumber, marks.paymentDateLocal) ?? (marks.paid ? { number: null, dateLocal: null } : null),
    shipped: marks.shipped ? { ...(shipped ?? { number: null, dateLocal: null }), byFlag: true } : shipped,
    unshipped: marks.shipped === false,
    statusText: marks.statusText,
    final: marks.final ?? false,
  };
}

const fact = (number: string | null, dateLocal: string | null) => (number || dateLocal ? { number, dateLocal } : null);

/** A document beside the order. What of it cannot be read is left out with a warning: the order itself is fine. */
function operationOf(document: OnecDocument, settings: ReadSettings, warnings: string[]): OnecOperation {
  const name = document.operation.slice(0, 40) || "документ";
  const problem = document.problem ?? foreignCurrency(document.currency);
  if (problem) warnings.push(`${name}: ${problem}`);
  const lines: DraftLine[] = [];
  for (const [at, line] of (problem ? [] : document.lines).entries()) {
    const read = readLine(line, at + 1, settings, warnings);
    if (typeof read !== "string") lines.push(read);
    else {
      warnings.push(`${name}: ${read}`);
      lines.length = 0;
      break;
    }
  }
  const { ref, number, operation, createdLocal, baseRef, container, marks } = document;
  const totalKopecks = foreignCurrency(document.currency) ? null : document.totalKopecks;
  return { ref: ref.slice(0, refLengthMax), number: number.slice(0, numberLengthMax), operation, createdLocal, totalKopecks, baseRef, container, marks, lines };
}

function buyerOf(buyer: OnecBuyer | null, warnings: string[]): DraftBuyer {
  if (!buyer) {
    return { ref: null, kind: "unknown", name: "", fullName: "", inn: null, kpp: null, address: null, phone: null, email: null };
  }
  const inn = buyer.inn && /^(?:\d{10}|\d{12})$/.test(buyer.inn) ? buyer.inn : null;
  // INV-12: what came from 1C is warned about, never refused.
  if (buyer.inn && innProblem(buyer.inn)) warnings.push(`ИНН покупателя «${buyer.inn.slice(0, 20)}» не проходит проверку`);
  const kpp = buyer.kpp && isKpp(buyer.kpp) ? buyer.kpp : null;
  if (buyer.kpp && !kpp) warnings.push(`КПП покупателя «${buyer.kpp.slice(0, 20)}» не распознан`);
  const kind = payerKind(buyer, inn);
  return {
    ref: buyer.ref,
    kind,
    name: cutText(buyer.name, nameLengthMax),
    fullName: cutText(buyer.fullName ?? buyer.name, nameLengthMax),
    inn,
    kpp: kind === "organization" ? kpp : null,
    address: buyer.address === null ? null : cutText(buyer.address, addressLengthMax),
    phone: buyer.phone,
    email: buyer.email,
  };
}

/** commerceml.md 7, point 8: the official name makes a company, an INN makes a person a sole trader; 12 digits are never a company. */
function payerKind(buyer: OnecBuyer, inn: string | null): PayerKind {
  if (inn?.length === 12) return "sole_proprietor";
  if (buyer.form === "legal" || inn?.length === 10) return "organization";
  return "individual";
}
