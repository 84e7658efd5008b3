import { describe, expect, test } from "vitest";
import type { PayPageAttempt, PayPageRow } from "./pay-page-query.ts";
import { payStepsOf } from "./pay-steps.ts";
import { viewPayPage } from "./pay-view.ts";
import type { PayViewInput } from "./pay-view.ts";

const now = new Date("2026-11-21T12:00:00Z");
const later = new Date("2026-11-21T15:00:00Z");
const input: PayViewInput = { now, lastMethod: null, isPhone: false, wantsOther: false, seenKopecks: null };

const attempt = (given: Partial<PayPageAttempt> = {}): PayPageAttempt => ({
  attemptId: "a1", method: "card", state: "pending", amountKopecks: 1_234_560n, goKind: "redirect", goTarget: "https://bank.test/1", failClass: null,
  createdAt: now, finishedAt: null, expiresAt: later, ...given,
});

function row(order: Partial<PayPageRow["order"]> = {}, rest: Partial<Omit<PayPageRow, "order">> = {}): PayPageRow {
  return {
    link: { linkId: "l1", state: "active", revisionNo: 1, amountKopecks: 1_234_560n, validUntil: later, firstOpenedAt: null },
    active: { linkId: "l1", token: "t", validUntil: later },
    order: {
      orderId: "o1", number: "1234", orderDate: now, buyerName: "Иванов", payerKind: "individual", contact: "ivan@mail.ru", lifecycle: "active", isPosted: true, revisionNo: 1,
      totalKopecks: 1_234_560n, linesMatchTotal: true, capturedKopecks: 0n, reversedKopecks: 0n, refundedKopecks: 0n, chargedBackKopecks: 0n, goodsReturnedKopecks: 0n, paymentStatus: "not_paid", paidAt: null,
      isPaidInOnec: false, onecPaymentAt: null, onecShipmentAt: null, dueDate: null, payUntil: null, payMethods: null, isTest: true, payBar: null, awaitsRevision: false, ...order,
    },
    seller: { brandName: "Ромашка", legalName: "ООО «Ромашка»", inn: "7707083893", ogrn: null, phone: "+78005553535", siteUrl: "https://r.test", offerUrl: null, privacyUrl: null, hasBankAccount: true },
    company: null, lines: [], acquirer: { isDown: false }, attempt: null, payment: null, receipt: null, refunds: [], exportedAt: null, shop: null, invoice: null, documents: [], stamp: "s", misses: 0, ...rest,
  };
}
const kindOf = (r: PayPageRow, given: Partial<PayViewInput> = {}) => viewPayPage(r, { ...input, ...given }).state.kind;

describe("ux 6.1: one state out of the order's facts", () => {
  test("an unpaid posted order may be paid", () => expect(kindOf(row())).toBe("ready"));
  test("LOST-19: while an outcome is unknown no form is offered, not even on request", () => {
    expect(kindOf(row({}, { attempt: attempt({ state: "unknown" }) }))).toBe("checking");
    expect(kindOf(row({}, { attempt: attempt({ state: "unknown" }) }), { wantsOther: true })).toBe("checking");
    // The process that called the bank died: nothing is known.
    expect(kindOf(row({}, { attempt: attempt({ state: "created", createdAt: new Date("2026-11-21T11:59:00Z") }) }))).toBe("checking");
    expect(kindOf(row({}, { attempt: attempt({ state: "created" }) }), { wantsOther: true })).toBe("opening");
  });
  test("PAY-06: money that went back for a smaller order is not asked for again before 1C sends the new sum", () => {
    const back = { capturedKopecks: 1_234_560n, refundedKopecks: 64_550n };
    expect(kindOf(row(back))).toBe("ready");
    expect(kindOf(row({ ...back, awaitsRevision: true }))).toBe("paid");
    expect(kindOf(row({ ...back, refundedKopecks: 1_234_560n, awaitsRevision: true }))).toBe("refunded");
  });
  test("an open attempt waits; another way is offered on request only", () => {
    expect(kindOf(row({}, { attempt: attempt() }))).toBe("waiting");
    expect(kindOf(row({}, { attempt: attempt() }), { wantsOther: true })).toBe("ready");
  });
  test("money decides, whatever the attempt or the link says", () => {
    expect(kindOf(row({ capturedKopecks: 1_234_560n, paymentStatus: "paid" }, { attempt: attempt({ state: "failed" }), active: null }))).toBe("paid");
    expect(kindOf(row({ capturedKopecks: 2_000_000n, paymentStatus: "overpaid" }))).toBe("paid");
  });
  test("CML-21: an order that 1C calls paid has no form", () => expect(kindOf(row({ isPaidInOnec: true }))).toBe("paid_in_onec"));
  test("LOST-05: a cancelled order says whether money is here", () => {
    expect(viewPayPage(row({ lifecycle: "cancelled" }), input).state).toEqual({ kind: "cancelled", hasMoney: false });
    expect(viewPayPage(row({ lifecycle: "deleted", capturedKopecks: 1n }), input).state).toEqual({ kind: "cancelled", hasMoney: true });
    expect(kindOf(row({ lifecycle: "cancelled", capturedKopecks: 5n, refundedKopecks: 5n }))).toBe("refunded");
  });
  test("not posted, shadow store, no link, no method", () => {
    expect(kindOf(row({ isPosted: false }))).toBe("not_posted");
    expect(kindOf(row({ payBar: "closed" }))).toBe("unavailable");
    expect(kindOf(row({ payBar: "not_selected" }))).toBe("unavailable");
    expect(kindOf(row({ payBar: "stopped" }))).toBe("stopped");
    expect(kindOf(row({}, { active: null }))).toBe("expired");
    expect(kindOf(row({ payUntil: now }))).toBe("over");
    expect(kindOf(row({ payUntil: later }))).toBe("ready");
    expect(kindOf(row({}, { active: null, link: { ...row().link!, state: "revoked" } }))).toBe("revoked");
    const seller = { ...row().seller, hasBankAccount: false };
    expect(kindOf(row({}, { acquirer: null, seller }))).toBe("unavailable");
  });
  test("an old link leads to the present one", () => expect(kindOf(row({}, { link: { ...row().link!, state: "superseded" } }))).toBe("ready"));
  test("a refusal is news for a day", () => {
    const failed = attempt({ state: "failed", failClass: "no_money", finishedAt: new Date("2026-11-21T11:59:00Z") });
    expect(viewPayPage(row({}, { attempt: failed }), input).state).toEqual({ kind: "ready", declined: failed });
    const old = attempt({ state: "failed", finishedAt: new Date("2026-11-20T11:59:00Z") });
    expect(viewPayPage(row({}, { attempt: old }), input).state).toEqual({ kind: "ready", declined: null });
    expect(viewPayPage(row({}, { attempt: attempt({ state: "canceled" }) }), input).state).toEqual({ kind: "ready", declined: null });
  });
});

