import type { Tx } from "@/db/index.ts";
import type { DraftBuyer, ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import type { KnownOrder } from "./known-orders.ts";
import { isLate } from "./late-documents.ts";
import type { IntakeDocument, OrderPatch } from "./order-patch.ts";
import { readBuyers, readStanding } from "./standing-orders.ts";

type Given = { connectionId: string; zone: string; now: Date; known: readonly KnownOrder[]; documents: readonly (ReadOrder | OrderPatch)[] };

/**
 * Partial documents become whole ones against the orders as they stand, under the intake lock, so that two doors that change one order
 * at once lose nothing of each other (API-18). Contacts that 1C took back are emptied here, versions of unchanged orders counted on.
 */
export async function resolvePatches(tx: Tx, given: Given): Promise<IntakeDocument[]> {
  const patches = given.documents.filter((document): document is OrderPatch => document.kind === "patch");
  if (patches.length === 0) return given.documents as ReadOrder[];
  const find = finder(given.known);
  const found = new Map(patches.map((patch) => [patch, find(patch)]));
  const refs = patches.flatMap((patch) => (patch.buyerRef === null ? [] : [patch.buyerRef]));
  const [standing, buyers] = await Promise.all([
    readStanding(tx, [...new Set([...found.values()].flatMap((order) => order ?? []))], given.zone),
    readBuyers(tx, given.connectionId, refs),
  ]);
  const seen = new Set<string>();
  const resolved = given.documents.map((document): IntakeDocument => {
    if (document.kind !== "patch") return document;
    const order = found.get(document);
    // Named in two ways in one package: the second cannot be laid over what the first has not written yet.
    if (order && seen.has(order.orderId)) return { kind: "refused", onecRef: document.onecRef, number: document.number, reason: "заказ встречается в пакете дважды", raw: document.raw };
    if (order) seen.add(order.orderId);
    const buyer = document.buyerRef === null ? null : (buyers.get(document.buyerRef) ?? null);
    return document.resolve(order ? (standing.get(order.orderId) ?? null) : null, { buyer, zone: given.zone, now: given.now });
  });
  await emptyContacts(tx, given.connectionId, resolved.flatMap((document, at) => (document.kind === "order" && !isLate(document, found.get(given.documents[at] as OrderPatch) ?? null) ? [document.buyer] : [])), buyers);
  await countOn(tx, resolved);
  return resolved;
}

function finder(known: readonly KnownOrder[]) {
  const byGuid = new Map(known.flatMap((order) => (order.onecGuid === null ? [] : [[order.onecGuid, order] as const])));
  const byId = new Map(known.map((order) => [order.orderId, order]));
  const byNumber = new Map(known.map((order) => [order.number, order]));
  return (patch: OrderPatch): KnownOrder | null => {
    const named = byGuid.get(patch.onecRef) ?? (patch.orderId === null ? undefined : byId.get(patch.orderId)) ?? byNumber.get(patch.number);
    return named && (named.onecGuid === null || named.onecGuid === patch.onecRef) ? named : null;
  };
}

/** Intake keeps contacts that a document does not name; one that came empty on purpose is emptied, unless our side has set it. */
export async function emptyContacts(tx: Tx, connectionId: string, after: Iterable<DraftBuyer>, known: ReadonlyMap<string, DraftBuyer>): Promise<void> {
  const rows = [...after].flatMap((buyer) => {
    const before = buyer.ref === null ? undefined : known.get(buyer.ref);
    return before ? (["email", "phone", "address"] as const).filter((field) => before[field] !== null && buyer[field] === null).map((field) => ({ ref: before.ref, field })) : [];
  });
  if (rows.length === 0) return;
  await tx`
    update counterparties c set email = case when w.fields ? 'email' then null else c.email end, phone = case when w.fields ? 'phone' then null else c.phone end,
           address = case when w.fields ? 'address' then null else c.address end
      from (select r.ref, jsonb_agg(r.field) as fields from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(ref text, field text)
              join counterparties x on x.onec_connection_id = ${connectionId} and x.onec_guid = r.ref
             where not exists (select 1 from onec_field_edits e where e.object_id = x.id and e.field = 'buyer.' || r.field) group by r.ref) w
     where c.onec_connection_id = ${connectionId} and c.onec_guid = w.ref`;
}

async function countOn(tx: Tx, documents: readonly IntakeDocument[]): Promise<void> {
  const rows = documents.flatMap((document) => (document.kind === "settled" && document.version !== undefined ? [{ id: document.orderId, version: document.version }] : []));
  if (rows.length === 0) return;
  await tx`
    update orders o set onec_version = r.version from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, version bigint)
     where o.id = r.id and (o.onec_version is null or o.onec_version < r.version)`;
}
