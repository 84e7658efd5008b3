import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { byHandSql, isForBaseSql, isPastPaymentSql } from "@/lib/exports/index.ts";
import type { ByHandReason } from "@/lib/exports/index.ts";
import { localText } from "@/lib/kit/time.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isOursSql } from "@/lib/orders/order-may.ts";
import type { BaseSettings } from "./base-settings.ts";
import { toQueryOrder } from "./query-order.ts";
import type { WaitingOrder } from "./query-order.ts";
import type { FoundSession } from "./sessions.ts";
import { noteGiven } from "./note-given.ts";
import { orderFile, writeDocument } from "./wire/index.ts";
import type { QueryFlavour } from "./wire/index.ts";

/** What one answer gave out (CML-16), kept with the session. */
export type OfferedOrder = { orderId: string; version: number; messages: string[]; perhaps: string[] };

/**
 * `mode=query`: orders with a state that 1C does not have yet, oldest first, in their latest state (CML-25, CML-29). What is
 * given out is remembered with its versions; only `success` moves the mark (CML-16). A second `query` gives the same again.
 */
export async function answerQuery(ctx: Ctx, session: FoundSession, settings: BaseSettings, flavour: QueryFlavour): Promise<{ xml: string; count: number }> {
  const started = performance.now();
  const zone = settings.zone ?? ctx.zone;
  const documents = await inTransaction(ctx, async (tx) => {
    const [held] = await tx<{ importsFirst: boolean }[]>`select imports_first from onec_sessions where id = ${session.sessionId} for update`;
    // LOST-16: back after a day, 1C gives its changes first; the next exchange gets the money.
    const orders = held!.importsFirst ? [] : await waitingOrders(tx, session.base.id, settings, flavour);
    await tx`update connections set imports_first_at = case when ${held!.importsFirst} then imports_first_at end, query_flavour = ${flavour}
              where id = ${session.base.id} and (query_flavour is distinct from ${flavour} or (not ${held!.importsFirst} and imports_first_at is not null))`;
    await noteRetaken(ctx, tx, session, orders);
    const offered = orders.map(offerOf);
    await tx`update onec_sessions set offered = ${JSON.stringify(offered)}::text::jsonb, offered_at = ${ctx.now()}, taken_at = null where id = ${session.sessionId}`;
    const written = orders.map((row) => ({ ...row, xml: writeDocument(toQueryOrder(row, settings, zone), flavour) }));
    await noteGiven(ctx, tx, session.base.id, written, offered.flatMap(({ messages, perhaps }) => [...messages, ...perhaps]), (performance.now() - started) / Math.max(1, orders.length));
    return written.map(({ xml }) => xml);
  });
  return { xml: orderFile(documents, { flavour, generatedLocal: localText(ctx.now(), zone) }), count: documents.length };
}

