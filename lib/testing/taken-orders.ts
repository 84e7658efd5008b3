/** Orders of one base as the intake takes them, and what is left of them in the database. */
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordTransfer } from "@/lib/payments/index.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aShop } from "./factories.ts";
import type { TestShop } from "./factories.ts";

export type TakenOrders = TestContext & {
  shop: TestShop;
  /** The row of an order, with the number of its revisions and of the lines of the last one. */
  orderOf(number: string): Promise<Record<string, unknown> & { id: string }>;
  /** Kinds of the order's story, oldest first. */
  eventsOf(orderId: string): Promise<string[]>;
  linksOf(orderId: string): Promise<{ id: string; state: string; amountKopecks: bigint }[]>;
  alertsOf(orderId: string): Promise<{ code: string; severity: string; state: string }[]>;
  /** Money that a till has taken for the order. */
  pay(orderId: string, amountKopecks: bigint): Promise<void>;
};

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openTakenOrders(): Promise<TakenOrders> {
  const t = await openTestContext();
  const { sql } = t.ctx.database;
  return {
    ...t,
    shop: await aShop(t),
    async orderOf(number) {
      const [row] = await sql`
        select o.*, (select count(*)::int from order_revisions r where r.order_id = o.id) as revisions,
               (select count(*)::int from order_lines l join order_revisions r on r.id = l.revision_id where r.order_id = o.id and r.no = o.revision_no) as lines
          from orders o where o.number = ${number}`;
      return row as Record<string, unknown> & { id: string };
    },
    eventsOf: async (orderId) => (await sql<{ kind: string }[]>`select kind from order_events where order_id = ${orderId} order by at, id`).map((event) => event.kind),
    linksOf: async (orderId) => [...(await sql<{ id: string; state: string; amountKopecks: bigint }[]>`select id, state, amount_kopecks from payment_links where order_id = ${orderId} order by created_at, id`)],
    alertsOf: async (orderId) => [...(await sql<{ code: string; severity: string; state: string }[]>`select code, severity, state from alerts where order_id = ${orderId} order by first_at, id`)],
    async pay(orderId, amountKopecks) {
      await inTransaction(t.ctx, async (tx) => {
        await recordTransfer(t.ctx, tx, await lockOrder(tx, orderId), { amountKopecks, method: "cash", documentKey: newId(), documentNumber: null, occurredAt: t.ctx.now(), fiscalOwner: "pos" });
      });
    },
  };
}
