/** What happens to demo orders, done by the real verbs on a moved clock. Nothing is sent: no jobs, no hints. */
import { takeOrders } from "@/lib/orders/take-orders.ts";
import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import { actingAs, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { claimReceipt } from "@/lib/fiscal/claim-receipt.ts";
import { failReceipt } from "@/lib/fiscal/fail-receipt.ts";
import { settleReceipt } from "@/lib/fiscal/settle-receipt.ts";
import type { Settlement } from "@/lib/fiscal/settle-receipt.ts";
import { newId } from "@/lib/kit/ids.ts";
import { MINUTE_MS, SECOND_MS, addMs, localText } from "@/lib/kit/time.ts";
import { readOrder, readOrderFile } from "@/lib/onec/wire/index.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { applyProviderState } from "@/lib/payments/apply-provider-state.ts";
import { createAttempt } from "@/lib/payments/create-attempt.ts";
import { markLinkOpened } from "@/lib/payments/links.ts";
import { lockAttempt } from "@/lib/payments/lock-attempt.ts";
import type { DemoOrder } from "./order-xml.ts";
import { ordersXml } from "./order-xml.ts";

export type OnecBase = { id: string; storeId: string; environment: "test" };
/** A register that is in no sandbox, so that its document numbers meet nobody's. */
const DEMO_FN = "9999555500001111";

/** The context at another moment, without jobs: the worker must not act on made-up history. */
export const at = (ctx: Ctx, moment: Date): Ctx => ({ ...ctx, now: () => moment, enqueue: () => Promise.resolve(), jobWrite: (tx) => Promise.resolve({ write: tx`select 1` }), hint: () => undefined });

export async function upload(ctx: Ctx, base: OnecBase, orders: readonly DemoOrder[]): Promise<void> {
  const file = new TextEncoder().encode(ordersXml(orders, localText(ctx.now(), ctx.zone)));
  async function* bytes() {
    yield file;
  }
  const documents = [];
  for await (const document of readOrderFile(bytes())) documents.push(readOrder(document, { zeroRateMeans: "none" }));
  for (const result of await takeOrders(ctx, base, documents)) {
    if (result.outcome === "refused") throw new Error(`demo order ${result.number}: ${result.reason}`);
  }
}

type Found = { orderId: string; linkId: string; dueKopecks: bigint };
export async function find(ctx: Ctx, number: string): Promise<Found> {
  const [row] = await ctx.database.sql<Found[]>`
    select o.id as order_id, l.id as link_id, l.amount_kopecks as due_kopecks from orders o left join payment_links l on l.order_id = o.id and l.state = 'active' where o.number = ${number}`;
  if (!row) throw new Error(`no demo order ${number}`);
  return row;
}

/** An attempt as the pay page makes it, and what the bank said of it: an answer, silence, or nothing yet. */
export async function attempt(ctx: Ctx, number: string, given: { method: "card" | "sbp"; contact: string; says: SeenPayment["state"] | "silence" }): Promise<string> {
  const { orderId, linkId, dueKopecks } = await find(ctx, number);
  const buyer = actingAs(ctx, { kind: "buyer", ip: null });
  await markLinkOpened(buyer, linkId, "phone");
  const made = await inTransaction(ctx, (tx) =>
    createAttempt(buyer, tx, { linkId, orderId, method: given.method, contact: given.contact, amountSeenKopecks: dueKopecks, formKey: newId(), returnUrl: "" }, given.contact),
  );
  const providerPaymentId = String(40_000_000 + Number(made.reference.replace(/\D/g, "")));
  const later = at(ctx, addMs(ctx.now(), 40 * SECOND_MS));
  await inTransaction(later, async (tx) => {
    const locked = (await lockAttempt(tx, { attemptId: made.attemptId }))!;
    if (given.says === "silence") {
      await tx`update payment_attempts set state = 'unknown' where id = ${made.attemptId}`;
      await recordEvent(later, tx, { orderId, kind: "attempt.unknown", subjectId: made.attemptId, amountKopecks: dueKopecks, detail: { method: given.method, provider: "paykeeper" } });
      return;
    }
    const seen: SeenPayment = {
      state: given.says, rawState: given.says, reference: made.reference, providerInvoiceId: null, providerPaymentId: given.says === "paid" ? providerPaymentId : null,
      amountKopecks: dueKopecks, refundedKopecks: null, currency: "RUB", payerId: made.payerId, paidAt: later.now(), instrument: given.method === "card" ? "Мир •••• 4477" : "СБП",
      rrn: null, declineCode: given.says === "declined" ? "insufficient_funds" : null, declineClass: given.says === "declined" ? "no_money" : null, acknowledged: true,
    };
    await applyProviderState(actingAs(later, { kind: "provider", ip: null }), tx, locked, seen, "notification");
    await tx`update payment_attempts set confirmed_by_read_at = ${later.now()} where id = ${made.attemptId} and state = 'succeeded'`;
  });
  await ctx.database.sql`update payment_attempts set next_poll_at = null where id = ${made.attemptId} and state in ('succeeded', 'failed')`;
  return orderId;
}

let fd = 10_400;

/** What the register answered to the order's receipt. */
export async function receipt(ctx: Ctx, orderId: string, outcome: "registered" | "rejected" | "busy"): Promise<void> {
  const [row] = await ctx.database.sql<{ id: string; totalKopecks: bigint }[]>`select id, total_kopecks from receipts where order_id = ${orderId} and state = 'planned' order by planned_at limit 1`;
  if (!row) return;
  const sent = at(ctx, addMs(ctx.now(), 41 * SECOND_MS));
  const claimed = await claimReceipt(sent, row.id, 0);
  if (!claimed) throw new Error("a demo receipt could not be claimed");
  if (outcome === "rejected") return failReceipt(sent, claimed, "400", "Неверный e-mail покупателя");
  if (outcome === "busy") return settleReceipt(sent, claimed, { state: "failed_retryable", event: "receipt.failed", failText: "Очередь кассы заполнена", next: 10 * MINUTE_MS, sends: 3 });
  await settleReceipt(sent, claimed, { state: "sent", event: "receipt.sent", next: 3_000, asks: 0 });
  const done = at(ctx, addMs(ctx.now(), 44 * SECOND_MS));
  const again = await claimReceipt(done, row.id, 1);
  fd += 1;
  const local = localText(done.now(), ctx.zone);
  const fiscal: Settlement["fiscal"] = {
    fnNumber: DEMO_FN, fdNumber: String(fd), fiscalSign: String(3_000_000_000 + fd * 7_919), registerNumber: "0000000412345678", registerSerial: "0000000000004477", shiftNumber: 118,
    numberInShift: fd % 100, registeredAtLocal: local, ofdName: "Тестовый ОФД", receiptUrl: null,
    qr: `t=${local.replace(/[-:]/g, "").slice(0, 13)}&s=${row.totalKopecks / 100n}.${String(row.totalKopecks % 100n).padStart(2, "0")}&fn=${DEMO_FN}&i=${fd}&fp=${3_000_000_000 + fd * 7_919}&n=1`,
  };
  await settleReceipt(done, again!, { state: "registered", event: "receipt.registered", fiscal });
}

/** 1C took the money (`delivered`) and, when it also booked it, named its document. */
export async function exported(ctx: Ctx, orderId: string, documentNumber: string | null): Promise<void> {
  const { sql } = ctx.database;
  const taken = addMs(ctx.now(), 5 * MINUTE_MS);
  await sql`update export_messages set state = 'delivered', delivered_at = ${taken} where order_id = ${orderId} and state = 'pending'`;
  await sql`update orders set exported_version = export_version where id = ${orderId}`;
  await inTransaction(ctx, (tx) => recordEvent(at(ctx, taken), tx, { orderId, kind: "export.delivered" }));
  if (documentNumber === null) return;
  const { confirmExports } = await import("@/lib/onec/confirm-exports.ts");
  const booked = at(ctx, addMs(taken, 10 * MINUTE_MS));
  await inTransaction(booked, async (tx) => confirmExports(booked, tx, await lockOrder(tx, orderId), { documentNumber, factId: null }));
}
