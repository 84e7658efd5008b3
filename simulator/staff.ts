/** Staff: they repeat stopped receipts, give money back, sometimes two at once, move overpayments, bind money without an order. */
import { bindPayment, listUnbound, moveMoney } from "@/lib/allocations/index.ts";
import { makeCorrectionReceipt, repeatReceipt } from "@/lib/fiscal/index.ts";
import { DomainError } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { approveRefund, rejectRefund, requestRefund } from "@/lib/refunds/index.ts";
import type { RefundReason } from "@/lib/refunds/index.ts";
import { ProcessCrash } from "./crash.ts";
import type { World } from "./world.ts";

type Troubled = { orderId: string; number: string; overpaid: bigint; netPaid: bigint; isGone: boolean };

export function createStaff(world: World) {
  const { eyes, random, crashes, faults, staff } = world;
  const { sql } = eyes.database;
  let refusals = 0;

  /** A click: may die with the process, may be refused with words. */
  async function click(work: () => Promise<unknown>): Promise<void> {
    crashes.arm(faults.isOn && random.chance(0.01) ? random.between(1, 25) : null);
    try {
      await work();
    } catch (error) {
      if (error instanceof DomainError) refusals += 1;
      else if (!(error instanceof ProcessCrash) && !crashes.isDead()) throw error;
    } finally {
      crashes.arm(null);
    }
  }

  const ask = (orderId: string, amountKopecks: bigint, reason: RefundReason) =>
    requestRefund(staff.manager, { orderId, paymentFactId: null, amountKopecks, reason, reasonText: "по просьбе покупателя", method: "instrument", formKey: newId() });

  async function repeatReceipts(): Promise<void> {
    const stopped = await sql<{ id: string; failCode: string | null }[]>`select id, fail_code from receipts where state = 'failed_final' order by planned_at, id limit 50`;
    for (const { id, failCode } of stopped) {
      await click(() => (failCode === "LATE_NEEDS_CORRECTION" ? makeCorrectionReceipt(staff.accountant, { receiptId: id, basis: "own" }) : repeatReceipt(staff.accountant, { receiptId: id })));
    }
  }

  async function giveBack(): Promise<void> {
    const troubled = await sql<Troubled[]>`
      select id as order_id, number, greatest(0, n - p) as overpaid, n as net_paid, p = 0 as is_gone from (
        select id, number, captured_kopecks - reversed_kopecks - refunded_kopecks - charged_back_kopecks as n,
               case when lifecycle in ('cancelled', 'deleted') then 0 else total_kopecks - goods_returned_kopecks end as p
          from orders where payment_status = 'overpaid') o
       where not exists (select 1 from refunds r where r.order_id = o.id and r.state in ('requested', 'approved', 'submitting', 'unknown', 'pending')) order by number limit 40`;
    for (const { orderId, overpaid, isGone } of troubled) {
      if (random.chance(0.2)) continue;
      const wishes = random.chance(0.1) ? [ask(orderId, overpaid, "overpayment"), ask(orderId, overpaid, "overpayment")] : [ask(orderId, overpaid, isGone ? "order_cancelled" : "double_payment")];
      await click(() => Promise.all(wishes.map((wish) => wish.catch(onlyWords))));
    }
    // Buyers who changed their minds about a part of a paid order.
    const paid = await sql<{ id: string; n: bigint }[]>`
      select id, captured_kopecks - reversed_kopecks - refunded_kopecks - charged_back_kopecks as n from orders where payment_status = 'paid' order by md5(number || ${String(random.below(1_000_000))}) limit ${random.below(7)}`;
    for (const { id, n } of paid) if (n > 2n) await click(() => ask(id, BigInt(1 + random.below(Number(n - 1n))), random.pick(["order_reduction", "goods_return", "other"] as const)));
  }

  async function decide(): Promise<void> {
    const waiting = await sql<{ id: string }[]>`select id from refunds where state = 'requested' order by requested_at, id limit 60`;
    for (const { id } of waiting) {
      // The director looks at everything; two of them may press at once.
      const presses = random.chance(0.05) ? [() => rejectRefund(staff.director, { refundId: id, text: "не согласовано" })] : random.chance(0.1) ? [() => approveRefund(staff.director, { refundId: id }), () => approveRefund(staff.director, { refundId: id })] : [() => approveRefund(staff.director, { refundId: id })];
      for (const press of presses) {
        const refusedBefore = refusals;
        await click(press);
        // What may not go back any more does not wait for ever.
        if (refusals > refusedBefore) await click(() => rejectRefund(staff.director, { refundId: id, text: "возвращать нечего" }));
      }
    }
  }

  async function tidy(): Promise<void> {
    for (const { factId, candidates } of (await listUnbound(eyes, true)).slice(0, 5)) {
      const [first] = candidates;
      if (first) await click(() => bindPayment(staff.accountant, { factId, orderId: first.orderId, reason: "сумма и время совпали" }));
    }
    const [excess] = await sql<{ factId: string; orderId: string; overpaid: bigint }[]>`
      select a.fact_id, o.id as order_id, o.captured_kopecks - o.reversed_kopecks - o.refunded_kopecks - o.charged_back_kopecks - o.total_kopecks as overpaid from orders o
        join allocations a on a.order_id = o.id join money_facts f on f.id = a.fact_id and f.kind = 'payment_captured'
       where o.payment_status = 'overpaid' and o.lifecycle not in ('cancelled', 'deleted') and o.counterparty_id is not null and o.payer_kind = 'organization' order by o.number, a.fact_id limit 1`;
    if (excess && random.chance(0.3)) await click(() => moveMoney(staff.accountant, { factId: excess.factId, fromOrderId: excess.orderId, toOrderId: null, amountKopecks: excess.overpaid, reason: "оставить авансом" }));
  }

  return {
    async work(): Promise<void> {
      await repeatReceipts();
      await decide();
      if (faults.isOn) {
        await giveBack();
        await tidy();
      }
    },
    refusals: () => refusals,
  };
}

function onlyWords(error: unknown): void {
  if (!(error instanceof DomainError)) throw error;
}
