import { createHash, timingSafeEqual } from "node:crypto";

// md5 and the missing separators are PayKeeper's choice: "id=4170012, sum=3899.00" has the key of "id=41700123, sum=899.00".
// So a right key proves that the texts came from PayKeeper in this order, not where one ends. The caller compares sum and order.
const md5 = (text: string) => createHash("md5").update(text, "utf8").digest("hex");

/** Signed fields exactly as received, after form decoding. */
export type SignedFields = { id: string; sum: string; clientid: string; orderid: string };

export const notificationKey = (fields: SignedFields, secretWord: string): string =>
  md5(fields.id + fields.sum + fields.clientid + fields.orderid + secretWord);

export function keyMatches(fields: SignedFields, secretWord: string, key: string): boolean {
  const expected = Buffer.from(notificationKey(fields, secretWord), "latin1");
  const given = Buffer.from(key, "utf8");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The only text that stops repeats; a bare "OK" leaves the payment `stuck`. */
export const acknowledgement = (paymentId: string, secretWord: string): string => `OK ${md5(paymentId + secretWord)}`;

/** Fields of the `/create/` form that are signed; `sum` with two decimals, `service_name` exactly as sent. */
export type CreateFields = { sum: string; clientid: string; orderid: string; service_name: string; client_email: string; client_phone: string };

export const createSign = (fields: CreateFields, secretWord: string): string =>
  createHash("sha256")
    .update(fields.sum + fields.clientid + fields.orderid + fields.service_name + fields.client_email + fields.client_phone + secretWord, "utf8")
    .digest("hex");

export const basicAuth = (login: string, password: string): string => `Basic ${Buffer.from(`${login}:${password}`, "utf8").toString("base64")}`;
