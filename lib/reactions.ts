/** What follows from what: the only file that knows all capabilities. */
import type { Tx, Write } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DomainEvent } from "@/lib/events.ts";
import { endNewOrders, factEventWrite, feedCancelled, feedNewOrders, feedWrite, payoutEventsWrite, pushSoon } from "@/lib/feed/index.ts";
import { bindDocuments, makeDocumentLink } from "@/lib/documents/index.ts";
import { dropClosing, planClosing, planReturn, receiptWrites, remarkClosing, replanBound } from "@/lib/fiscal/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { releaseUnwanted } from "@/lib/holds/index.ts";
import type { RecordedFact } from "@/lib/ledger/index.ts";
import { letterWrite } from "@/lib/letters/index.ts";
import { dryExportWrite, exportWrite } from "@/lib/onec/queue-export.ts";
import { toldParts } from "@/lib/onec/told-parts.ts";
import { tellOfTakenBack } from "@/lib/onec/payment-taken-back.ts";
import { settleReported } from "@/lib/onec/settle-reported.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { isOursSql } from "@/lib/orders/order-may.ts";
import { isStatementKey } from "@/lib/payments/statement-money.ts";
import { offerLinks } from "@/lib/payments/index.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { shipReported, takeGoodsDocuments, unshipReported } from "@/lib/shipments/index.ts";

const LETTER_PATIENCE_MS = 3 * MINUTE_MS;

/** Rows owed because of an event, written in its transaction; jobs carry them out (README decision 1). */
export async function announce(ctx: Ctx, tx: Tx, event: DomainEvent): Promise<unknown> {
  switch (event.type) {
    case "money.captured": {
      // One statement with what the verb itself writes, the job included: this door must be fast.
      const job = await ctx.jobWrite(tx, "money.captured", { factId: event.fact.factId });
      return writeTogether(
        tx,
        [
          ...(event.writes ?? []),
          ...receiptWrites(ctx, tx, event),
          ...tellMachines(ctx, tx, event),
          event.order && event.contact?.includes("@") && goesOut(event)
            ? letterWrite(ctx, tx, { orderId: event.order.orderId, template: "paid", recipient: event.contact, params: { factId: event.fact.factId }, dedupeKey: `paid:${event.fact.factId}` })
            : null,
          job.write,
        ],
        event.mustChange,
      );
    }
    case "money.held":
      return releaseUnwanted(ctx, tx, event);
    case "money.returned":
      await planReturn(ctx, tx, event);
      await oweRefundLetter(ctx, tx, event);
      return tellParts(ctx, tx, event);
    case "money.undone":
      return tellParts(ctx, tx, event);
    case "money.bound": {
      await replanBound(ctx, tx, event);
      const fact = await readFact(tx, event.factId);
      // 1C heard of it with the order that it stood on before (invariant 13).
      return fact.isTold ? undefined : tellMachinesNow(ctx, tx, { fact, order: event.order, ...shareOf(fact, event), ...(event.byDocument && { isKnown: true }) });
    }
    case "money.arrived": {
      const fact = await readFact(tx, event.factId);
      // Other money 1C knows already, with the order that it came for; moving it there is asked of a person (ALR-13).
      return fact.documentKey && isStatementKey(fact.documentKey) ? tellMachinesNow(ctx, tx, { fact, order: event.order, ...shareOf(fact, event) }) : undefined;
    }
    case "money.untold": {
      const fact = await readFact(tx, event.factId);
      await tx`update orders set export_version = export_version + 1, updated_at = ${ctx.now()} where id = ${event.order.orderId}`;
      const order = { ...event.order, exportVersion: event.order.exportVersion + 1 };
      return fact.kind === "payment_captured" ? tellMachinesNow(ctx, tx, { fact, order }) : tellParts(ctx, tx, { fact, order });
    }
    case "receipt.settled":
      await feedWrite(ctx, tx, { type: event.isRegistered ? "receipt.registered" : "receipt.failed", key: `${event.isRegistered ? "receipt" : "receipt-failed"}:${event.receiptId}`, orderId: event.orderId, subjectId: event.receiptId });
      return pushSoon(ctx, tx, event.orderId);
    case "attempt.failed":
      await feedWrite(ctx, tx, { type: "payment.failed", key: `attempt:${event.attemptId}`, orderId: event.orderId, subjectId: event.attemptId });
      return pushSoon(ctx, tx, event.orderId);
    case "link.expired":
      await feedWrite(ctx, tx, { type: "order.expired", key: `link:${event.linkId}`, orderId: event.orderId, subjectId: null });
      return pushSoon(ctx, tx, event.orderId);
    case "order.cancelled":
      await newVersion(ctx, tx, event.order);
      await feedCancelled(ctx, tx, event.order.orderId);
      return pushSoon(ctx, tx, event.order.orderId);
    case "registry.stored":
      return payoutEventsWrite(ctx, tx, event.registryId);
    case "goods.shipped":
      await planClosing(ctx, tx, event);
      if (!event.order.isOurs) await ctx.enqueue(tx, "orders.rehearse", { orderIds: [event.order.orderId] });
      return newVersion(ctx, tx, event.order);
    case "goods.marked":
      return remarkClosing(ctx, tx, event);
    case "goods.withdrawn":
      await dropClosing(ctx, tx, event);
      return newVersion(ctx, tx, event.order);
    case "orders.taken":
      // First what 1C says was paid: it decides what may still be asked for.
      await settleReported(ctx, tx, event.orders);
      // What the flag took back makes room for the documents that come with it.
      await unshipReported(ctx, tx, event.orders);
      await takeGoodsDocuments(ctx, tx, event.orders);
      await shipReported(ctx, tx, event.orders);
      // Money and goods that went back by this very word are reason enough for 1C to call an order paid no more.
      await tellOfTakenBack(ctx, tx, event.orders.filter((order) => order.takesPaymentBack).map((order) => order.orderId));
      await bindDocuments(ctx, tx, event.orders.map((order) => order.orderId));
      await offerLinks(ctx, tx, event.orders);
      // 1C does not have these yet; the shop knows its own.
      if (ctx.actor.kind === "shop") await feedNewOrders(ctx, tx, event.orders.filter((order) => order.isNew).map((order) => order.orderId));
      else await endNewOrders(ctx, tx, event.orders.filter((order) => !order.isNew).map((order) => order.orderId));
      return;
    case "document.shown":
      return oweDocumentLetter(ctx, tx, event);
    case "order.changed":
      return newVersion(ctx, tx, event.order);
  }
}

