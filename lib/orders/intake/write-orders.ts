import { copyTogether } from "@/db/copy-rows.ts";
import type { CopyInto } from "@/db/copy-rows.ts";
import type { Tx } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { OrderValues, PlannedOrder } from "./plan-order.ts";

/** `shopId`: the internet shop where new orders were made: 1C does not have them yet and gets them with its next exchange. */
export type IntakeBase = { connectionId: string; storeId: string; sellerOrgId: string; isTest: boolean; shopId: string | null; byFile: boolean };

const ordersJson = (rows: OrderValues[]) => JSON.stringify(rows.map((row) => ({ ...row, totalKopecks: row.totalKopecks.toString() })));

/** Writes a batch of planned orders, and after them what tells of them. The caller holds the intake lock and sends nothing else on `tx` meanwhile. */
export async function writeOrders(ctx: Ctx, tx: Tx, base: IntakeBase, planned: readonly PlannedOrder[], also: CopyInto): Promise<void> {
  const created = planned.filter((p) => p.outcome === "created").map((p) => p.values);
  const changed = planned.filter((p) => p.outcome !== "created").map((p) => p.values);
  const now = ctx.now();
  const revisions = planned.flatMap((p) => (p.revision ? [{ ...p.revision, id: newId(), orderId: p.values.orderId }] : []));
  if (changed.length > 0) await Promise.all([updateOrders(tx, base, changed, now), updateKeys(tx, changed)]);
  await copyTogether(tx, [newOrders(base, created, now), newRevisions(revisions, now), newLines(revisions), newEvents(ctx, planned), also]);
}

type Revision = NonNullable<PlannedOrder["revision"]> & { id: string; orderId: string };

const newOrders = (base: IntakeBase, rows: readonly OrderValues[], now: Date): CopyInto => ({
  table: "orders",
  columns: [
    "id", "seller_org_id", "store_id", "onec_connection_id", "onec_guid", "number", "onec_number", "onec_date", "order_date", "counterparty_id", "payer_kind",
    "buyer_name", "contact", "comment", "manager", "lifecycle", "onec_state", "is_posted", "revision_no", "content_hash", "total_kopecks", "lines_match_total",
    "payment_status", "onec_payment_number", "onec_payment_at", "onec_shipment_number", "onec_shipment_at", "due_date", "pay_until", "pay_methods", "onec_version",
    "own_deferral_days", "own_deferral_day_kind", "own_deferral_base", "in_file", "is_test",
    "shop_connection_id", "export_version", "created_at", "updated_at",
  ],
  rows: rows.map((o) => [
    o.orderId, base.sellerOrgId, base.storeId, base.connectionId, o.onecGuid, o.number, o.onecNumber, o.onecDate, o.orderDate, o.counterpartyId, o.payerKind,
    o.buyerName, o.contact, o.comment, o.manager, o.lifecycle, o.onecState, o.isPosted, o.revisionNo, o.contentHash, o.totalKopecks, o.linesMatchTotal,
    o.paymentStatus, o.onecPaymentNumber, o.onecPaymentAt, o.onecShipmentNumber, o.onecShipmentAt, o.dueDate, o.payUntil, o.payMethods, o.onecVersion,
    o.ownDeferralDays, o.ownDeferralDayKind, o.ownDeferralBase, base.byFile, base.isTest,
    base.shopId, base.shopId === null ? 0 : 1, now, now,
  ]),
});

/** Columns that the update and the record it reads share. */
const record = (tx: Tx) => tx`
  r("orderId" uuid, "onecGuid" text, number text, "onecNumber" text, "onecDate" timestamptz, "orderDate" timestamptz, "counterpartyId" uuid, "payerKind" text,
    "buyerName" text, contact text, comment text, manager text, lifecycle text, "onecState" text, "isPosted" boolean, "revisionNo" int, "contentHash" text,
    "totalKopecks" bigint, "linesMatchTotal" boolean, "paymentStatus" text, "onecPaymentNumber" text, "onecPaymentAt" timestamptz,
    "onecShipmentNumber" text, "onecShipmentAt" timestamptz, "dueDate" date, "payUntil" timestamptz, "payMethods" text[], "onecVersion" bigint,
    "ownDeferralDays" int, "ownDeferralDayKind" text, "ownDeferralBase" text)`;

