/** What staff may correct in an order of 1C: fields of both sides (domain 1.2), so that 1C's next word about them is a question and no silent overwrite. */
import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import type { Permission } from "@/lib/auth/permissions.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { ownEditWrite } from "@/lib/conflicts/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { parseContact } from "@/lib/kit/contact.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { addDays, instantOfLocal, localDate } from "@/lib/kit/time.ts";
import { refreshOffer } from "@/lib/payments/offer-links.ts";
import { assertVisible } from "./assert-visible.ts";
import { lockOrder } from "./lock-order.ts";
import type { LockedOrder } from "./lock-order.ts";
import { recordEvent } from "./record-event.ts";
import { setOwnContact } from "./set-own-contact.ts";
import { lockBuyerOrders } from "./set-terms.ts";

/**
 * The order held, where this person may do it; `withBuyer`: with all orders of its buyer, in one ascending sequence (decision 0023). Throws `forbidden`,
 * `not_found`, `conflict` when it got another buyer just then.
 */
export async function editOrder(ctx: Ctx, orderId: string, permission: Permission, edit: (tx: Tx, order: LockedOrder) => Promise<boolean>, { withBuyer = false } = {}): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== "staff" || !can(actor.role, permission)) throw forbidden();
  await assertVisible(ctx, viewerOf(actor), orderId);
  const isChanged = await inTransaction(ctx, async (tx) => {
    const buyerId = withBuyer ? await lockOrdersOfBuyer(tx, orderId) : null;
    const order = await lockOrder(tx, orderId);
    if (withBuyer && order.counterpartyId !== buyerId) throw conflict("У заказа только что сменился покупатель: посмотрите ещё раз");
    if (!(await edit(tx, order))) return false;
    // The stock exchange gives our word with its next answer.
    if (order.onecConnectionId !== null) await ctx.announce(ctx, tx, { type: "order.changed", order: await lockOrder(tx, orderId), reason: "edited" });
    return true;
  });
  if (isChanged) ctx.hint(orderId);
}

async function lockOrdersOfBuyer(tx: Tx, orderId: string): Promise<string | null> {
  const [row] = await tx<{ counterpartyId: string | null }[]>`select counterparty_id from orders where id = ${orderId}`;
  if (row?.counterpartyId) await lockBuyerOrders(tx, row.counterpartyId);
  return row?.counterpartyId ?? null;
}

const contactProblems = { empty: "Укажите e-mail или телефон", too_long: "Контакт длиннее 64 знаков", email: "Проверьте e-mail", phone: "Проверьте телефон: нужен номер с кодом" } as const;

/** Where receipts and letters of this order go. Throws `forbidden`, `not_found`, `invalid` (details.field). */
export async function changeContact(ctx: Ctx, input: { orderId: string; contact: string }): Promise<void> {
  const contact = parseContact(input.contact);
  if ("error" in contact) throw invalid(contactProblems[contact.error], { field: "contact" });
  await editOrder(ctx, input.orderId, "link.manage", async (tx, order) => {
    if (order.orderContact === contact.value) return false;
    await setOwnContact(ctx, tx, order, contact.value);
    await recordEvent(ctx, tx, { orderId: order.orderId, kind: "contact.changed" });
    await recordAudit(ctx, tx, { action: "contact.changed", objectType: "order", objectId: order.orderId, after: { contactChanged: true } });
    return true;
  });
}

/** The last day on which it may be paid, whole; null = no limit. Throws `forbidden`, `not_found`, `invalid` (details.field). */
export async function changePayBy(ctx: Ctx, input: { orderId: string; lastDay: string | null }): Promise<void> {
  const { lastDay } = input;
  const payUntil = lastDay === null ? null : /^\d{4}-\d{2}-\d{2}$/.test(lastDay) ? instantOfLocal(`${addDays(lastDay, 1)}T00:00:00`, ctx.zone) : undefined;
  if (payUntil === undefined || (lastDay !== null && payUntil === null)) throw invalid("Укажите день", { field: "lastDay" });
  if (payUntil !== null && payUntil <= ctx.now()) throw invalid("Этот день уже прошёл", { field: "lastDay" });
  if (payUntil !== null && lastDay! > addDays(localDate(ctx.now(), ctx.zone), 3 * 366)) throw invalid("Не дальше трёх лет", { field: "lastDay" });
  await editOrder(ctx, input.orderId, "link.manage", async (tx, order) => {
    const [before, after] = [order.payUntil?.toISOString() ?? "", payUntil?.toISOString() ?? ""];
    if (before === after) return false;
    await tx`update orders set pay_until = ${payUntil}, updated_at = ${ctx.now()} where id = ${order.orderId}`;
    if (order.onecConnectionId !== null) await ownEditWrite(ctx, tx, { objectType: "order", objectId: order.orderId, field: "payBy", before, after });
    await refreshOffer(ctx, tx, order.orderId);
    await recordEvent(ctx, tx, { orderId: order.orderId, kind: "pay_by.changed", detail: { payBy: lastDay } });
    await recordAudit(ctx, tx, { action: "pay_by.changed", objectType: "order", objectId: order.orderId, before: { payBy: order.payUntil && lastDayOf(order.payUntil, ctx.zone) }, after: { payBy: lastDay } });
    return true;
  });
}

/** The day that ends at this moment or holds it. */
export const lastDayOf = (payUntil: Date, zone: string): string => localDate(new Date(payUntil.getTime() - 1), zone);
