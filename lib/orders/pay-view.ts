/** What the customer's page says: one state out of the order's facts (ux.md 6.1). Pure. */
import type { PayPageAttempt, PayPageRow } from "./pay-page-query.ts";
import { orderBalance } from "./states.ts";

export type PayMethodOffer = { code: "card" | "sbp" | "invoice"; isDown: boolean };

export type PayState =
  | { kind: "cancelled"; hasMoney: boolean }
  | { kind: "paid" }
  | { kind: "paid_in_onec" }
  | { kind: "refunded" }
  | { kind: "nothing_due" }
  | { kind: "not_posted" }
  | { kind: "expired" }
  /** The term that 1C or the shop gave is over: no new link is made. */
  | { kind: "over"; since: Date }
  | { kind: "revoked" }
  /** The bank is being asked for its page right now. */
  | { kind: "opening" }
  /** The outcome of an attempt is unknown: nothing may be paid a second time (LOST-19, LOST-30). */
  | { kind: "checking"; attempt: PayPageAttempt }
  | { kind: "waiting"; attempt: PayPageAttempt; isExpired: boolean }
  | { kind: "unavailable" }
  /** The kill switch (PIL-05). */
  | { kind: "stopped" }
  | { kind: "ready"; declined: PayPageAttempt | null };

export type PayView = {
  state: PayState;
  dueKopecks: bigint;
  netPaidKopecks: bigint;
  payableKopecks: bigint;
  /** Best first. */
  methods: PayMethodOffer[];
  /** The sum that the opened link, or the form just sent, named, when it is another one now. */
  changedFromKopecks: bigint | null;
};

export type PayViewInput = {
  now: Date;
  /** The method last used on this device. */
  lastMethod: string | null;
  isPhone: boolean;
  /** The buyer asked for another way while an attempt waits. */
  wantsOther: boolean;
  /** Sum of the form that was just refused because it changed. */
  seenKopecks: bigint | null;
};

/** The call that opens an attempt ends by then; one that is still `created` later lost its process. */
const OPENING_MS = 25_000;
/** A declined attempt stops being news after that. */
const DECLINE_IS_NEWS_MS = 24 * 3_600_000;

export function viewPayPage(row: PayPageRow, input: PayViewInput): PayView {
  const { dueKopecks, netPaidKopecks, payableKopecks } = orderBalance(row.order);
  const methods = offeredMethods(row, input);
  const named = input.seenKopecks ?? (netPaidKopecks === 0n && row.link && row.link.revisionNo !== row.order.revisionNo ? row.link.amountKopecks : null);
  return {
    state: stateOf(row, input, dueKopecks, netPaidKopecks, payableKopecks, methods),
    dueKopecks,
    netPaidKopecks,
    payableKopecks,
    methods,
    changedFromKopecks: named !== null && named !== dueKopecks ? named : null,
  };
}

function stateOf(row: PayPageRow, input: PayViewInput, due: bigint, netPaid: bigint, payable: bigint, methods: PayMethodOffer[]): PayState {
  const { order, attempt, link, active } = row;
  if (order.lifecycle === "cancelled" || order.lifecycle === "deleted") {
    return order.refundedKopecks > 0n && netPaid === 0n ? { kind: "refunded" } : { kind: "cancelled", hasMoney: netPaid > 0n };
  }
  if (payable > 0n && due === 0n) return { kind: "paid" };
  // The shop gave money back for what it took off the order: nothing is to be paid until 1C says the new sum.
  if (order.awaitsRevision) return netPaid > 0n ? { kind: "paid" } : { kind: "refunded" };
  if (order.isPaidInOnec) return { kind: "paid_in_onec" };
  if (payable === 0n) return order.refundedKopecks > 0n ? { kind: "refunded" } : { kind: "nothing_due" };
  if (attempt?.state === "created" && input.now.getTime() - attempt.createdAt.getTime() < OPENING_MS) return { kind: "opening" };
  if (attempt && (attempt.state === "unknown" || attempt.state === "created")) return { kind: "checking", attempt };
  if (attempt?.state === "authorized") return { kind: "checking", attempt };
  if (attempt?.state === "pending" && !input.wantsOther) {
    return { kind: "waiting", attempt, isExpired: attempt.expiresAt !== null && attempt.expiresAt <= input.now };
  }
  if (!order.isPosted) return { kind: "not_posted" };
  if (order.payBar !== null) return { kind: order.payBar === "stopped" ? "stopped" : "unavailable" };
  if (order.payUntil && order.payUntil <= input.now) return { kind: "over", since: order.payUntil };
  if (!active) return link?.state === "revoked" ? { kind: "revoked" } : { kind: "expired" };
  if (methods.length === 0) return { kind: "unavailable" };
  return { kind: "ready", declined: declinedOf(attempt, input.now) };
}

function declinedOf(attempt: PayPageAttempt | null, now: Date): PayPageAttempt | null {
  if (!attempt || (attempt.state !== "failed" && attempt.state !== "expired")) return null;
  const at = attempt.finishedAt ?? attempt.createdAt;
  return now.getTime() - at.getTime() < DECLINE_IS_NEWS_MS ? attempt : null;
}

/** Best first: last used here, else the company's invoice, else SBP on a phone and the card on a desktop; a method that is down goes last. */
function offeredMethods({ acquirer, seller, order }: PayPageRow, { lastMethod, isPhone }: PayViewInput): PayMethodOffer[] {
  const isCompany = order.payerKind === "organization" || order.payerKind === "sole_proprietor";
  const online: PayMethodOffer[] = acquirer ? (isPhone ? (["sbp", "card"] as const) : (["card", "sbp"] as const)).map((code) => ({ code, isDown: acquirer.isDown })) : [];
  const invoice: PayMethodOffer[] = seller.hasBankAccount && order.linesMatchTotal ? [{ code: "invoice", isDown: false }] : [];
  const isOffered = (offer: PayMethodOffer) => order.payMethods === null || order.payMethods.includes(offer.code);
  const rank = (offer: PayMethodOffer) => (offer.isDown ? 2 : offer.code === lastMethod ? 0 : 1);
  return (isCompany ? [...invoice, ...online] : [...online, ...invoice]).filter(isOffered).sort((a, b) => rank(a) - rank(b));
}
