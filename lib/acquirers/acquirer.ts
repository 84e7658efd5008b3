import type { Outcome } from "@/lib/kit/outcome.ts";

/**
 * One bank or gateway. Stateless: no database, no clock of its own, no retries of writes, no knowledge of orders.
 * Amounts are kopecks. Every method returns an Outcome and honours `signal`.
 */
export interface Acquirer {
  readonly provider: string;
  /** Makes a payable object at the provider. Not idempotent at every provider: see `look` before repeating. */
  open(payment: OpenPayment, signal: AbortSignal): Promise<Outcome<OpenedPayment>>;
  /** Asks what the provider knows of our attempt. `done` with state `absent` = the provider surely has nothing. */
  look(ref: PaymentRef, signal: AbortSignal): Promise<Outcome<SeenPayment>>;
  /** Withdraws what is not paid yet. `refused` where the provider cannot (PAY-14: then the attempt is superseded). */
  cancel(ref: PaymentRef, signal: AbortSignal): Promise<Outcome<void>>;
  /** Takes held money of a two-stage payment, or less of it; the rest goes free (LOST-31). Its outcome is read back with `look`. */
  capture(hold: HoldCapture, signal: AbortSignal): Promise<Outcome<void>>;
  /** Lets the whole hold go; `amountKopecks` is what is held. Its outcome is read back with `look`. */
  release(hold: { providerPaymentId: string; amountKopecks: bigint }, signal: AbortSignal): Promise<Outcome<void>>;
  refund(refund: RefundRequest, signal: AbortSignal): Promise<Outcome<SeenRefund>>;
  /** Refunds the provider knows for one payment, newest last. */
  listRefunds(providerPaymentId: string, signal: AbortSignal): Promise<Outcome<SeenRefund[]>>;
  /** Payments of a period for reconciliation (M1); both dates inclusive, provider's zone. */
  listPayments(period: { from: string; to: string }, signal: AbortSignal): Promise<Outcome<SeenPayment[]>>;
  /** Verifies first, reads second (README decision 3). A forged message yields nothing but the fact. */
  readNotification(raw: RawNotification): ProviderNotification;
  /** Named steps of «Проверить подключение». */
  check(signal: AbortSignal): Promise<CheckStep[]>;
}

export type PayMethod = "card" | "sbp";

export type OpenPayment = {
  /** Our ASCII reference, unique per attempt; comes back in notifications. */
  reference: string;
  amountKopecks: bigint;
  method: PayMethod;
  /** Human text, e.g. «Заказ № S-10245». */
  purpose: string;
  /** Payer contact for the provider's own page; null when the buyer gave the other kind. */
  email: string | null;
  phone: string | null;
  /** Opaque payer id, part of the provider's signature where it has one. */
  payerId: string;
  /** Where the browser returns; proves nothing (PAY-15). */
  returnUrl: string;
  /** The last moment to pay; null = the provider's own limit. */
  expiresAt: Date | null;
};

export type OpenedPayment = {
  /** Id of the payable object (invoice, form) at the provider; null when the payment itself is the object. */
  providerInvoiceId: string | null;
  /** Id of the payment, when it is known at creation. */
  providerPaymentId: string | null;
  go: { kind: "redirect"; url: string } | { kind: "qr"; payload: string };
};

export type PaymentRef = {
  reference: string;
  providerInvoiceId: string | null;
  providerPaymentId: string | null;
  /** When the attempt row was made; narrows searches. */
  createdAt: Date;
};

/**
 * A snapshot of one payment as the provider tells it.
 * waiting = may still be paid; paid = money received; held = two-stage hold; declined/canceled/expired = no money;
 * absent = provider has no such thing; unrecognized = a status we do not know (README decision 4: pending plus an alert).
 */
export type SeenPayment = {
  state: "waiting" | "held" | "paid" | "declined" | "canceled" | "expired" | "absent" | "unrecognized";
  /** The provider's own word for the state. */
  rawState: string;
  reference: string | null;
  providerInvoiceId: string | null;
  providerPaymentId: string | null;
  /** Money taken (or asked for, while waiting), kopecks; null when the answer names none. */
  amountKopecks: bigint | null;
  refundedKopecks: bigint | null;
  /** ISO code; ours is RUB. */
  currency: string;
  payerId: string | null;
  /** Provider's time of the money, UTC. */
  paidAt: Date | null;
  /** «Мир •••• 4477», never a full number (SEC-09). */
  instrument: string | null;
  rrn: string | null;
  declineCode: string | null;
  /** Class for buyer texts (ux 6.1). */
  declineClass: DeclineClass | null;
  /** PayKeeper `stuck`: paid, but our notification was never acknowledged. */
  acknowledged: boolean | null;
};

export type DeclineClass =
  | "no_money" | "three_ds" | "card_data" | "expired_card" | "limit" | "blocked" | "suspicion" | "foreign" | "not_finished" | "technical";

export type HoldCapture = {
  providerPaymentId: string;
  /** What is taken. */
  amountKopecks: bigint;
  /** Less than what is held. */
  partial: boolean;
};

export type RefundRequest = {
  /** Our row id; the idempotency key where the provider takes one. */
  refundId: string;
  providerPaymentId: string;
  amountKopecks: bigint;
  /** Whole remaining payment or a part of it. */
  partial: boolean;
};

export type SeenRefund = {
  providerRefundId: string | null;
  state: "waiting" | "done" | "refused";
  amountKopecks: bigint;
  createdAt: Date | null;
};

/** Body as received (already decoded to text), headers lower-cased. */
export type RawNotification = { headers: Record<string, string>; body: string; ip: string | null };

export type ProviderNotification =
  | {
      kind: "snapshot";
      /** Natural key of the event, unique per connection: same event, same key (LOST-02). */
      eventKey: string;
      payment: SeenPayment & { state: "paid" | "held"; providerPaymentId: string; amountKopecks: bigint };
      /** The exact body the provider wants, or it keeps repeating. */
      reply: NotificationReply;
    }
  | { kind: "hint"; eventKey: string; ref: { reference: string | null; providerPaymentId: string | null }; reply: NotificationReply }
  | { kind: "forged"; reason: string; reply: NotificationReply };

export type NotificationReply = { status: number; contentType: string; body: string };

export type CheckStep = { name: string; ok: boolean; ms: number; advice: string | null };
