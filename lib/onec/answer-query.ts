import type { Tx } from "@/db/index.ts";
import type { PayerKind } from "@/db/schema/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { localText } from "@/lib/kit/time.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import type { RevisionSource } from "@/lib/orders/intake/plan-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";
import type { BaseSettings } from "./base-settings.ts";
import type { FoundSession } from "./sessions.ts";
import { writeOrders } from "./wire/index.ts";
import type { QueryBuyer, QueryFlavour, QueryOrder } from "./wire/index.ts";

type Row = {
  orderId: string;
  no: bigint;
  onecGuid: string | null;
  number: string;
  orderDate: Date;
  comment: string | null;
  contact: string | null;
  payerKind: PayerKind;
  buyerName: string;
  lifecycle: Lifecycle;
  totalKopecks: bigint;
  capturedKopecks: bigint;
  reversedKopecks: bigint;
  refundedKopecks: bigint;
  chargedBackKopecks: bigint;
  goodsReturnedKopecks: bigint;
  exportVersion: number;
  updatedAt: Date;
  source: RevisionSource;
  buyer: { ref: string; kind: PayerKind; name: string; fullName: string | null; inn: string | null; kpp: string | null; address: string | null; phone: string | null; email: string | null } | null;
  payments: { factId: string; method: PayMethodCode; amountKopecks: string; occurredAt: string }[];
};

/**
 * `mode=query`: orders with a state that 1C does not have yet, oldest first, in their latest state (CML-25, CML-29). What is
 * given out is remembered with its versions; only `success` moves the mark (CML-16). A second `query` gives the same again.
 */
export async function answerQuery(ctx: Ctx, session: FoundSession, settings: BaseSettings, flavour: QueryFlavour): Promise<{ xml: string; count: number }> {
  const rows = await inTransaction(ctx, async (tx) => {
    const [held] = await tx<{ importsFirst: boolean }[]>`select imports_first from onec_sessions where id = ${session.sessionId} for update`;
    // LOST-16: back after a day, 1C gives its changes first; the next exchange gets the money.
    const orders = held!.importsFirst ? [] : await waitingOrders(tx, session.base.id, settings.ordersPerQuery);
    if (!held!.importsFirst) await tx`update connections set imports_first_at = null where id = ${session.base.id} and imports_first_at is not null`;
    await noteRetaken(ctx, tx, session, orders);
    const offered = orders.map((order) => ({ orderId: order.orderId, version: order.exportVersion }));
    await tx`update onec_sessions set offered = ${JSON.stringify(offered)}::text::jsonb, offered_at = ${ctx.now()}, taken_at = null where id = ${session.sessionId}`;
    return orders;
  });
  const zone = settings.zone ?? ctx.zone;
  const xml = writeOrders(rows.map((row) => toQueryOrder(row, settings, zone)), { flavour, generatedLocal: localText(ctx.now(), zone) });
  return { xml, count: rows.length };
}

const waitingOrders = (tx: Tx, connectionId: string, limit: number) => tx<Row[]>`
  select o.id as order_id, o.no, o.onec_guid, o.number, o.order_date, o.comment, o.contact, o.payer_kind, o.buyer_name, o.lifecycle, o.total_kopecks, o.captured_kopecks,
         o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.goods_returned_kopecks, o.export_version, o.updated_at, r.source,
         (select json_build_object('ref', c.onec_guid, 'kind', c.payer_kind, 'name', c.name, 'fullName', c.official_name, 'inn', c.inn, 'kpp', c.kpp,
            'address', c.address, 'phone', c.phone, 'email', c.email) from counterparties c where c.id = o.counterparty_id) as buyer,
         (select coalesce(json_agg(json_build_object('factId', f.id, 'method', f.method, 'amountKopecks', f.amount_kopecks::text, 'occurredAt', f.occurred_at) order by f.occurred_at, f.id), '[]')
            from export_messages m join money_facts f on f.id = m.fact_id where m.order_id = o.id and f.kind = 'payment_captured') as payments
    from orders o join order_revisions r on r.order_id = o.id and r.no = o.revision_no
   where o.onec_connection_id = ${connectionId} and o.export_version > o.exported_version order by o.updated_at, o.id limit ${limit}`;

/** 1C took an answer, said no `success`, and takes the same payment again: harmless, and shown (the timeline of the order). */
async function noteRetaken(ctx: Ctx, tx: Tx, session: FoundSession, orders: readonly Row[]): Promise<void> {
  if (orders.length === 0) return;
  const again = await tx<{ orderId: string }[]>`
    select distinct (e->>'orderId')::uuid as order_id from onec_sessions s cross join lateral jsonb_array_elements(s.offered) e
     where s.connection_id = ${session.base.id} and s.offered is not null and s.taken_at is null and (e->>'orderId')::uuid = any(${orders.map((o) => o.orderId)}::uuid[])`;
  for (const { orderId } of again) await recordEvent(ctx, tx, { orderId, kind: "export.retaken" });
}

function toQueryOrder(row: Row, { methodNames }: BaseSettings, zone: string): QueryOrder {
  const { netPaidKopecks } = orderBalance(row);
  const isCancelled = row.lifecycle === "cancelled" || row.lifecycle === "deleted";
  const isPaid = netPaidKopecks > 0n && netPaidKopecks >= row.totalKopecks;
  return {
    ref: row.onecGuid ?? row.orderId,
    number: row.number,
    createdLocal: localText(row.orderDate, zone),
    totalKopecks: row.totalKopecks,
    vatIncluded: row.source.vatIncluded ?? true,
    vatKopecks: BigInt(row.source.vatKopecks ?? "0"),
    comment: row.comment,
    buyer: buyerOf(row),
    lines: row.source.lines ?? [],
    payments: row.payments.map((payment) => ({
      id: payment.factId,
      methodId: methodNames[payment.method].id,
      methodName: methodNames[payment.method].name,
      amountKopecks: BigInt(payment.amountKopecks),
      paidAtLocal: localText(new Date(payment.occurredAt), zone),
    })),
    paidKopecks: netPaidKopecks,
    statusText: isCancelled ? "Отменен" : isPaid ? "Оплачен" : null,
    cancelled: isCancelled,
    final: row.lifecycle === "completed",
    statusChangedLocal: localText(row.updatedAt, zone),
    buyerComment: null,
  };
}

/** What the buyer told us fills only what 1C does not know. */
function buyerOf(row: Row): QueryBuyer {
  const contact = { email: row.contact?.includes("@") ? row.contact : null, phone: row.contact && !row.contact.includes("@") ? row.contact : null };
  const given = row.buyer ?? row.source.buyer ?? null;
  const name = given?.name || row.buyerName || "Покупатель";
  return {
    // The key of a buyer without a reference is ours, and no reference of 1C.
    ref: given?.ref && !given.ref.startsWith("inn:") ? given.ref : `buyer-${row.no}`,
    kind: given?.kind ?? row.payerKind,
    name,
    fullName: given?.fullName || row.buyerName || name,
    inn: given?.inn ?? null,
    kpp: given?.kpp ?? null,
    address: given?.address ?? null,
    phone: given?.phone ?? contact.phone,
    email: given?.email ?? contact.email,
  };
}
