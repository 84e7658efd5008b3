import { randomBytes } from "node:crypto";
import type { receiptPurposes } from "@/db/schema/index.ts";

export type ReceiptPurpose = (typeof receiptPurposes)[number];

const letters: Record<ReceiptPurpose, string> = { prepayment: "p", advance: "p", closing: "c", refund: "r", credit_payment: "d", correction: "k", reversal: "v" };

/**
 * Id of a receipt at the register: order, purpose, try, and a random part, because the id stands in a link that buyers see
 * (orange-data.md 6). Only [A-Za-z0-9_-], at most 64 characters.
 */
export const newExternalId = (orderNo: bigint | null, purpose: ReceiptPurpose, tryNo: number): string =>
  `k${orderNo ?? 0n}-${letters[purpose]}${tryNo}-${randomBytes(9).toString("base64url")}`;
