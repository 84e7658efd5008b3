/** Steps of stories in which money moves or goes back after the payment. */
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { absorbProviderRefunds } from "@/lib/refunds/index.ts";
import { recordShipment } from "@/lib/shipments/index.ts";
import { letTimePass } from "./paid-order.ts";
import type { RefundWorld } from "./refund-world.ts";
import { receiptsOf } from "./shop-day.ts";

/** 1C hands one line of the order over, whole; its closing receipt has time to go out. */
export async function shipLine(t: RefundWorld, orderId: string, name: string): Promise<void> {
  await inTransaction(t.ctx, async (tx) => {
    const order = await lockOrder(tx, orderId);
    const line = order.lines.find((each) => each.name === name)!;
    await recordShipment(t.ctx, tx, order, {
      documentKey: newId(), number: null, shippedAt: t.ctx.now(), source: "onec_document",
      lines: [{ orderLineId: line.lineId, name, kind: line.kind, unitCode: line.unitCode, quantity: line.quantity, sumKopecks: line.sumKopecks, vatRate: line.vatRate, markCodes: null }],
    });
  });
  await letTimePass(t, 10);
}

/** State, reason and offset of each closing receipt of the order. */
export const closingsOf = async (t: RefundWorld, orderId: string): Promise<[unknown, unknown, unknown][]> =>
  (await receiptsOf(t, orderId)).filter((receipt) => receipt.purpose === "closing").map(({ state, reasonCode, offsetKopecks }) => [state, reasonCode, offsetKopecks]);

/** The bank's people give a payment, or a part of it, back in their cabinet; we hear of it and print. */
export async function givenBackAtBank(t: RefundWorld, factId: string, amount: string): Promise<void> {
  const [fact] = await t.ctx.database.sql<{ bankId: string }[]>`select provider_payment_id as bank_id from money_facts where id = ${factId}`;
  await t.sandbox.control(`paykeeper/refund/${fact!.bankId}`, { amount });
  await t.advance(10);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const seen = await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, fact!.bankId);
  if (seen !== "changed") throw new Error(`the bank's refund was not seen: ${seen}`);
  await letTimePass(t, 60);
}
