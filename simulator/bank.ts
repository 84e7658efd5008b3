/** A bank without idempotency keys that loses, repeats, delays and contradicts: the port of an acquirer over its own books. */
import type { Acquirer, PaymentRef, ProviderNotification, RawNotification, SeenPayment, SeenRefund } from "@/lib/acquirers/acquirer.ts";
import { done, refused, unknown, unreached } from "@/lib/kit/outcome.ts";
import type { Outcome } from "@/lib/kit/outcome.ts";
import type { SeededRandom } from "@/lib/kit/seeded-random.ts";
import { localDate } from "@/lib/kit/time.ts";
import type { Crashes } from "./crash.ts";

type Bill = { id: string; reference: string; payerId: string; amountKopecks: bigint; method: "card" | "sbp"; isRevoked: boolean; expiresAt: number };
export type BankRefund = { id: string; amountKopecks: bigint; state: "waiting" | "done" | "refused"; createdAt: number; endsAt: number; /** How long its list does not show it. */ lagMs: number; willFail: boolean; byUs: boolean };
export type BankPayment = { id: string; billId: string; reference: string; payerId: string; amountKopecks: bigint; paidAt: number; refunds: BankRefund[] };

export type Faults = { isOn: boolean };

/** Chances of trouble in one call. */
const LOST_BEFORE = 0.04;
const LOST_AFTER = 0.07;
/** A bank's own limits are shorter than ours. */
const SBP_LIFE_MS = 30 * 60_000;
const CARD_LIFE_MS = 4 * 3_600_000;
const LIST_LAG_MS = 4 * 60_000;

