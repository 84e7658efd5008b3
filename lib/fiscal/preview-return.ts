import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { vatLabel } from "@/lib/kit/vat.ts";
import { isPayableLifecycle } from "@/lib/orders/states.ts";
import { lockedOrderColumns, readLockedOrder } from "@/lib/orders/lock-order.ts";
import { notFound } from "@/lib/kit/errors.ts";
import { standingReturn } from "@/lib/refunds/standing-return.ts";
import type { RefundReason } from "@/lib/refunds/states.ts";
import { smaller } from "./balance.ts";
import { planFor, readIncome } from "./plan-return.ts";
import type { ReturnedLine } from "./plan-return-lines.ts";
import { sumOf } from "./split-receipt.ts";
import { notRequiredReasons, settlementMethodLabels } from "./states.ts";

export type ReturnPreview = {
  /** Why no receipt will be made, in words; null when one will. */
  notRequired: string | null;
  receipts: { kind: "income_return" | "income"; totalKopecks: bigint; lines: { name: string; quantity: string; sumKopecks: bigint; vatLabel: string; vatKopecks: bigint; methodLabel: string }[] }[];
  /** Money that no receipt of ours covers: the return receipt will stop and wait for a person. */
  uncoveredKopecks: bigint;
  /** The order was cancelled or deleted: everything goes back. */
  isWholeOrder: boolean;
};

export type ReturnPreviewInput = {
  orderId: string;
  paymentFactId: string | null;
  amountKopecks: bigint;
  lines: readonly { orderLineId: string; quantity: string; sumKopecks: bigint }[];
  reason: RefundReason;
};

/** «Какой чек будет пробит»: the very plan that a refund makes, without making it. Throws `not_found`. The caller has checked who may see the order. */
export async function previewReturnReceipt(ctx: Ctx, input: ReturnPreviewInput): Promise<ReturnPreview> {
  return inTransaction(ctx, async (tx) => {
    const [row] = await tx`select ${lockedOrderColumns(tx, tx`o.revision_no`)} from orders o where o.id = ${input.orderId}`;
    if (!row) throw notFound("Заказ не найден");
    const order = readLockedOrder(row as never);
    const isWholeOrder = !isPayableLifecycle(order.lifecycle);
    const [payment] = input.paymentFactId ? await tx<{ fiscalOwner: string }[]>`select fiscal_owner from money_facts where id = ${input.paymentFactId}` : [];
    if (payment && payment.fiscalOwner !== "site") return { notRequired: notRequiredReasons.fiscal_owner_other, receipts: [], uncoveredKopecks: 0n, isWholeOrder };
    const { notRequired } = await readIncome(tx, input.paymentFactId, input.orderId);
    if (notRequired) return { notRequired: notRequiredReasons[notRequired], receipts: [], uncoveredKopecks: 0n, isWholeOrder };
    const goods = input.lines.length === 0 ? [] : await tx<Omit<ReturnedLine, "quantity" | "sumKopecks">[]>`
      select ol.id as order_line_id, ol.onec_item_id as item_id, ol.name, ol.vat_rate as vat from order_lines ol join order_revisions v on v.id = ol.revision_id
       where v.order_id = ${input.orderId} and ol.id = any(${input.lines.map((line) => line.orderLineId)}::uuid[])`;
    const lines = input.lines.flatMap((line) => {
      const found = goods.find((one) => one.orderLineId === line.orderLineId);
      return found ? [{ ...found, quantity: line.quantity, sumKopecks: line.sumKopecks }] : [];
    });
    const amountKopecks = input.amountKopecks - smaller(await standingReturn(tx, { orderId: input.orderId }), input.amountKopecks);
    if (amountKopecks === 0n) return { notRequired: notRequiredReasons.return_stands, receipts: [], uncoveredKopecks: 0n, isWholeOrder };
    const plan = await planFor(tx, { order, parentFactId: input.paymentFactId, amountKopecks, lines, reason: input.reason });
    return {
      notRequired: null,
      receipts: plan.receipts.map(({ kind, lines: all }) => ({
        kind,
        totalKopecks: sumOf(all),
        lines: all.map((line) => ({
          name: line.name, quantity: line.quantity, sumKopecks: line.sumKopecks, vatLabel: vatLabel(line.vat), vatKopecks: line.vatKopecks, methodLabel: settlementMethodLabels[line.method],
        })),
      })),
      uncoveredKopecks: plan.uncoveredKopecks,
      isWholeOrder,
    };
  });
}
