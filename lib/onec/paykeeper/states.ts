/** Lives of a bill of the PayKeeper-compatible door. Pure. */

/** `replaced`: it ran out and 1C asked for a new one for the same order. */
export const billCloseReasons = ["revoked", "replaced"] as const;
export type BillCloseReason = (typeof billCloseReasons)[number];

/** The words of the wire (json-api.md 2.1); `revoked` is known to some clients only. */
export const billStatuses = ["created", "sent", "paid", "expired", "revoked"] as const;
export type BillStatus = (typeof billStatuses)[number];
