/** Refunds asked for and approved by staff, at the sandbox bank: for stories of money that goes back (domain 2.5). */
import { approveRefund, requestRefund } from "@/lib/refunds/index.ts";
import type { RequestRefund } from "@/lib/refunds/index.ts";
import { aStaff } from "./a-staff.ts";
import type { MadeStaff } from "./a-staff.ts";
import { openMoneyWorld } from "./money-world.ts";
import type { MoneyWorld } from "./money-world.ts";

type RefundState = { state: string; failText: string | null; pollCount: number; providerRefundId: string | null };

export type RefundWorld = MoneyWorld & {
  manager: MadeStaff;
  accountant: MadeStaff;
  director: MadeStaff;
  /** The manager asks for a refund; gives its id. */
  asked(orderId: string, given?: Partial<RequestRefund>): Promise<string>;
  /** The same, and the director approves it. */
  approved(orderId: string, given?: Partial<RequestRefund>): Promise<string>;
  stateOf(refundId: string): Promise<RefundState>;
  openAlerts(orderId: string, code: string): Promise<{ severity: string; title: string }[]>;
  /** Return receipts of an order that are planned or out. */
  returnReceipts(orderId: string): Promise<unknown[]>;
};

/** A request for 645.50 of an order's money, by the way it came. */
export const wish = (orderId: string, given: Partial<RequestRefund> = {}): RequestRefund => ({ orderId, paymentFactId: null, amountKopecks: 64_550n, reason: "goods_return", reasonText: null, method: "instrument", ...given });

/** Call once per file in `beforeAll`; close in `afterAll`, disarm faults in `afterEach`. */
export async function openRefundWorld(): Promise<RefundWorld> {
  const t = await openMoneyWorld();
  const { sql } = t.ctx.database;
  const manager = await aStaff(t, { role: "manager", storeId: t.shop.storeId });
  const accountant = await aStaff(t, { role: "accountant" });
  const director = await aStaff(t, { role: "director" });
  const asked: RefundWorld["asked"] = async (orderId, given = {}) => (await requestRefund(manager.ctx, wish(orderId, given)))[0]!.refundId;
  return {
    ...t,
    manager,
    accountant,
    director,
    asked,
    async approved(orderId, given = {}) {
      const refundId = await asked(orderId, given);
      await approveRefund(director.ctx, { refundId });
      return refundId;
    },
    stateOf: async (refundId) => (await sql<RefundState[]>`select state, fail_text, poll_count, provider_refund_id from refunds where id = ${refundId}`)[0]!,
    openAlerts: async (orderId, code) => [...(await sql<{ severity: string; title: string }[]>`select severity, title from alerts where order_id = ${orderId} and code = ${code} and state <> 'resolved'`)],
    returnReceipts: async (orderId) =>
      [...(await sql`select 1 from receipts r join money_facts f on f.id = r.fact_id where r.order_id = ${orderId} and f.kind = 'refund_succeeded' and r.state not in ('cancelled', 'not_required')`)],
  };
}
