import type { Tx } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { OrderValues, PlannedOrder } from "./plan-order.ts";

/** `shopId`: the internet shop where new orders were made: 1C does not have them yet and gets them with its next exchange. */
export type IntakeBase = { connectionId: string; storeId: string; sellerOrgId: string; isTest: boolean; shopId: string | null; byFile: boolean };

const ordersJson = (rows: OrderValues[]) => JSON.stringify(rows.map((row) => ({ ...row, totalKopecks: row.totalKopecks.toString() })));

/** Columns in one place: the insert, the update and the record they read must agree. */
const record = (tx: Tx) => tx`
  r("orderId" uuid, "onecGuid" text, number text, "onecNumber" text, "onecDate" timestamptz, "orderDate" timestamptz, "counterpartyId" uuid, "payerKind" text,
    "buyerName" text, contact text, comment text, lifecycle text, "onecState" text, "isPosted" boolean, "revisionNo" int, "contentHash" text,
    "totalKopecks" bigint, "linesMatchTotal" boolean, "paymentStatus" text, "onecPaymentNumber" text, "onecPaymentAt" timestamptz,
    "onecShipmentNumber" text, "onecShipmentAt" timestamptz, "dueDate" date, "payUntil" timestamptz, "payMethods" text[], "onecVersion" bigint,
    "ownDeferralDays" int, "ownDeferralDayKind" text, "ownDeferralBase" text)`;

/** Writes a batch of planned orders: rows of all of them per table, sent in one trip. The caller holds the intake lock. */
export async function writeOrders(ctx: Ctx, tx: Tx, base: IntakeBase, planned: readonly PlannedOrder[]): Promise<void> {
  const created = planned.filter((p) => p.outcome === "created").map((p) => p.values);
  const changed = planned.filter((p) => p.outcome !== "created").map((p) => p.values);
  const now = ctx.now();
  const revisions = planned.flatMap((p) => (p.revision ? [{ ...p.revision, id: newId(), orderId: p.values.orderId }] : []));
  await Promise.all([
    created.length > 0 && insertOrders(tx, base, created, now),
    changed.length > 0 && updateOrders(tx, base, changed, now),
    revisions.length > 0 &&
      tx`
        insert into order_revisions (id, order_id, no, total_kopecks, vat_kopecks, content_hash, source, received_at)
        select id, order_id, no, total, vat, hash, source, ${now}::timestamptz
          from json_to_recordset(${revisionsJson(revisions)}::text::json)
            as r(id uuid, order_id uuid, no int, total bigint, vat bigint, hash text, source json)`,
    revisions.length > 0 && insertLines(tx, revisions),
    insertEvents(ctx, tx, planned),
  ]);
}

type Revision = NonNullable<PlannedOrder["revision"]> & { id: string; orderId: string };

/** By hand, because the source is JSON already: written once more it takes half of the time of a batch (measured). */
const revisionsJson = (rows: Revision[]) =>
  `[${rows.map((r) => `{"id":"${r.id}","order_id":"${r.orderId}","no":${r.no},"total":${r.totalKopecks},"vat":${r.vatKopecks},"hash":"${r.hash}","source":${r.sourceJson}}`).join(",")}]`;

