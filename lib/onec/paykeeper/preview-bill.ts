import { randomInt } from "node:crypto";
import type { Tx } from "@/db/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId, newToken } from "@/lib/kit/ids.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { localText } from "@/lib/kit/time.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { readShared } from "@/lib/orders/intake/shared-fields.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import { payBarReasons } from "@/lib/pilot/states.ts";
import { refreshOffer } from "@/lib/payments/index.ts";
import { billDraft } from "./bill-draft.ts";
import { readBills } from "./bill-rows.ts";
import type { BillRow } from "./bill-rows.ts";
import { billSettings } from "./door-settings.ts";
import { findBilledOrder } from "./find-order.ts";
import type { BilledOrder } from "./find-order.ts";
import type { AskedBill } from "./read-bill.ts";

/** `problem`: a Russian line that 1C shows to the manager. */
export type Previewed = { bill: Pick<BillRow, "number" | "token" | "orderRef" | "amountKopecks">; problem?: never } | { problem: string };

export const notSetUp = "Счета из 1С ещё не настроены: выберите ставку НДС и предмет расчёта в разделе «Обмен с 1С»";
const EXPIRED = "Срок действия счёта уже истёк";

/**
 * `preview`: a bill for an order, made or brought up to date (API-9). The order is taken from another door when its sum agrees (API-13), else
 * it is born here. The same request again changes nothing and answers the same.
 */
export async function previewBill(ctx: Ctx, base: OpenConnection, asked: AskedBill): Promise<Previewed> {
  const number = await freeNumber(ctx);
  const known = await findBilledOrder(ctx, base.id, asked.orderRef, asked.amountKopecks);
  const refusal = known && refusalOf(known, asked);
  if (refusal) return { problem: refusal };
  let orderId = known?.orderId ?? null;
  const isOwn = known?.isOwn ?? true;
  if (isOwn) {
    const { line } = billSettings(base);
    if (line === null) return { problem: notSetUp };
    // A bill for the rest leaves the order as it is.
    const amountKopecks = known && orderBalance(known).netPaidKopecks > 0n ? known.totalKopecks : asked.amountKopecks;
    const [taken] = await takeOrders(ctx, { ...base, byFile: false }, [billDraft(known?.number ?? (asked.orderRef || number.toString()), { ...asked, amountKopecks }, line)], { door: "paykeeper" });
    if (!taken?.orderId || taken.outcome === "refused") return { problem: `Счёт не выставлен: ${taken?.reason ?? "заказ не принят"}` };
    orderId = taken.orderId;
  }
  const previewed = await inTransaction(ctx, (tx) => writeBill(ctx, tx, base, { asked, number, isOwn, orderId: orderId! }));
  if (!("problem" in previewed)) ctx.hint(orderId!);
  return previewed;
}

const called = ({ orderRef }: AskedBill): string => (orderRef === "" ? "Заказ" : `Заказ ${orderRef}`);

function refusalOf(order: Omit<BilledOrder, "orderId" | "number">, asked: AskedBill): string | null {
  const { dueKopecks, netPaidKopecks } = orderBalance(order);
  if (order.onecPaymentNumber !== null || (dueKopecks === 0n && netPaidKopecks > 0n)) return `${called(asked)} уже оплачен`;
  const isItsSum = asked.amountKopecks === order.totalKopecks || asked.amountKopecks === dueKopecks;
  if (order.isOwn && (netPaidKopecks === 0n || isItsSum)) return null;
  if (order.isOwn) return `${called(asked)}: уже получено ${formatMoney(netPaidKopecks)}, осталось ${formatMoney(dueKopecks)}. Запросите остаток или всю сумму заказа, ${formatMoney(order.totalKopecks)}`;
  if (!isPayableLifecycle(order.lifecycle)) return `${called(asked)} отменён`;
  if (!order.isPosted) return `${called(asked)} в 1С не проведён: проведите его и выгрузите на сайт`;
  // Its lines go onto the receipt, so they must make the same sum (API-13).
  if (isItsSum) return null;
  return `Сумма счёта ${formatMoney(asked.amountKopecks)} не равна сумме заказа ${asked.orderRef} на сайте (${formatMoney(order.totalKopecks)}): выгрузите заказ на сайт и повторите`;
}

type NewBill = { asked: AskedBill; number: bigint; isOwn: boolean; orderId: string };

/** The bill's term is 1C's word about the last day to pay: merged with ours where staff set one. */
async function takeExpiry(ctx: Ctx, tx: Tx, base: OpenConnection, { orderId, payUntil }: LockedOrder, expiresAt: Date | null): Promise<void> {
  const [present, theirs] = [payUntil?.toISOString() ?? "", expiresAt?.toISOString() ?? ""];
  if (present === theirs) return;
  const shared = await readShared(tx, base.id, { orderIds: [orderId], buyerKeys: [] });
  const kept = shared.merge({ objectType: "order", objectId: orderId, orderId }, "payBy", { present, theirs });
  await shared.write(ctx, tx, base.id);
  if (kept === present) return;
  await tx`update orders set pay_until = ${kept ? new Date(kept) : null}, updated_at = ${ctx.now()} where id = ${orderId}`;
  await refreshOffer(ctx, tx, orderId);
}

