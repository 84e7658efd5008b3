import { createHmac } from "node:crypto";
import { same } from "./http.ts";

export type SignedHeaders = { id: string; timestamp: string; signature: string };

const PREFIX = "whsec_";

/** Base64 of HMAC-SHA256 over `id.timestamp.body`; the secret is `whsec_` and base64 of its bytes. */
export function signatureOf(secret: string, { id, timestamp }: Pick<SignedHeaders, "id" | "timestamp">, body: Buffer): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, "base64");
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
}

/** Why a message cannot be believed, or null. `toleranceSeconds` 0 = its age is not looked at. */
export function distrust(secret: string, headers: SignedHeaders, body: Buffer, nowMs: number, toleranceSeconds: number): string | null {
  if (headers.id === "" || headers.timestamp === "" || headers.signature === "") return "нет заголовков webhook-id, webhook-timestamp, webhook-signature";
  if (!/^\d{9,11}$/.test(headers.timestamp)) return "webhook-timestamp не в секундах";
  const expected = signatureOf(secret, headers, body);
  const given = headers.signature.split(" ").filter((one) => one.startsWith("v1,"));
  if (!given.some((one) => same(one.slice(3), expected))) return "подпись не сошлась";
  const age = Math.abs(nowMs / 1000 - Number(headers.timestamp));
  return toleranceSeconds > 0 && age > toleranceSeconds ? `время сообщения расходится с часами базы на ${Math.round(age)} с` : null;
}