/** 1C must learn the order's present state; of one that is not in work here nothing is owed, now or on the day when it will be (PIL-01). */
const newVersion = (ctx: Ctx, tx: Tx, order: LockedOrder) => tx`
  update orders set export_version = export_version + 1, updated_at = ${ctx.now()},
    exported_version = case when not ${order.isOurs}::boolean and exported_version = export_version then exported_version + 1 else exported_version end where id = ${order.orderId}`;

type MoneyNews = { fact: Pick<RecordedFact, "factId" | "kind" | "method" | "amountKopecks" | "documentKey" | "fiscalOwner">; order: LockedOrder | null; shareKopecks?: bigint; /** This order's of several parts. */ partKopecks?: bigint; /** 1C has its document. */ isKnown?: boolean };

/** A transfer of a statement may be spread over orders: each one's news tells of its own part. Other money 1C books once, whole. */
const shareOf = (fact: MoneyNews["fact"], { amountKopecks }: { amountKopecks: bigint }): { shareKopecks?: bigint } =>
  fact.documentKey && isStatementKey(fact.documentKey) ? { shareKopecks: amountKopecks } : {};

/** Nothing about an order that is not in work here leaves the house (PIL-01), but for money that our own terminal took. */
const goesOut = ({ fact, order }: MoneyNews): boolean => order === null || order.isOurs || fact.fiscalOwner === "site";