describe("ux 6.1: sums and methods", () => {
  test("LOST-07: the sum of the opened link is compared with the present one", () => {
    const link = { ...row().link!, revisionNo: 0, amountKopecks: 1_190_000n };
    expect(viewPayPage(row({}, { link }), input).changedFromKopecks).toBe(1_190_000n);
    expect(viewPayPage(row(), input).changedFromKopecks).toBeNull();
    expect(viewPayPage(row(), { ...input, seenKopecks: 1n }).changedFromKopecks).toBe(1n);
    expect(viewPayPage(row(), { ...input, seenKopecks: 1_234_560n }).changedFromKopecks).toBeNull();
  });
  test("LOST-08: after a part only the rest is due", () => {
    const view = viewPayPage(row({ capturedKopecks: 234_560n, paymentStatus: "partially_paid" }), input);
    expect([view.state.kind, view.dueKopecks, view.netPaidKopecks, view.changedFromKopecks]).toEqual(["ready", 1_000_000n, 234_560n, null]);
  });
  test("best first: SBP on a phone, card on a desktop, the invoice for companies, the last used before all", () => {
    const codes = (r: PayPageRow, given: Partial<PayViewInput> = {}) => viewPayPage(r, { ...input, ...given }).methods.map((m) => m.code);
    expect(codes(row())).toEqual(["card", "sbp", "invoice"]);
    expect(codes(row(), { isPhone: true })).toEqual(["sbp", "card", "invoice"]);
    expect(codes(row({ payerKind: "organization" }))).toEqual(["invoice", "card", "sbp"]);
    expect(codes(row({ payerKind: "organization" }), { lastMethod: "sbp" })).toEqual(["sbp", "invoice", "card"]);
    expect(codes(row({ linesMatchTotal: false }))).toEqual(["card", "sbp"]);
  });
  test("methods that are down go last and stay selectable", () => {
    expect(viewPayPage(row({}, { acquirer: { isDown: true } }), { ...input, lastMethod: "card" }).methods).toEqual([
      { code: "invoice", isDown: false },
      { code: "card", isDown: true },
      { code: "sbp", isDown: true },
    ]);
  });
});

test("ux 6.3: the first step that is not done is the current one, and a failed receipt is still being made (LOST-15)", () => {
  const paid = row({ capturedKopecks: 1_234_560n, paidAt: now }, { receipt: { state: "failed_final", url: null, registeredAt: null }, payment: { amountKopecks: 1_234_560n, method: "card", occurredAt: now, instrument: null, receiptContact: null } });
  expect(payStepsOf(paid).map((step) => [step.label, step.state])).toEqual([
    ["Заказ создан", "done"], ["Оплата получена", "done"], ["Чек формируется", "current"], ["Передаём оплату в магазин", "ahead"], ["Магазин собирает заказ", "ahead"],
  ]);
  const done = payStepsOf({ ...paid, receipt: { state: "registered", url: "https://ofd.test", registeredAt: now }, exportedAt: now });
  expect(done.map((step) => step.state)).toEqual(["done", "done", "done", "done", "current"]);
  expect(payStepsOf({ ...paid, receipt: { state: "not_required", url: null, registeredAt: null } })).toHaveLength(4);
});
