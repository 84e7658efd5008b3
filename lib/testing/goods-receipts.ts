/** Receipts of hand-overs, for tests of goods that a base of 1C tells of. */
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { TestContext } from "./context.ts";

/** Fields of an order of a person whose deferral counts from the hand-over. */
export const person = { deferral: { days: 14, from: "shipment" }, customer: { type: "person", name: "Иванов", email: "a@example.ru" } };

/** Closing receipts of an order with their marking codes, oldest first. */
export const closingOf = async ({ ctx }: TestContext, siteId: string) => [...(await ctx.database.sql<{ id: string; state: string; codes: string[] }[]>`
  select r.id, r.state, (select coalesce(array_agg(l.mark_code order by l.mark_code) filter (where l.mark_code is not null), '{}') from receipt_lines l where l.receipt_id = r.id) as codes from receipts r where r.order_id = ${siteId} and r.purpose = 'closing' order by r.planned_at, r.id`)];

/** As if the register had the closing receipts. */
export const printed = ({ ctx }: TestContext, siteId: string) =>
  ctx.database.sql`update receipts set state = 'sent', request_body = '{}', send_count = 1 where order_id = ${siteId} and purpose = 'closing' and state <> 'cancelled'`;

/** The bank has given a payment of the order back, with what follows from it; kopecks. */
export const paidBack = ({ ctx }: TestContext, { siteId, factId, bankId, kopecks }: { siteId: string; factId: string; bankId: string; kopecks: bigint }) => inTransaction(ctx, async (tx) => {
  const order = await lockOrder(tx, siteId);
  const fact = await recordFact(ctx, tx, {
    kind: "refund_succeeded", amountKopecks: kopecks, method: "card", connectionId: bankId, providerPaymentId: newId(), providerOperationId: newId(), parentFactId: factId, occurredAt: ctx.now(), fiscalOwner: "site", isTest: true,
    allocations: [{ orderId: siteId, counterpartyId: null, amountKopecks: kopecks }],
  });
  await ctx.announce(ctx, tx, { type: "money.returned", fact: fact!, order: await saveMoney(ctx, tx, withMoney(order, "refund_succeeded", kopecks), false), refundId: null, contact: "a@example.ru" });
});