const insertOrders = (tx: Tx, base: IntakeBase, rows: OrderValues[], now: Date) => tx`
  insert into orders (id, seller_org_id, store_id, onec_connection_id, onec_guid, number, onec_number, onec_date, order_date, counterparty_id, payer_kind,
    buyer_name, contact, comment, lifecycle, onec_state, is_posted, revision_no, content_hash, total_kopecks, lines_match_total, payment_status,
    onec_payment_number, onec_payment_at, onec_shipment_number, onec_shipment_at, due_date, pay_until, pay_methods, onec_version, own_deferral_days, own_deferral_day_kind, own_deferral_base, in_file, is_test, shop_connection_id, export_version, created_at, updated_at)
  select "orderId", ${base.sellerOrgId}::uuid, ${base.storeId}::uuid, ${base.connectionId}::uuid, "onecGuid", number, "onecNumber", "onecDate", "orderDate", "counterpartyId",
    "payerKind", "buyerName", contact, comment, lifecycle, "onecState", "isPosted", "revisionNo", "contentHash", "totalKopecks", "linesMatchTotal",
    "paymentStatus", "onecPaymentNumber", "onecPaymentAt", "onecShipmentNumber", "onecShipmentAt", "dueDate", "payUntil", "payMethods", "onecVersion", "ownDeferralDays", "ownDeferralDayKind", "ownDeferralBase", ${base.byFile}::boolean, ${base.isTest}::boolean, ${base.shopId}::uuid, ${base.shopId === null ? 0 : 1}::int, ${now}::timestamptz, ${now}::timestamptz
  from json_to_recordset(${ordersJson(rows)}::text::json) as ${record(tx)}`;

const updateOrders = (tx: Tx, base: IntakeBase, rows: OrderValues[], now: Date) => tx`
  update orders o set onec_guid = r."onecGuid", number = r.number, onec_number = r."onecNumber", onec_date = r."onecDate", order_date = r."orderDate",
    counterparty_id = r."counterpartyId", payer_kind = r."payerKind", buyer_name = r."buyerName", contact = r.contact, comment = r.comment,
    lifecycle = r.lifecycle, onec_state = r."onecState", is_posted = r."isPosted", revision_no = r."revisionNo", content_hash = r."contentHash",
    total_kopecks = r."totalKopecks", lines_match_total = r."linesMatchTotal", payment_status = r."paymentStatus",
    onec_payment_number = r."onecPaymentNumber", onec_payment_at = r."onecPaymentAt", onec_shipment_number = r."onecShipmentNumber",
    onec_shipment_at = r."onecShipmentAt", due_date = r."dueDate", pay_until = r."payUntil", pay_methods = r."payMethods", onec_version = r."onecVersion",
    own_deferral_days = r."ownDeferralDays", own_deferral_day_kind = r."ownDeferralDayKind", own_deferral_base = r."ownDeferralBase", in_file = o.in_file or ${base.byFile}::boolean, updated_at = ${now}::timestamptz
  from json_to_recordset(${ordersJson(rows)}::text::json) as ${record(tx)} where o.id = r."orderId"`;

function insertLines(tx: Tx, revisions: Revision[]) {
  const rows = revisions.flatMap((revision) =>
    revision.lines.map((line) => ({
      id: newId(), rev: revision.id, no: line.position, item: line.ref || null, sku: line.article, name: line.name, kind: line.service ? "service" : "goods",
      code: line.unitCode, unit: line.unitName, qty: line.quantity, price: line.priceKopecks.toString(), sum: line.sumKopecks.toString(), rate: line.vat, vat: line.vatKopecks.toString(),
    })),
  );
  return tx`
    insert into order_lines (id, revision_id, line_no, onec_item_id, sku, name, kind, unit_code, unit_name, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks)
    select id, rev, no, item, sku, name, kind, code, unit, qty, price, sum, rate, vat
      from json_to_recordset(${JSON.stringify(rows)}::text::json)
        as r(id uuid, rev uuid, no int, item text, sku text, name text, kind text, code text, unit text, qty text, price bigint, sum bigint, rate text, vat bigint)`;
}

function insertEvents(ctx: Ctx, tx: Tx, planned: readonly PlannedOrder[]) {
  const rows = planned.flatMap((p) => p.events.map((event) => ({ id: newId(), order_id: p.values.orderId, kind: event.kind, amount: event.amountKopecks?.toString() ?? null, detail: event.detail ?? {} })));
  if (rows.length === 0) return null;
  return tx`
    insert into order_events (id, order_id, at, kind, actor, amount_kopecks, detail)
    select id, order_id, ${ctx.now()}::timestamptz, kind, ${actorText(ctx.actor)}::text, amount, detail
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, order_id uuid, kind text, amount bigint, detail jsonb)`;
}
