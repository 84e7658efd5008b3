import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { FactKind, FiscalOwner, PayMethodCode } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";

type Money = { orderId: string; kopecks: bigint; method?: PayMethodCode; kind?: FactKind; at?: Date; fiscalOwner?: FiscalOwner; announced?: boolean };

/** Money on an order as the verbs book it, without a bank: for tests of what is read afterwards. */
export async function putMoney({ ctx }: { ctx: Ctx }, given: Money): Promise<string> {
  return inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, given.orderId);
    const kind = given.kind ?? "payment_captured";
    const fact = await recordFact(ctx, tx, {
      kind,
      amountKopecks: given.kopecks,
      method: given.method ?? "card",
      connectionId: null,
      documentKey: newId(),
      occurredAt: given.at ?? ctx.now(),
      fiscalOwner: given.fiscalOwner ?? "none",
      isTest: order.isTest,
      allocations: [{ orderId: order.orderId, counterpartyId: order.counterpartyId, amountKopecks: given.kopecks }],
    });
    const saved = await saveMoney(ctx, tx, withMoney(order, kind, given.kopecks), false);
    // A document key means that 1C knows it; here it only makes the fact unique.
    if (given.announced) await ctx.announce(ctx, tx, { type: "money.captured", fact: { ...fact!, documentKey: null }, order: saved, revisionNo: saved.orderRevisionNo, contact: "ivanov@example.ru" });
    return fact!.factId;
  });
}