const updateOrders = (tx: Tx, base: IntakeBase, rows: OrderValues[], now: Date) => tx`
  update orders o set onec_number = r."onecNumber", onec_date = r."onecDate", order_date = r."orderDate",
    counterparty_id = r."counterpartyId", payer_kind = r."payerKind", buyer_name = r."buyerName", contact = r.contact, comment = r.comment, manager = r.manager,
    lifecycle = r.lifecycle, onec_state = r."onecState", is_posted = r."isPosted", revision_no = r."revisionNo", content_hash = r."contentHash",
    total_kopecks = r."totalKopecks", lines_match_total = r."linesMatchTotal", payment_status = r."paymentStatus",
    onec_payment_number = r."onecPaymentNumber", onec_payment_at = r."onecPaymentAt", onec_shipment_number = r."onecShipmentNumber",
    onec_shipment_at = r."onecShipmentAt", due_date = r."dueDate", pay_until = r."payUntil", pay_methods = r."payMethods", onec_version = r."onecVersion",
    own_deferral_days = r."ownDeferralDays", own_deferral_day_kind = r."ownDeferralDayKind", own_deferral_base = r."ownDeferralBase", in_file = o.in_file or ${base.byFile}::boolean, updated_at = ${now}::timestamptz
  from json_to_recordset(${ordersJson(rows)}::text::json) as ${record(tx)} where o.id = r."orderId"`;

/**
 * What an order is found by, where it is another one. Named in an update, a column of a unique key holds its row against everybody who only writes
 * beside it (an event, a fact), whether it changes or not.
 */
const updateKeys = (tx: Tx, rows: OrderValues[]) => tx`
  update orders o set onec_guid = r."onecGuid", number = r.number
    from json_to_recordset(${JSON.stringify(rows.map(({ orderId, onecGuid, number }) => ({ orderId, onecGuid, number })))}::text::json) as r("orderId" uuid, "onecGuid" text, number text)
   where o.id = r."orderId" and (o.onec_guid is distinct from r."onecGuid" or o.number <> r.number)`;

const newRevisions = (rows: readonly Revision[], now: Date): CopyInto => ({
  table: "order_revisions",
  columns: ["id", "order_id", "no", "total_kopecks", "vat_kopecks", "content_hash", "source", "received_at"],
  rows: rows.map((r) => [r.id, r.orderId, r.no, r.totalKopecks, r.vatKopecks, r.hash, r.sourceJson, now]),
});

const newLines = (revisions: readonly Revision[]): CopyInto => ({
  table: "order_lines",
  columns: [
    "id", "revision_id", "line_no", "onec_item_id", "sku", "name", "kind", "unit_code", "unit_name", "quantity", "price_kopecks", "sum_kopecks", "vat_rate", "vat_kopecks",
  ],
  rows: revisions.flatMap((revision) =>
    revision.lines.map((line) => [
      newId(), revision.id, line.position, line.ref || null, line.article, line.name, line.service ? "service" : "goods", line.unitCode, line.unitName,
      line.quantity, line.priceKopecks, line.sumKopecks, line.vat, line.vatKopecks,
    ]),
  ),
});

const newEvents = (ctx: Ctx, planned: readonly PlannedOrder[]): CopyInto => ({
  table: "order_events",
  columns: ["id", "order_id", "at", "kind", "actor", "amount_kopecks", "detail"],
  rows: planned.flatMap((p) =>
    p.events.map((event) => [newId(), p.values.orderId, ctx.now(), event.kind, actorText(ctx.actor), event.amountKopecks ?? null, JSON.stringify(event.detail ?? {})]),
  ),
});
