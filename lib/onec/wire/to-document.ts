/** Texts of a `<Документ>` to typed values. Never throws: what cannot be read becomes the document's `problem`. */
import { digitsOnly } from "@/lib/kit/inn.ts";
import { parseContact } from "@/lib/kit/contact.ts";
import { normalizeQuantity, QuantityFormatError, QuantityPrecisionError } from "@/lib/kit/quantity.ts";
import { readMarks } from "./read-marks.ts";
import { plainWord, readAmount, readFlag, readLocalTime, readRef } from "./read-values.ts";
import type { EchoLine, RawBuyer, RawDocument, RawTax } from "./raw-document.ts";
import type { OnecBuyer, OnecDocument, OnecLine } from "./types.ts";

/** Where the first problem and all warnings of a document gather. */
export type Notes = { problem: string | null; warnings: string[] };

const complain = (notes: Notes, reason: string) => {
  notes.problem ??= reason;
};

const shown = (text: string) => `«${text.slice(0, 40)}»`;

/** Documents beside an order whose lines say what left and what came back. */
const goodsOperations = new Set(["отпуск товара", "возврат товара"]);

export function toDocument(raw: RawDocument, container: number | null): OnecDocument {
  const notes: Notes = { problem: null, warnings: [] };
  const isOrder = plainWord(raw.operation ?? "") === "заказ товара";
  const hasGoods = isOrder || goodsOperations.has(plainWord(raw.operation ?? ""));
  const lines = hasGoods ? (raw.lines ?? []).map((line, at) => toLine(line, at + 1, documentVat(raw), notes)) : [];
  return {
    kind: isOrder ? (lines.length > 0 ? "order" : "status") : "other",
    ref: readRef(raw.id ?? ""),
    number: raw.number ?? "",
    operation: raw.operation ?? "",
    createdLocal: created(raw, notes),
    currency: raw.currency ?? null,
    totalKopecks: amount(raw.sum, "сумма документа", notes),
    comment: raw.comment ?? null,
    buyer: toBuyer(raw.buyers ?? [], notes),
    lines,
    marks: readMarks(raw, notes),
    ...(/^\d{1,15}$/.test(raw.version ?? "") && { version: Number(raw.version) }),
    baseRef: raw.base === undefined ? null : readRef(raw.base),
    container,
    subordinates: (raw.subordinates ?? []).map((each) => toDocument(each, null)),
    ...notes,
  };
}

function created(raw: RawDocument, notes: Notes) {
  if (!raw.date) return null;
  const read = readLocalTime(raw.time ? `${raw.date}T${raw.time}` : raw.date) ?? readLocalTime(raw.date);
  if (!read) complain(notes, `дата документа не читается: ${shown(raw.date)}`);
  return read;
}

function amount(text: string | undefined, what: string, notes: Notes) {
  if (text === undefined) return null;
  const kopecks = readAmount(text);
  if (kopecks === null) complain(notes, `${what} не читается: ${shown(text)}`);
  else if (kopecks < 0n) complain(notes, `${what} меньше нуля: ${shown(text)}`);
  return kopecks;
}

const vatOf = (taxes: RawTax[] | undefined) => taxes?.find((tax) => plainWord(tax.name ?? "").includes("ндс"));
const documentVat = (raw: RawDocument) => readFlag(vatOf(raw.taxes)?.included);

function toLine(echo: EchoLine, position: number, vatIncludedByDocument: boolean | null, notes: Notes): OnecLine {
  const where = `в строке ${position}`;
  const vat = vatOf(echo.taxes);
  const sumKopecks = amount(echo.sum, `сумма ${where}`, notes);
  if (echo.sum === undefined) complain(notes, `нет суммы ${where}`);
  return {
    echo,
    quantity: quantity(echo.quantity, where, notes),
    sumKopecks: sumKopecks ?? 0n,
    vatKopecks: amount(vat?.sum, `сумма НДС ${where}`, notes),
    vatIncluded: readFlag(vat?.included) ?? vatIncludedByDocument ?? true,
    rateText: vat?.rate ?? echo.taxRates?.find((rate) => plainWord(rate.name ?? "ндс").includes("ндс"))?.rate ?? null,
    service: isService(echo),
  };
}

function quantity(text: string | undefined, where: string, notes: Notes): string {
  if (text === undefined) {
    complain(notes, `нет количества ${where}`);
    return "0";
  }
  try {
    return normalizeQuantity(text);
  } catch (error) {
    if (!(error instanceof QuantityFormatError)) throw error;
    const precise = error instanceof QuantityPrecisionError;
    complain(notes, precise ? `количество ${where} точнее трёх знаков: ${shown(text)}` : `количество ${where} не читается: ${shown(text)}`);
    return "0";
  }
}

function isService(echo: EchoLine): boolean {
  // Bitrix names its delivery line so.
  if (echo.id === "ORDER_DELIVERY") return true;
  const kind = echo.requisites?.find((each) => plainWord(each.name ?? "") === "типноменклатуры");
  return plainWord(kind?.values?.[0] ?? "") === "услуга";
}

function toBuyer(buyers: RawBuyer[], notes: Notes): OnecBuyer | null {
  const raw = buyers.find((each) => plainWord(each.role ?? "") === "покупатель") ?? buyers[0];
  if (!raw) return null;
  const parts = [raw.lastName, raw.firstName, raw.middleName].filter(Boolean).join(" ");
  const fullName = raw.officialName ?? raw.fullName ?? (parts || null);
  return {
    ref: raw.id === undefined ? null : readRef(raw.id),
    name: raw.name ?? fullName ?? "",
    form: raw.officialName ? "legal" : "person",
    fullName,
    inn: raw.inn ? digitsOnly(raw.inn) : null,
    kpp: raw.kpp ? digitsOnly(raw.kpp).toUpperCase() : null,
    address: raw.legalAddress ?? raw.registrationAddress ?? raw.address ?? null,
    ...contacts(raw, notes),
  };
}

function contacts(raw: RawBuyer, notes: Notes): { phone: string | null; email: string | null } {
  const found: { phone: string | null; email: string | null } = { phone: null, email: null };
  for (const { type = "", value = "" } of raw.contacts ?? []) {
    const word = plainWord(type).replace(/[\s-]/g, "");
    const kind = word.includes("телефон") ? "phone" : word.includes("почта") || word.includes("email") ? "email" : null;
    if (!kind || found[kind] || !value) continue;
    const read = parseContact(value);
    if ("value" in read && read.kind === kind) found[kind] = read.value;
    // The value itself is personal data and stays out of messages.
    else notes.warnings.push(kind === "phone" ? "телефон покупателя не распознан" : "e-mail покупателя не распознан");
  }
  return found;
}
