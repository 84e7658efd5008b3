/**
 * SEC-03: what may be written to logs and kept of raw messages. Ids and sums stay readable; card data, contacts, names,
 * tokens and signatures do not. Free text can only be searched for shapes: give structured data to the structured functions.
 */
import { maskEmail, maskPhone } from "@/lib/kit/contact.ts";
import { parseJsonExactly } from "@/lib/kit/json.ts";

const hidden = "***";
const depthMax = 12;
const itemsMax = 1000;

const plainKey = (key: string) => key.toLowerCase().replace(/[^a-z0-9а-яё]/g, "");

const secretKey =
  /^(?:key|sign|cvc2?|cvv2?|pin|otp|pass|auth|cryptogram|callbackapikey|fopreceiptkey)$|password|passwd|secret|token|signature|hmac|cookie|authorization|apikey|privatekey|signingkey|accesskey|sessionid/;
const personKey =
  /^(?:fio|фио|holder|customer|buyer|payer|cardholder|cardexpiry|expirydate|expdate|address|birthdate|passport|identitydocumentdata)$|cardholder|holdername|(?:client|customer|buyer|payer|user|first|last|middle|sur|full|contact)name$|address$/;
const personParent = /^(?:customer|customerinfo|client|buyer|payer|recipient|contact|person|cardholder)$/;
const panKey = /^(?:pan|cardnumber|card|maskedpan)$/;
const idKey = /(?:id|ids|rrn|number|index|inn|kpp|sum|amount|fp|sn)$/;
const secretHeader = /authorization|cookie|token|signature|sign$|hmac|secret|api-?key|password/i;

/** Mir, Visa, Mastercard, Maestro, Amex, JCB, UnionPay: a prefix keeps most ids and account numbers from looking like cards. */
const panShape = /(?<![\d.])(?:220[0-4]|22[2-9]\d|2[3-7]\d\d|3[47]\d\d|35\d\d|4\d{3}|5\d{3}|6\d{3})(?:[ -]?\d){11,15}(?!\d)/g;
// Every repetition is bounded, or a long hostile text would take minutes.
const emailShape = /[^\s@<>"'=&,;:()[\]{}|]{1,64}@[^\s@<>"'=&,;:()[\]{}|]{1,200}\.[A-Za-zА-Яа-я0-9-]{2,63}/gu;
const phoneShape = /(?<![\w.+-])(?:\+\d{1,3}|[78])[\s\u00A0]?[\s(-]?\d{3}\)?[\s\u00A0-]?\d{3}[\s\u00A0-]?\d{2}[\s\u00A0-]?\d{2}(?![\w-])/g;
const credentialShape = /\b(Bearer|Basic|Token)\s+[A-Za-z0-9._~+/=-]{4,}/gi;
const pairShape = /\b(password|passwd|secret|token|api[_-]?key|access[_-]?key|signature|sign|cvc2?|cvv2?|pan)(["']?\s{0,3}[=:]\s{0,3}["']?)([^\s"'&,;]+)/gi;
/** Whoever has the token of a pay page, an invoice or a bill can open it. */
const linkShape = /\/(pay|i|bill\/\d{1,18})\/[A-Za-z0-9_-]{20,128}/g;
const pemShape = /-----BEGIN [A-Z ]+-----[^]*?(?:-----END [A-Z ]+-----|$)/g;

function passesLuhn(digits: string): boolean {
  let total = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    total += at % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  return total % 10 === 0;
}

function maskPan(pan: string): string {
  const digits = pan.replace(/\D/g, "");
  return digits.length >= 13 ? `${digits.slice(0, 6)}…${digits.slice(-4)}` : pan.includes("*") ? pan : hidden;
}

const maskCards = (text: string) => text.replace(panShape, (found) => (passesLuhn(found.replace(/\D/g, "")) ? maskPan(found) : found));

/** For log lines, error texts and bodies of no known form. */
export function redactText(text: string): string {
  const masked = text
    .replace(pemShape, hidden)
    .replace(linkShape, (_, page: string) => `/${page}/${hidden}`)
    .replace(credentialShape, (_, scheme: string) => `${scheme} ${hidden}`)
    .replace(pairShape, (_, name: string, between: string) => `${name}${between}${hidden}`)
    .replace(emailShape, maskEmail)
    .replace(phoneShape, (found) => maskPhone(found.startsWith("8") ? `+7${found.slice(1)}` : found));
  return maskCards(masked);
}

function maskName(name: string): string {
  const trimmed = name.trim();
  return trimmed === "" ? "" : `${Array.from(trimmed)[0]}${hidden}`;
}

function redactString(key: string, parent: string, value: string): string {
  if (value === "") return value;
  if (secretKey.test(key)) return hidden;
  if (panKey.test(key)) return maskPan(value);
  if (personKey.test(key) || (key === "name" && personParent.test(parent))) return maskName(value);
  // PayKeeper puts a name, an address or an opaque id here.
  if (key === "clientid" && /[\sа-яё]/iu.test(value)) return maskName(value);
  if (idKey.test(key) && /^[\d.-]+$/.test(value)) return maskCards(value);
  if (/^\s*[[{]/.test(value)) {
    const inner = parsed(value);
    if (inner !== undefined) return JSON.stringify(redactJson(inner));
  }
  return redactText(value);
}

function parsed(text: string): unknown {
  try {
    return parseJsonExactly(text);
  } catch {
    return undefined;
  }
}

/** Any JSON-like value; deeper than 12 levels or longer than 1000 items is cut. Never throws. */
export function redactJson(value: unknown): unknown {
  return walk(value, "", "", depthMax);
}

function walk(value: unknown, key: string, parent: string, depth: number): unknown {
  if (typeof value === "string") return redactString(key, parent, value);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") {
    if (value === null || value === undefined || typeof value === "boolean") return value;
    if (typeof value !== "number") return hidden;
    const text = redactString(key, parent, String(value));
    return text === String(value) ? value : text;
  }
  if (secretKey.test(key)) return hidden;
  if (depth === 0) return "…";
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return { name: value.name, message: redactText(value.message) };
  if (Array.isArray(value)) return value.slice(0, itemsMax).map((item) => walk(item, key, parent, depth - 1));
  return Object.fromEntries(
    Object.entries(value).slice(0, itemsMax).map(([name, inner]) => [name, walk(inner, plainKey(name), key, depth - 1)]),
  );
}

/** A stored or logged body of any kind: JSON and forms by their fields, the rest as text. */
export function redactBody(body: string): string {
  if (/^\s*[[{]/.test(body)) {
    const value = parsed(body);
    if (value !== undefined) return JSON.stringify(redactJson(value));
  }
  return /^[\w.[\]%-]{1,64}=[^\s<>]*$/.test(body) ? redactForm(body) : redactText(body);
}

/** A form body; pairs keep their order, values are encoded again. */
export function redactForm(body: string): string {
  const pairs = [...new URLSearchParams(body)].slice(0, itemsMax);
  return new URLSearchParams(pairs.map(([name, value]) => [name, redactString(plainKey(name), "", value)])).toString();
}

/** Header names are kept, credentials are not. */
export function redactHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (value === undefined) return [];
      const text = Array.isArray(value) ? value.join(", ") : value;
      return [[name, secretHeader.test(name) ? hidden : redactText(text)]];
    }),
  );
}