/** As an array, so that each waiting order is looked up: the planner takes a third of all orders for waiting, and would read the whole tables every minute. */
const waitingOrders = (tx: Tx, connectionId: string, { ordersPerQuery }: BaseSettings, flavour: QueryFlavour) => tx<WaitingOrder[]>`
  select o.id as order_id, o.no, o.onec_guid, o.number, o.order_date, o.comment, o.contact, o.payer_kind, o.buyer_name, o.lifecycle, o.total_kopecks, o.captured_kopecks,
         o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.goods_returned_kopecks, o.export_version, o.updated_at, r.source, (select b.no from pilot_batches b where b.id = o.pilot_batch_id) as pilot_batch_no, o.shop_connection_id is not null as is_site_born,
         (exists (select 1 from onec_conflicts x where x.order_id = o.id and x.field = 'contact' and x.state = 'ours')
           or exists (select 1 from onec_field_edits e where e.object_id = o.id and e.field = 'contact' and e.ours_by like 'staff:%')) as is_contact_ours,
         case when o.onec_guid is null then (select coalesce(json_agg(json_build_object('itemId', l.onec_item_id, 'sku', l.sku, 'name', l.name, 'kind', l.kind, 'unitCode', l.unit_code, 'unitName', l.unit_name,
              'quantity', l.quantity, 'priceKopecks', l.price_kopecks::text, 'sumKopecks', l.sum_kopecks::text, 'vatRate', l.vat_rate, 'vatKopecks', l.vat_kopecks::text) order by l.line_no), '[]')
            from order_lines l where l.revision_id = r.id) else '[]' end as lines,
         (select json_build_object('ref', c.onec_guid, 'kind', c.payer_kind, 'name', c.name, 'fullName', c.official_name, 'inn', c.inn, 'kpp', c.kpp,
            'address', c.address, 'phone', c.phone, 'email', c.email) from counterparties c where c.id = o.counterparty_id) as buyer,
         (select coalesce(json_agg(json_build_object('factId', f.id, 'method', f.method, 'amountKopecks', f.amount_kopecks::text, 'occurredAt', f.occurred_at, 'exportId', m.id,
              'isPending', m.state = 'pending', 'byHand', ${byHandSql(tx, tx`${flavour}::text`)}) order by f.occurred_at, f.id), '[]')
            from export_messages m join money_facts f on f.id = m.fact_id where m.order_id = o.id and f.kind = 'payment_captured'
              -- УНФ makes a document of each: what it has under another id (typed by hand, by another door) would be there twice.
              and (${flavour}::text <> 'unf' or m.state in ('pending', 'delivered'))) as payments
    from orders o join order_revisions r on r.order_id = o.id and r.no = o.revision_no join connections k on k.id = o.onec_connection_id
   where o.onec_connection_id = ${connectionId} and ${isForBaseSql(tx, tx`${flavour}::text`)} and ${isOursSql(tx)}
     and o.id = any(array(select w.id from orders w where w.onec_connection_id = ${connectionId} and w.export_version > w.exported_version union all (${bookableNow(tx, connectionId, flavour)})))
   order by o.updated_at, o.id limit ${ordersPerQuery}`;

/**
 * Orders whose payment 1C could not book when it was given out and can book now: it lowered the sum, took the order back, changed its state. Where it
 * never will, they pile up: the state that bars them is looked at before the sums, which take a look-up each.
 */
const bookableNow = (tx: Tx, connectionId: string, flavour: QueryFlavour) => tx`
  select m.order_id from export_messages m join money_facts f on f.id = m.fact_id join orders o on o.id = m.order_id join connections k on k.id = m.connection_id
   where m.connection_id = ${connectionId} and m.state = 'pending' and f.kind = 'payment_captured'
     and (k.money_channel <> 'commerceml' or (${isPastPaymentSql(tx, tx`${flavour}::text`)}) is not true) and ${byHandSql(tx, tx`${flavour}::text`)} is null`

/** `messages`: 1C can book them from this answer. `perhaps`: it should not, by what we know of its states; its own payment number would prove it did. */
function offerOf({ orderId, exportVersion, payments }: WaitingOrder): OfferedOrder {
  const pending = payments.filter((payment) => payment.isPending);
  const ids = (reason: ByHandReason | null) => pending.filter((payment) => payment.byHand === reason).map((payment) => payment.exportId);
  return { orderId, version: exportVersion, messages: ids(null), perhaps: ids("state") };
}

/** 1C took an answer, said no `success`, and takes the same payment again: harmless, and shown (the timeline of the order). */
async function noteRetaken(ctx: Ctx, tx: Tx, session: FoundSession, orders: readonly WaitingOrder[]): Promise<void> {
  if (orders.length === 0) return;
  const again = await tx<{ orderId: string }[]>`
    select distinct (e->>'orderId')::uuid as order_id from onec_sessions s cross join lateral jsonb_array_elements(s.offered) e
     where s.connection_id = ${session.base.id} and s.offered is not null and s.taken_at is null and (e->>'orderId')::uuid = any(${orders.map((o) => o.orderId)}::uuid[])`;
  for (const { orderId } of again) await recordEvent(ctx, tx, { orderId, kind: "export.retaken" });
}
