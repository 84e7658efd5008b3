/** FISC-05: where the receipt goes. Registers accept nonsense here, so this is the only check. */
export type Contact = { kind: "email" | "phone"; value: string };
export type ContactError = { error: "empty" | "too_long" | "email" | "phone" };

const lengthMax = 64;
const email = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$/;

/** An ASCII e-mail as typed (trimmed), or a phone as `+79161234567`. */
export function parseContact(text: string): Contact | ContactError {
  const typed = text.trim();
  if (typed === "") return { error: "empty" };
  if (typed.length > lengthMax) return { error: "too_long" };
  if (typed.includes("@")) return email.test(typed) ? { kind: "email", value: typed } : { error: "email" };
  const phone = normalPhone(typed);
  return phone ? { kind: "phone", value: phone } : { error: "phone" };
}

function normalPhone(typed: string): string | null {
  const bare = typed.replace(/[\s().-]|[\u2010-\u2015\u2212]/gu, "");
  if (/^9\d{9}$/.test(bare)) return `+7${bare}`;
  if (/^[78]\d{10}$/.test(bare)) return `+7${bare.slice(1)}`;
  if (bare.startsWith("+7") && bare.length !== 12) return null;
  return /^\+[1-9]\d{7,14}$/.test(bare) ? bare : null;
}

/** SEC-03: `iv***@mail.ru`. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf("@");
  if (at < 0) return "***";
  return `${address.slice(0, Math.min(2, Math.max(at - 1, 0)))}***${address.slice(at)}`;
}

/** SEC-03: `+7*******4567`; the number of stars says nothing. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/\D/g, "");
  return digits.length < 8 ? "***" : `+${digits.slice(0, 1)}*******${digits.slice(-4)}`;
}

export const maskContact = (contact: string): string => (contact.includes("@") ? maskEmail(contact) : maskPhone(contact));
