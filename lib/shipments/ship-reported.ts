import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { TakenOrder } from "@/lib/orders/intake/taken-order.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { readShipped, recordShipment } from "./record-shipment.ts";
import { noteFlagTrue } from "./flag-word.ts";
import { askDisagreeing, askUnshipped, statusKey, unshippedKey } from "./unship-reported.ts";
import { unshippedLines } from "./unshipped-lines.ts";

/**
 * Stock 1C names only the last document and says that nothing is left to ship: what of the current lines is not out yet went out now.
 * A second upload of the same finds nothing left (CML-20); lines that changed after the hand-over bring only their new pieces (LOST-17).
 */
export async function shipReported(ctx: Ctx, tx: Tx, orders: readonly TakenOrder[]): Promise<void> {
  for (const taken of orders) {
    const { orderId, shipped, revisionNo } = taken;
    if (taken.unshipped) await askUnshipped(ctx, tx, taken);
    if (!shipped) continue;
    if (!taken.flagDisagrees) await resolveAlert(ctx, tx, "ALR-16", unshippedKey(orderId));
    if (shipped.byFlag) await noteFlagTrue(ctx, tx, orderId, shipped);
    const order = await lockOrder(tx, orderId);
    // A total that its lines do not explain makes no receipt and no debt until 1C has put it right (CML-18).
    if (order.linesMatchTotal) {
      const lines = unshippedLines(order.lines, await readShipped(tx, orderId));
      await recordShipment(ctx, tx, order, { documentKey: statusKey(shipped, revisionNo), number: shipped.number, shippedAt: shipped.at, source: "onec_status", lines });
    }
    if (taken.flagDisagrees) await askDisagreeing(ctx, tx, orderId);
  }
}