async function writeBill(ctx: Ctx, tx: Tx, base: OpenConnection, { asked, number, isOwn, orderId }: NewBill): Promise<Previewed> {
  let order = await lockOrder(tx, orderId);
  const refusal = refusalOf({ ...order, isOwn }, asked);
  if (refusal) return { problem: refusal };
  // The page asks for what is left, as the bill does.
  if (orderBalance(order).netPaidKopecks > 0n) await refreshOffer(ctx, tx, orderId);
  const [open] = await readBills(tx, ctx.now(), tx`b.order_id = ${orderId} and b.closed_at is null`);
  if (!isOwn) await takeExpiry(ctx, tx, base, order, asked.expiresAt);
  order = await correctContact(ctx, tx, order, open ?? null, asked);
  const [link] = await tx`select 1 from payment_links where order_id = ${orderId} and state = 'active' and valid_until > ${ctx.now()}`;
  if (!link) return { problem: `${called(asked)}: сейчас принять оплату нельзя. ${order.payUntil && order.payUntil <= ctx.now() ? EXPIRED : order.payBar !== null ? payBarReasons[order.payBar] : "Проверьте заказ на сайте"}` };
  if (open && open.status !== "expired") return { bill: await changeBill(ctx, tx, open, asked) };
  if (open) await tx`update bills set closed_at = ${ctx.now()}, close_reason = 'replaced', updated_at = ${ctx.now()} where id = ${open.billId}`;
  const bill = { billId: newId(), number, token: newToken(), orderRef: asked.orderRef, amountKopecks: asked.amountKopecks };
  await tx`
    insert into bills (id, connection_id, order_id, number, token, order_ref, owns_order, amount_kopecks, service_name, client_name, email, phone, expires_at, created_at, updated_at)
    values (${bill.billId}, ${base.id}, ${orderId}, ${number}, ${bill.token}, ${asked.orderRef}, ${isOwn}, ${asked.amountKopecks}, ${asked.serviceName}, ${asked.clientName}, ${asked.email}, ${asked.phone},
      ${asked.expiresAt}, ${ctx.now()}, ${ctx.now()})`;
  await recordEvent(ctx, tx, { orderId, kind: "bill.issued", subjectId: bill.billId, amountKopecks: asked.amountKopecks, detail: { number: number.toString(), version: 1 } });
  return { bill };
}

/** The address that 1C gives is the buyer's until the buyer has typed another one; a corrected one replaces what 1C gave before. */
async function correctContact(ctx: Ctx, tx: Tx, order: LockedOrder, open: BillRow | null, { email }: AskedBill): Promise<LockedOrder> {
  if (order.orderContact === email || (order.orderContact !== null && order.orderContact !== open?.email)) return order;
  await tx`update orders set contact = ${email}, updated_at = ${ctx.now()} where id = ${order.orderId}`;
  return { ...order, orderContact: email };
}

async function changeBill(ctx: Ctx, tx: Tx, open: BillRow, asked: AskedBill): Promise<BillRow> {
  const isDearer = open.amountKopecks !== asked.amountKopecks;
  const isSame = !isDearer && open.serviceName === asked.serviceName && open.clientName === asked.clientName && open.email === asked.email && open.phone === asked.phone && open.expiresAt?.getTime() === asked.expiresAt?.getTime();
  if (isSame) return open;
  const version = open.version + (isDearer ? 1 : 0);
  await tx`
    update bills set amount_kopecks = ${asked.amountKopecks}, service_name = ${asked.serviceName}, client_name = ${asked.clientName}, email = ${asked.email}, phone = ${asked.phone},
           expires_at = ${asked.expiresAt}, version = ${version}, updated_at = ${ctx.now()} where id = ${open.billId}`;
  if (isDearer) await recordEvent(ctx, tx, { orderId: open.orderId, kind: "bill.issued", subjectId: open.billId, amountKopecks: asked.amountKopecks, detail: { number: open.number.toString(), version } });
  return { ...open, amountKopecks: asked.amountKopecks };
}

const TRIES = 20;

/** 17 digits: the moment and three more. Two bills of one second meet rarely, and then the table decides. */
async function freeNumber(ctx: Ctx): Promise<bigint> {
  const second = localText(ctx.now(), ctx.zone).replace(/\D/g, "");
  const start = randomInt(1000);
  const candidates = Array.from({ length: TRIES }, (_, i) => `${second}${String((start + i) % 1000).padStart(3, "0")}`);
  const [free] = await ctx.database.sql<{ number: bigint }[]>`
    select n::bigint as number from unnest(${candidates}::text[]) with ordinality as c(n, place) where not exists (select 1 from bills b where b.number = n::bigint) order by place limit 1`;
  if (!free) throw new Error(`no free number for a bill at ${second}`);
  return free.number;
}
