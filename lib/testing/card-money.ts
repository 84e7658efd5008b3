import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";

/** A card or SBP payment as a capture leaves it, without a provider around it: the fact, the order's money, what is owed. */
export async function cardMoney({ ctx }: { ctx: Ctx }, orderId: string, amountKopecks: bigint, connectionId: string, method: "card" | "sbp" = "card", fiscalOwner: "none" | "site" = "none"): Promise<{ factId: string }> {
  return inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, orderId);
    const fact = await recordFact(ctx, tx, {
      kind: "payment_captured", amountKopecks, method, connectionId, providerPaymentId: newId(), captureNo: 1, occurredAt: ctx.now(), fiscalOwner, isTest: order.isTest,
      allocations: [{ orderId, counterpartyId: order.counterpartyId, amountKopecks }],
    });
    const saved = await saveMoney(ctx, tx, withMoney(order, "payment_captured", amountKopecks), false);
    await ctx.announce(ctx, tx, { type: "money.captured", fact: fact!, order: saved, revisionNo: order.orderRevisionNo, contact: fiscalOwner === "site" ? "buyer@mail.example" : null });
    return { factId: fact!.factId };
  });
}
