import type { Tx } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import type { Ctx } from "@/lib/context.ts";
import { addMs } from "@/lib/kit/time.ts";
import { shareByLargestRemainder } from "@/lib/kit/share.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { loadBalance } from "./load-balance.ts";
import { planClosingLines } from "./plan-closing-lines.ts";
import type { ShippedLine } from "./plan-closing-lines.ts";
import { TARGET_MS } from "./plan-receipt.ts";
import { problemOf } from "./receipt-problem.ts";
import type { Problem } from "./receipt-problem.ts";
import { splitReceipt, sumOf } from "./split-receipt.ts";
import { isCompanyPayer, newReceiptWrites, notRequiredWrites } from "./write-receipt.ts";

const noMarkCode: Problem = { code: "MARK_CODE_REQUIRED", text: "У маркированного товара нет кода", advice: "Отгрузка уже учтена без верных кодов: передайте из 1С отгрузку ещё раз с кодом каждой штуки, чек соберётся заново, или пробейте его на кассе с маркировкой и закройте эту запись. В следующих отгрузках передавайте код каждой штуки." };

/**
 * Plans the closing receipt of one hand-over in its transaction (FISC-10 … FISC-29): a row in every case, with the reason when
 * none is due. The caller holds the order and has written the shipment. A second call for the same shipment does nothing.
 * With `closingTrigger = handed_over` it waits for `confirmHandOver`.
 * 1C tells of a hand-over late at times (LOST-16): the receipt is due when we learn of it, its real day stands on the shipment.
 */
export async function planClosing(ctx: Ctx, tx: Tx, { order, shipmentId, isHandedOver = false }: { order: LockedOrder; shipmentId: string; isHandedOver?: boolean }): Promise<void> {
  const [standing] = await tx`select 1 from receipts where shipment_id = ${shipmentId} and state <> 'cancelled' limit 1`;
  if (standing) return;
  const lines = await tx<ShippedLine[]>`
    select l.order_line_id, l.name, l.kind, l.unit_code, l.quantity, l.sum_kopecks, l.vat_rate,
           coalesce((select array_agg(c.mark_code order by c.told_at, c.mark_code) from shipment_codes c where c.shipment_id = l.shipment_id and c.line_no = l.line_no), l.mark_codes) as mark_codes
      from shipment_lines l where l.shipment_id = ${shipmentId} and l.sum_kopecks > 0 order by l.line_no`;
  const totalKopecks = sumOf(lines);
  // Nothing but free goods: a receipt has no line for them (FISC-44).
  if (totalKopecks === 0n) return;
  // PIL-01, PIL-07: what is neither in work nor begun here is handed over by today's register.
  if (!order.isOurs) {
    return writeTogether(tx, notRequiredWrites(ctx, tx, { order, factId: null, shipmentId, isTest: order.isTest, purpose: "closing", kind: "income", totalKopecks }, "not_in_work"));
  }
  const trigger = await readSetting(tx, "closingTrigger");
  if (trigger === "handed_over" && !isHandedOver) return;
  const about = { order, factId: null, shipmentId, isTest: order.isTest };
  const [unpaidRest, balance, known] = await Promise.all([readSetting(tx, "closing.unpaidRest"), loadBalance(tx, { orderId: order.orderId }), readAround(tx, order.orderId)]);
  const plan = trigger === "never" ? ({ kind: "not_required", reason: "closing_off" } as const) : planClosingLines({
    lines, balance, unpaidRest, isCompany: isCompanyPayer(order), hasForeignMoney: known.hasForeignMoney, hasDeferral: order.dueDate !== null,
  });
  if (plan.kind === "not_required") {
    return writeTogether(tx, notRequiredWrites(ctx, tx, { ...about, purpose: "closing", kind: "income", totalKopecks }, plan.reason));
  }
  const parts = splitReceipt(plan.lines);
  const contact = order.orderContact ?? known.contact;
  const problem = plan.hasMarkCodes ? problemOf({ order, contact, lines: plan.lines, partCount: parts.length }) : noMarkCode;
  const rows = problem ? [plan.lines] : parts;
  const offsets = shareByLargestRemainder(plan.offsetKopecks, rows.map(sumOf));
  for (const [i, part] of rows.entries()) {
    const { receiptId, writes } = newReceiptWrites(ctx, tx, {
      ...about, purpose: "closing", kind: "income", partNo: i + 1, lines: part, offsetKopecks: offsets[i]!, creditKopecks: plan.creditKopecks === 0n ? 0n : sumOf(part) - offsets[i]!,
      contact, dueAt: addMs(ctx.now(), TARGET_MS), problem,
    });
    await writeTogether(tx, writes);
    if (!problem) await ctx.enqueue(tx, "receipt.work", { receiptId, stepNo: 0 });
  }
}

/** Money that another register prints, and the contact that the buyer gave when paying. */
async function readAround(tx: Tx, orderId: string): Promise<{ hasForeignMoney: boolean; contact: string | null }> {
  const [row] = await tx<{ hasForeignMoney: boolean; contact: string | null }[]>`
    select exists (select 1 from allocations a join money_facts f on f.id = a.fact_id
              where a.order_id = ${orderId} and f.kind = 'payment_captured' and (f.fiscal_owner in ('pos', 'onec', 'provider')
                or exists (select 1 from receipts n where n.fact_id = f.id and n.reason_code = 'not_in_work')) group by a.fact_id having sum(a.amount_kopecks) > 0) as has_foreign_money,
           (select r.contact from receipts r where r.order_id = ${orderId} and r.contact is not null order by r.planned_at desc limit 1) as contact`;
  return row!;
}
