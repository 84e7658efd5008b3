/** Buyers: they pay, pay twice, pay late, give up, come back with the browser's back button. */
import { DomainError } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { openAttempt, readAttempt, receiveNotification } from "@/lib/payments/index.ts";
import type { BankPayment } from "./bank.ts";
import { ProcessCrash } from "./crash.ts";
import type { OnecOrder } from "./onec.ts";
import type { World } from "./world.ts";

const MINUTE = 60_000;

export type Plan = (afterMs: number, event: Event) => void;
export type Event =
  | { kind: "attempt"; order: OnecOrder; tries: number }
  | { kind: "pay"; reference: string }
  | { kind: "notify"; payment: BankPayment; twist: "none" | "forged" | "shifted"; tries: number }
  | { kind: "return"; order: OnecOrder };

export function createBuyers(world: World, plan: Plan) {
  const { eyes, ctx, random, bank, crashes, faults, acquirer } = world;
  const { sql } = eyes.database;

  /** Runs a request of the process; a crash leaves the other side without an answer. True when it came through. */
  async function request(work: () => Promise<unknown>): Promise<boolean> {
    crashes.arm(faults.isOn && random.chance(0.01) ? random.between(1, 25) : null);
    try {
      await work();
      return !crashes.isDead();
    } catch (error) {
      if (error instanceof ProcessCrash || crashes.isDead()) return false;
      if (error instanceof DomainError) return true;
      throw error;
    } finally {
      crashes.arm(null);
    }
  }

  async function attempt(order: OnecOrder, tries: number): Promise<void> {
    if (!order.orderId) return plan(15 * MINUTE, { kind: "attempt", order, tries });
    const [link] = await sql<{ linkId: string; amountKopecks: bigint }[]>`select id as link_id, amount_kopecks from payment_links where order_id = ${order.orderId} and state = 'active'`;
    if (!link) return;
    const formKey = newId();
    const input = { linkId: link.linkId, orderId: order.orderId, method: random.pick(["card", "sbp"] as const), contact: order.phone, amountSeenKopecks: link.amountKopecks, formKey, returnUrl: "https://pay.test/" };
    const came = await request(() => openAttempt(ctx, input));
    // A double click, or the browser that repeats a lost request.
    if (!came || random.chance(0.05)) await request(() => openAttempt(ctx, input));
    const [made] = await sql<{ reference: string }[]>`select reference from payment_attempts where order_id = ${order.orderId} and form_key = ${formKey}`;
    if (made && random.chance(0.85)) plan(random.between(1, 25) * MINUTE, { kind: "pay", reference: made.reference });
    if (random.chance(0.12) && tries < 3) plan(random.between(1, 40) * MINUTE, { kind: "attempt", order, tries: tries + 1 });
    if (random.chance(0.2)) plan(random.between(1, 30) * MINUTE, { kind: "return", order });
  }

  function pay(reference: string): BankPayment | null {
    const bill = bank.bill(reference);
    if (!bill) return null;
    // A payment that began before the bill was taken back, or before its time ran out, may still go through.
    if (bill.isRevoked && !random.chance(0.15)) return null;
    if (bill.expiresAt <= world.clock.nowMs && !random.chance(0.3)) return null;
    const payment = bank.pay(bill);
    announcePayment(payment);
    // The same QR is scanned by two people (LOST-28).
    if (bill.method === "sbp" && random.chance(0.01)) announcePayment(bank.pay(bill));
    return payment;
  }

  /** Somebody pays an order that 1C is reading about at this very moment. */
  async function payNow(): Promise<void> {
    const open = await sql<{ reference: string }[]>`
      select a.reference from payment_attempts a join orders o on o.id = a.order_id where o.export_version > o.exported_version and a.provider_invoice_id is not null order by a.reference limit 20`;
    const payment = open.length > 0 ? pay(random.pick(open).reference) : null;
    if (payment) await notify(payment, "none", 0);
  }

  function announcePayment(payment: BankPayment): void {
    const times = random.pick([0, 1, 1, 1, 1, 2, 3]);
    for (let i = 0; i < times; i++) plan(random.between(0, 20) * 15_000, { kind: "notify", payment, twist: "none", tries: 0 });
    if (random.chance(0.01)) plan(random.between(0, 10) * MINUTE, { kind: "notify", payment, twist: "forged", tries: 0 });
    if (random.chance(0.01)) plan(random.between(0, 10) * MINUTE, { kind: "notify", payment, twist: "shifted", tries: 0 });
  }

  async function notify(payment: BankPayment, twist: "none" | "forged" | "shifted", tries: number): Promise<void> {
    const came = await request(() => receiveNotification(ctx, acquirer.door, bank.notification(payment, twist)));
    if (!came && tries < 3) plan(2 * MINUTE, { kind: "notify", payment, twist, tries: tries + 1 });
  }

  return {
    payNow,
    async on(event: Event): Promise<void> {
      switch (event.kind) {
        case "attempt":
          return attempt(event.order, event.tries);
        case "pay":
          return void pay(event.reference);
        case "notify":
          return notify(event.payment, event.twist, event.tries);
        case "return": {
          const [row] = event.order.orderId ? await sql<{ id: string }[]>`select id from payment_attempts where order_id = ${event.order.orderId} order by created_at desc limit 1` : [];
          if (row) await request(() => readAttempt(ctx, row.id));
        }
      }
    },
  };
}