export function createBank(random: SeededRandom, now: () => Date, crashes: Crashes, faults: Faults) {
  const bills = new Map<string, Bill>();
  const byReference = new Map<string, Bill>();
  const payments = new Map<string, BankPayment>();
  const byBill = new Map<string, BankPayment[]>();
  let lastId = 41_000_000;
  const nextId = () => String(++lastId);
  const at = () => now().getTime();

  /** The call on its way: lost before it arrives, or its answer lost after the work was done. */
  async function call<T>(work: () => Outcome<T>): Promise<Outcome<T>> {
    crashes.step();
    await Promise.resolve();
    if (faults.isOn && random.chance(LOST_BEFORE)) return random.chance(0.5) ? unreached("connection refused") : unknown("timeout");
    const outcome = work();
    crashes.step();
    return faults.isOn && random.chance(LOST_AFTER) ? unknown("the answer was lost") : outcome;
  }

  function settleRefunds(payment: BankPayment): void {
    for (const refund of payment.refunds) if (refund.state === "waiting" && refund.endsAt <= at()) refund.state = refund.willFail ? "refused" : "done";
  }
  const goneBack = (payment: BankPayment) => payment.refunds.reduce((sum, refund) => (refund.state === "refused" ? sum : sum + refund.amountKopecks), 0n);
  const isListed = (payment: BankPayment) => !faults.isOn || payment.paidAt + LIST_LAG_MS <= at();

  const nothing: SeenPayment = {
    state: "absent", rawState: "", reference: null, providerInvoiceId: null, providerPaymentId: null, amountKopecks: null, refundedKopecks: null, currency: "RUB", payerId: null, paidAt: null,
    instrument: null, rrn: null, declineCode: null, declineClass: null, acknowledged: null,
  };
  function seen(payment: BankPayment): SeenPayment {
    settleRefunds(payment);
    const refunded = payment.refunds.reduce((sum, refund) => (refund.state === "done" ? sum + refund.amountKopecks : sum), 0n);
    return {
      ...nothing, state: "paid", rawState: "success", reference: payment.reference, providerInvoiceId: payment.billId, providerPaymentId: payment.id, amountKopecks: payment.amountKopecks,
      refundedKopecks: refunded, payerId: payment.payerId, paidAt: new Date(payment.paidAt), acknowledged: true,
    };
  }
  function seenBill(bill: Bill): SeenPayment {
    const state = bill.isRevoked ? "canceled" : bill.expiresAt <= at() ? "expired" : "waiting";
    return { ...nothing, state, rawState: state, reference: bill.reference, providerInvoiceId: bill.id, amountKopecks: bill.amountKopecks, payerId: bill.payerId };
  }
  function look(ref: PaymentRef): SeenPayment {
    const named = ref.providerPaymentId === null ? undefined : payments.get(ref.providerPaymentId);
    if (named) return seen(named);
    const bill = (ref.providerInvoiceId === null ? undefined : bills.get(ref.providerInvoiceId)) ?? (ref.reference === "" ? undefined : byReference.get(ref.reference));
    if (!bill) return nothing;
    const paid = (byBill.get(bill.id) ?? []).filter(isListed);
    return paid.length > 0 ? seen(paid[0]!) : seenBill(bill);
  }

  function beginRefund(payment: BankPayment, amountKopecks: bigint, byUs: boolean): BankRefund | null {
    settleRefunds(payment);
    if (amountKopecks <= 0n || goneBack(payment) + amountKopecks > payment.amountKopecks) return null;
    const refund: BankRefund = { id: nextId(), amountKopecks, state: "waiting", createdAt: at(), endsAt: at() + random.between(1, 90) * 60_000, lagMs: random.chance(0.5) ? random.between(1, 200) * 1_000 : 0, willFail: faults.isOn && random.chance(0.04), byUs };
    payment.refunds.push(refund);
    return refund;
  }

  const reply = { status: 200, contentType: "text/plain", body: "OK" };
  function readNotification(raw: RawNotification): ProviderNotification {
    const note = JSON.parse(raw.body) as { id: string; amount: string; reference: string; payerId: string; paidAt: number; isGenuine: boolean };
    if (!note.isGenuine) return { kind: "forged", reason: "signature", reply: { ...reply, status: 400, body: "Error" } };
    return {
      kind: "snapshot", eventKey: `paid:${note.id}:${note.amount}`, reply,
      payment: { ...nothing, state: "paid", rawState: "notified", reference: note.reference, providerPaymentId: note.id, amountKopecks: BigInt(note.amount), payerId: note.payerId, paidAt: new Date(note.paidAt) },
    };
  }

  const port: Acquirer = {
    provider: "simulated",
    open: (payment) =>
      call(() => {
        const bill: Bill = { id: nextId(), reference: payment.reference, payerId: payment.payerId, amountKopecks: payment.amountKopecks, method: payment.method, isRevoked: false, expiresAt: Math.min(payment.expiresAt?.getTime() ?? Infinity, at() + (payment.method === "sbp" ? SBP_LIFE_MS : CARD_LIFE_MS)) };
        bills.set(bill.id, bill);
        byReference.set(bill.reference, bill);
        return done({ providerInvoiceId: bill.id, providerPaymentId: null, go: { kind: "redirect", url: `https://bank.test/${bill.id}` } });
      }),
    look: (ref) => call(() => done(look(ref))),
    cancel: (ref) =>
      call(() => {
        const bill = ref.providerInvoiceId === null ? undefined : bills.get(ref.providerInvoiceId);
        if (!bill || bill.method === "sbp") return refused("wrong_state", "cannot be withdrawn");
        if (byBill.has(bill.id)) return refused("wrong_state", "paid");
        bill.isRevoked = true;
        return done(undefined);
      }),
    refund: (request) =>
      call(() => {
        const payment = payments.get(request.providerPaymentId);
        if (!payment) return refused("not_found", "no such payment");
        return beginRefund(payment, request.amountKopecks, true) ? done({ providerRefundId: null, state: "waiting", amountKopecks: request.amountKopecks, createdAt: null }) : refused("refund_limit", "more than is left");
      }),
    listRefunds: (id) =>
      call(() => {
        const payment = payments.get(id);
        if (!payment) return done([]);
        settleRefunds(payment);
        return done(payment.refunds.filter((r) => !faults.isOn || r.createdAt + r.lagMs <= at()).map((r): SeenRefund => ({ providerRefundId: r.id, state: r.state, amountKopecks: r.amountKopecks, createdAt: new Date(r.createdAt) })));
      }),
    listPayments: ({ from, to }) =>
      call(() => done([...payments.values()].filter((p) => localDate(new Date(p.paidAt)) >= from && localDate(new Date(p.paidAt)) <= to).map(seen))),
    // A one-stage bank: nothing is ever held.
    capture: () => Promise.resolve(refused("wrong_state", "nothing is held")),
    release: () => Promise.resolve(refused("wrong_state", "nothing is held")),
    readNotification,
    check: () => Promise.resolve([]),
  };

  return {
    port,
    payments,
    bill: (reference: string) => byReference.get(reference),
    /** The buyer pays a bill; a bank may let a payment through that began before the bill was taken back. */
    pay(bill: Bill): BankPayment {
      const payment: BankPayment = { id: nextId(), billId: bill.id, reference: bill.reference, payerId: bill.payerId, amountKopecks: bill.amountKopecks, paidAt: at(), refunds: [] };
      payments.set(payment.id, payment);
      byBill.set(bill.id, [...(byBill.get(bill.id) ?? []), payment]);
      return payment;
    },
    notification: (payment: BankPayment, twist: "none" | "forged" | "shifted" = "none"): RawNotification => ({
      headers: {}, ip: "10.0.0.1",
      body: JSON.stringify({
        id: payment.id, amount: (twist === "shifted" ? payment.amountKopecks / 10n + 1n : payment.amountKopecks).toString(), reference: payment.reference, payerId: payment.payerId, paidAt: payment.paidAt,
        isGenuine: twist !== "forged",
      }),
    }),
    /** A refund begun in the bank's own cabinet. */
    refundInCabinet: (payment: BankPayment, amountKopecks: bigint) => beginRefund(payment, amountKopecks, false),
    settleAll() {
      for (const payment of payments.values()) settleRefunds(payment);
    },
  };
}
export type Bank = ReturnType<typeof createBank>;