async function readFact(tx: Tx, factId: string): Promise<MoneyNews["fact"] & { isTold: boolean }> {
  const [fact] = await tx<(MoneyNews["fact"] & { isTold: boolean })[]>`
    select id as fact_id, kind, method, amount_kopecks, document_key, fiscal_owner, exists (select 1 from export_messages e where e.fact_id = f.id) as is_told from money_facts f where id = ${factId}`;
  return fact!;
}

/** What 1C and the shop must learn of money: the row whose state people see, and the event that machines fetch. */
function tellMachines(ctx: Ctx, tx: Tx, { fact, order, shareKopecks, partKopecks, isKnown = false }: MoneyNews): (Write | null)[] {
  if (!goesOut({ fact, order })) return [dryExportWrite(ctx, tx, { fact, order: order!, ...(partKopecks !== undefined && { partKopecks }) })];
  const exportId = newId();
  const owed = exportWrite(ctx, tx, { fact, order, exportId, ...(partKopecks !== undefined && { partKopecks }) });
  return [owed, order && factEventWrite(ctx, tx, { fact, orderId: order.orderId, exportId: owed && exportId, ...(shareKopecks !== undefined && { shareKopecks }), ...(partKopecks !== undefined && { partKopecks }), ...(isKnown && { toBase: false }) })];
}

async function tellMachinesNow(ctx: Ctx, tx: Tx, news: MoneyNews): Promise<void> {
  await writeTogether(tx, tellMachines(ctx, tx, news));
  // What was not told then is not told later either.
  if (!goesOut(news)) await tx`update orders set exported_version = export_version where id = ${news.order!.orderId}`;
  else if (news.order) await pushSoon(ctx, tx, news.order.orderId);
}

/** Money that went back or came back may stand on several orders: each one's books must show its own part. */
async function tellParts(ctx: Ctx, tx: Tx, { fact, order: home }: MoneyNews): Promise<void> {
  for (const { order, partKopecks } of await toldParts(tx, fact, home)) await tellMachinesNow(ctx, tx, { fact, order, ...(partKopecks < fact.amountKopecks && { partKopecks }) });
}

/** The buyer hears of a new file, by an address that ends (INV-16); of an order that is not in work here he hears nothing (PIL-01). */
async function oweDocumentLetter(ctx: Ctx, tx: Tx, { documentId, versionNo, orderId }: Extract<DomainEvent, { type: "document.shown" }>): Promise<void> {
  const [order] = await tx<{ contact: string | null }[]>`select coalesce(o.contact, c.email) as contact from orders o left join counterparties c on c.id = o.counterparty_id where o.id = ${orderId} and ${isOursSql(tx)}`;
  if (!order?.contact?.includes("@") || !(await readSetting(tx, "document.letters"))) return;
  const token = await makeDocumentLink(ctx, tx, documentId);
  const dedupeKey = `document:${documentId}:${versionNo}:${orderId}`;
  await letterWrite(ctx, tx, { orderId, template: "document", recipient: order.contact, params: { documentId, token }, dedupeKey });
  const letters = await tx<{ id: string }[]>`select id from letters where dedupe_key = ${dedupeKey} and state = 'queued'`;
  for (const { id } of letters) await ctx.enqueue(tx, "letter.send", { letterId: id });
}

/** A letter about money that went back; it waits a little for its receipt, so that it can link to it. */
async function oweRefundLetter(ctx: Ctx, tx: Tx, { fact, order, contact }: Extract<DomainEvent, { type: "money.returned" }>): Promise<void> {
  if (!order || !contact?.includes("@") || !goesOut({ fact, order })) return;
  const dedupeKey = `refund:${fact.factId}`;
  await letterWrite(ctx, tx, { orderId: order.orderId, template: "refund", recipient: contact, params: { factId: fact.factId }, dedupeKey });
  const letters = await tx<{ id: string }[]>`select id from letters where dedupe_key = ${dedupeKey} and state = 'queued'`;
  for (const { id } of letters) await ctx.enqueue(tx, "letter.send", { letterId: id }, { startAfter: addMs(ctx.now(), LETTER_PATIENCE_MS) });
}
