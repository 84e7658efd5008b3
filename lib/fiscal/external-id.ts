import { randomBytes } from "node:crypto";

/**
 * Id of a receipt at the register: order, purpose, try, and a random part, because the id stands in a link that buyers see
 * (orange-data.md 6). Only [A-Za-z0-9_-], at most 64 characters.
 */
export const newExternalId = (orderNo: bigint | null, purpose: string, tryNo: number): string =>
  `k${orderNo ?? 0n}-${purpose}${tryNo}-${randomBytes(9).toString("base64url")}`;
