/**
 * Whose address a request comes from, for throttling and the audit. Behind a trusted proxy its header is the truth;
 * otherwise what Next noted of the socket. Somebody who talks to us directly may lie here: the limit per account still holds.
 */
export function addressOf(headers: Headers): string | null {
  if (process.env["TRUST_PROXY"] === "1") return headers.get("x-real-ip");
  return headers.get("x-forwarded-for")?.split(",").at(-1)?.trim().replace(/^::ffff:/, "") ?? null;
}
