import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId, newToken } from "@/lib/kit/ids.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import { awaitsRevision } from "@/lib/orders/awaiting-revision.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { barredPayment, isPaymentBarred } from "@/lib/orders/order-may.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { readSetting } from "@/lib/settings/index.ts";
import type { LinkState } from "./states.ts";

export type PaymentLink = { linkId: string; orderId: string; token: string; state: LinkState; amountKopecks: bigint; revisionNo: number; validUntil: Date };

const columns = (on: Tx) => on`id as link_id, order_id, token, state, amount_kopecks, revision_no, valid_until`;

/**
 * The order's active link, made when there is none and money is due. One link is active at a time (2.3); a link of an
 * older revision or sum is superseded by a new row. Null when nothing may be paid: nothing due, cancelled, not posted, paid in 1C, too late, a new sum awaited from
 * 1C; also while the store's mode, the pilot or the kill switch bars it (PIL-02, PIL-05): then a link that still fits stays as it is, for the day when they do not.
 */
export async function ensureLink(ctx: Ctx, tx: Tx, order: LockedOrder): Promise<PaymentLink | null> {
  const dueKopecks = await askedKopecks(ctx, tx, order);
  const [active] = await tx<PaymentLink[]>`select ${columns(tx)} from payment_links where order_id = ${order.orderId} and state = 'active'`;
  const isBarred = order.payBar !== null;
  const isOver = order.payUntil !== null && order.payUntil <= ctx.now();
  const mayPay = dueKopecks > 0n;
  if (active && mayPay && active.amountKopecks === dueKopecks && active.revisionNo === order.orderRevisionNo && active.validUntil > ctx.now()) {
    const link = await lastUntil(tx, active, order.payUntil);
    return isBarred ? null : link;
  }
  if (active) await closeLink(ctx, tx, active, !mayPay ? (order.onecPaymentNumber !== null ? "fulfilled" : isOver ? "expired" : "revoked") : active.validUntil <= ctx.now() ? "expired" : "superseded");
  if (!mayPay || isBarred) return null;
  const validUntil = order.payUntil ?? addMs(ctx.now(), (await readSetting(tx, "link.validDays")) * DAY_MS);
  const [link] = await tx<PaymentLink[]>`
    insert into payment_links (id, order_id, token, state, revision_no, amount_kopecks, valid_until, created_at)
    values (${newId()}, ${order.orderId}, ${newToken()}, 'active', ${order.orderRevisionNo}, ${dueKopecks}, ${validUntil}, ${ctx.now()})
    returning ${columns(tx)}`;
  await recordEvent(ctx, tx, { orderId: order.orderId, kind: "link.created", amountKopecks: dueKopecks, subjectId: link!.linkId });
  return link!;
}

/** The term that 1C or the shop gave moves a link that the buyer has already: its address stays. */
async function lastUntil(tx: Tx, link: PaymentLink, payUntil: Date | null): Promise<PaymentLink> {
  if (payUntil === null || payUntil.getTime() === link.validUntil.getTime()) return link;
  await tx`update payment_links set valid_until = ${payUntil} where id = ${link.linkId}`;
  return { ...link, validUntil: payUntil };
}

/** What this order asks a buyer for, kopecks, whatever bars the asking; 0 = nothing. */
export async function askedKopecks(ctx: Ctx, tx: Tx, order: LockedOrder): Promise<bigint> {
  const { dueKopecks } = orderBalance(order);
  // Paid by the data of 1C: the page is closed although our ledger has no such money (CML-21).
  if (dueKopecks === 0n || !isPayableLifecycle(order.lifecycle) || !order.isPosted || order.onecPaymentNumber !== null) return 0n;
  if (order.payUntil !== null && order.payUntil <= ctx.now()) return 0n;
  // Money went back and 1C has not made the order smaller yet: what looks due is not asked for (PAY-06).
  return order.refundedKopecks > 0n && (await awaitsRevision(tx, order.orderId)) ? 0n : dueKopecks;
}

async function closeLink(ctx: Ctx, tx: Tx, link: PaymentLink, state: "fulfilled" | "revoked" | "expired" | "superseded"): Promise<void> {
  await Promise.all([
    tx`update payment_links set state = ${state}, closed_at = ${ctx.now()} where id = ${link.linkId} and state = 'active'`,
    recordEvent(ctx, tx, { orderId: link.orderId, kind: "link.closed", subjectId: link.linkId, detail: { state } }),
  ]);
}

/**
 * Makes or renews the pay link: staff's «Создать ссылку», the buyer's «Запросить новую ссылку». Throws `conflict` (details.reason
 * `not_payable`) while the mode, the pilot or the kill switch bars payment.
 */
export async function renewLink(ctx: Ctx, orderId: string): Promise<PaymentLink | null> {
  try {
    return await inTransaction(ctx, async (tx) => {
      const order = await lockOrder(tx, orderId);
      if (order.payBar !== null) throw barredPayment(order.payBar);
      return ensureLink(ctx, tx, order);
    });
  } catch (error) {
    if (isPaymentBarred(error)) throw barredPayment("stopped");
    throw error;
  }
}

/** Notes the first opening of a link by a buyer. */
export async function markLinkOpened(ctx: Ctx, linkId: string, device: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const [opened] = await tx<{ orderId: string }[]>`
      update payment_links set first_opened_at = ${ctx.now()} where id = ${linkId} and first_opened_at is null returning order_id`;
    if (opened) await recordEvent(ctx, tx, { orderId: opened.orderId, kind: "link.opened", subjectId: linkId, detail: { device } });
  });
}

/** Links whose time ran out (2.3). Blocks new attempts only: money that comes later is still recorded (LOST-05). */
export async function expireLinks(ctx: Ctx): Promise<number> {
  return inTransaction(ctx, async (tx) => {
    const gone = await tx<{ id: string; orderId: string }[]>`
      update payment_links set state = 'expired', closed_at = ${ctx.now()}
       where id in (select id from payment_links where state = 'active' and valid_until <= ${ctx.now()} limit 500 for update skip locked)
      returning id, order_id`;
    for (const link of gone) {
      await recordEvent(ctx, tx, { orderId: link.orderId, kind: "link.closed", subjectId: link.id, detail: { state: "expired" } });
      await ctx.announce(ctx, tx, { type: "link.expired", linkId: link.id, orderId: link.orderId });
    }
    return gone.length;
  });
}
