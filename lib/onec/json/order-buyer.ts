/** The customer of a JSON order to a buyer of ours. Pure. */
import { cutText } from "@/lib/kit/storable-text.ts";
import { parseContact } from "@/lib/kit/contact.ts";
import { digitsOnly, innProblem } from "@/lib/kit/inn.ts";
import { isKpp } from "@/lib/kit/requisites.ts";
import type { DraftBuyer, PayerKind } from "../wire/order-draft.ts";
import type { CustomerRequest } from "./schema-order.ts";

const NAME_MAX = 255;
const ADDRESS_MAX = 500;

export const nobody: DraftBuyer = { ref: null, kind: "unknown", name: "", fullName: "", inn: null, kpp: null, address: null, phone: null, email: null };

type Given = Omit<CustomerRequest, "id">;

/** Fields that are left out stay as `before` has them; null empties (API-18). What cannot be read is a warning, never a refusal (INV-12). */
export function mergeBuyer(before: DraftBuyer, ref: string | null, given: Given, at: string, warnings: string[]): DraftBuyer {
  const pick = <T>(value: T | null | undefined, old: T | null): T | null => (value === undefined ? old : value);
  const inn = given.inn === undefined ? before.inn : readInn(given.inn, at, warnings);
  const kind = kindOf(given.type, inn, before);
  const kpp = given.kpp === undefined ? before.kpp : readKpp(given.kpp, at, warnings);
  const fullName = cutText(given.fullName ?? (given.name === undefined ? before.fullName : given.name) ?? "", NAME_MAX);
  // One name is the name of documents; the short one of the stock exchange stays beside it.
  const name = given.fullName && given.name ? cutText(given.name, NAME_MAX) : fullName === before.fullName && before.name !== "" ? before.name : fullName;
  const merged: DraftBuyer = {
    ref, kind, name, fullName, inn, kpp: kind === "organization" ? kpp : null,
    address: shortened(pick(given.address, before.address), ADDRESS_MAX),
    phone: contact("phone", given.phone, before.phone, at, warnings),
    email: contact("email", given.email, before.email, at, warnings),
  };
  // A buyer without a row of his own stands in the revision: the very same object keeps its spelling there.
  if (ref === null) return sameBuyer(merged, before) ? before : merged;
  const unsaid = (["inn", "kpp", "address", "email", "phone"] as const).filter((field) => given[field] === undefined);
  return { ...merged, unsaid: given.name === undefined && given.fullName === undefined ? ["fullName", ...unsaid] : unsaid };
}

const shortened = (text: string | null, max: number): string | null => (text === null ? null : cutText(text, max));

export const sameBuyer = (a: DraftBuyer, b: DraftBuyer): boolean =>
  (["ref", "kind", "name", "fullName", "inn", "kpp", "address", "phone", "email"] as const).every((key) => a[key] === b[key]);

function readInn(text: string | null, at: string, warnings: string[]): string | null {
  if (text === null) return null;
  const inn = digitsOnly(text);
  if (innProblem(inn)) warnings.push(`${at}.inn: ИНН «${inn.slice(0, 20)}» не проходит проверку`);
  return /^(?:\d{10}|\d{12})$/.test(inn) ? inn : null;
}

function readKpp(text: string | null, at: string, warnings: string[]): string | null {
  if (text === null) return null;
  const kpp = digitsOnly(text).toUpperCase();
  if (isKpp(kpp)) return kpp;
  warnings.push(`${at}.kpp: КПП «${kpp.slice(0, 20)}» не распознан`);
  return null;
}

/** What 1C says counts; 12 digits are never a company (commerceml.md 7, point 8). */
function kindOf(type: Given["type"], inn: string | null, before: DraftBuyer): PayerKind {
  const company = inn?.length === 12 ? "sole_proprietor" : "organization";
  if (type === "legal") return company;
  if (type === "entrepreneur") return "sole_proprietor";
  if (type === "person") return "individual";
  if (type === undefined && before.kind !== "unknown") return before.kind === "organization" ? company : before.kind;
  return inn === null ? "individual" : company;
}

function contact(kind: "phone" | "email", text: string | null | undefined, old: string | null, at: string, warnings: string[]): string | null {
  if (text === undefined) return old;
  if (text === null) return null;
  const read = parseContact(text);
  if ("value" in read && read.kind === kind) return read.value;
  // The value itself is personal data and stays out of messages.
  warnings.push(kind === "phone" ? `${at}.phone: телефон не распознан` : `${at}.email: почта не распознана`);
  return null;
}
