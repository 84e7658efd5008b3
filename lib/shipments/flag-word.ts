import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { TakenOrder } from "@/lib/orders/intake/taken-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";

/** Whether «Отгружен» of УНФ was true when it last said anything new of the order: УНФ says false all along of what a status or a document told of. */
async function saidShipped(tx: Tx, orderId: string): Promise<boolean> {
  const [last] = await tx<{ kind: string }[]>`
    select kind from order_events where order_id = ${orderId} and (kind = 'order.unshipped_in_onec' or (kind = 'order.shipped_in_onec' and detail ->> 'byFlag' = 'true')) order by at desc, id desc limit 1`;
  return last?.kind === "order.shipped_in_onec";
}

/** The flag says true, of whatever told of the hand-over first: when it says false later, that is news. */
export async function noteFlagTrue(ctx: Ctx, tx: Tx, orderId: string, { number, at }: NonNullable<TakenOrder["shipped"]>): Promise<void> {
  if (await saidShipped(tx, orderId)) return;
  await recordEvent(ctx, tx, { orderId, kind: "order.shipped_in_onec", detail: { documentNumber: number, documentDate: at.toISOString(), byFlag: true } });
}

/** The flag says false. Returns whether it had said true before. */
export async function noteFlagFalse(ctx: Ctx, tx: Tx, orderId: string): Promise<boolean> {
  if (!(await saidShipped(tx, orderId))) return false;
  await recordEvent(ctx, tx, { orderId, kind: "order.unshipped_in_onec" });
  return true;
}
