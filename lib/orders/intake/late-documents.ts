/** Documents older than what we have (API-15, domain 2.7 `ignored_stale`): the order is not rolled back, and that is said. */
import type { Tx } from "@/db/index.ts";
import { openConflict, readRules } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { OrderDraft, OrderStatus } from "@/lib/onec/wire/order-draft.ts";
import { termsOf } from "./counterparties.ts";
import type { Found } from "./find-order.ts";
import type { KnownOrder } from "./known-orders.ts";
import type { IntakeDocument } from "./order-patch.ts";
import { planKnownOrder } from "./plan-order.ts";
import type { PlanSettings, PlannedOrder } from "./plan-order.ts";
import { sharedFields } from "./shared-fields.ts";

/** What a late document would have made of the order. */
export type Late = { document: OrderDraft | OrderStatus; order: KnownOrder; plan: PlannedOrder };

export const LATE = "устаревшая версия";

/** 1C counts its document, and this count is lower than the one we have. */
export const isLate = (document: IntakeDocument, order: KnownOrder | null): boolean =>
  order !== null && (document.kind === "order" || document.kind === "status") && document.version !== undefined && order.onecVersion !== null && document.version < order.onecVersion;

/** What the document would make of the order if nobody but 1C had a word. */
function planOf(document: OrderDraft | OrderStatus, order: KnownOrder, rules: PlanSettings): PlannedOrder | null {
  const buyer = order.counterpartyId === null ? null : { counterpartyId: order.counterpartyId, terms: termsOf(order) };
  return planKnownOrder(order, document, buyer, rules, sharedFields(new Map(), new Map()));
}

/**
 * Documents of a file that say what an earlier revision of their order said, where JSON has counted on since: 1C repeats a portion whose `success` was
 * lost. A file has no count of its own, so its lines and sum are what tells.
 */
export async function repeatedFiles(tx: Tx, found: readonly Found[], rules: PlanSettings): Promise<ReadonlySet<Found>> {
  const wanted = found.flatMap((each) => {
    if (each.kind !== "take" || !each.order?.onecVersion || each.document.kind !== "order" || each.document.version !== undefined) return [];
    const hash = planOf(each.document, each.order, rules)?.revision?.hash;
    return hash === undefined ? [] : [{ each, id: each.order.orderId, hash }];
  });
  if (wanted.length === 0) return new Set();
  const rows = await tx<{ orderId: string; hash: string }[]>`
    select r.order_id, r.content_hash as hash from json_to_recordset(${JSON.stringify(wanted.map(({ id, hash }) => ({ id, hash })))}::text::json) as w(id uuid, hash text) join order_revisions r on r.order_id = w.id and r.content_hash = w.hash`;
  const known = new Set(rows.map((row) => `${row.orderId} ${row.hash}`));
  return new Set(wanted.filter(({ id, hash }) => known.has(`${id} ${hash}`)).map(({ each }) => each));
}

/** The answer to a late document in place of taking it; `late` where it says anything else than what stands. */
export function leaveLate(found: Found, rules: PlanSettings, takesOlder: boolean, isRepeated = false): Found {
  if (found.kind !== "take" || takesOlder || !(isRepeated || isLate(found.document, found.order))) return found;
  const { document } = found;
  const order = found.order!;
  const plan = planOf(document, order, rules);
  return { kind: "answer", result: { number: document.number, orderId: order.orderId, outcome: "unchanged", reason: LATE, warnings: document.warnings }, ...(plan && { late: { document, order, plan } }) };
}

/** The base's rule for its older versions, read only when there is one. */
export async function takesOlderVersions(tx: Tx, connectionId: string, found: readonly Found[], repeated: ReadonlySet<Found>): Promise<boolean> {
  if (repeated.size === 0 && !found.some((each) => each.kind === "take" && isLate(each.document, each.order))) return false;
  return (await readRules(tx, connectionId)).get("version") === "onec";
}

/** What is sold, for how much, or whether it may be paid would be another: too much to pass over without a person. */
const isWeighty = ({ order, plan }: Late): boolean =>
  plan.revision !== null || plan.values.totalKopecks !== order.totalKopecks || plan.values.lifecycle !== order.lifecycle || plan.values.isPosted !== order.isPosted;

/** Opens the question about one; the same version is not asked about again once a person kept ours. Returns whether it is open. */
export async function disputeLate(ctx: Ctx, tx: Tx, connectionId: string, late: Late, messageId: string): Promise<boolean> {
  if (!isWeighty(late) || (await readRules(tx, connectionId)).get("version") === "ours") return false;
  const { order, document } = late;
  // A file has no count: before the first.
  const [ours, theirs] = [String(order.onecVersion), String(document.version ?? 0)];
  const [kept] = await tx`select 1 from onec_conflicts where connection_id = ${connectionId} and object_key = ${order.orderId} and field = 'version' and theirs = ${theirs} and state in ('ours', 'settled') limit 1`;
  if (kept) return false;
  await openConflict(ctx, tx, {
    connectionId, objectType: "order", objectKey: order.orderId, orderId: order.orderId, field: "version", ours, theirs, messageId,
    note: "1С прислала более старую версию заказа, и в ней другие строки, сумма или состояние. Заказ не тронут. Обычно это запоздавший повтор: оставьте наше. Если базу 1С вернули из копии и верно то, что в ней, возьмите из 1С.",
  });
  return true;
}

/** A newer version ends the question about an older one, and an unchanged document still counts on. */
export async function noteVersions(ctx: Ctx, tx: Tx, connectionId: string, found: readonly Found[]): Promise<void> {
  const rows = found.flatMap((each) => (each.kind === "take" && each.order && each.document.version !== undefined ? [{ id: each.order.orderId, version: each.document.version }] : []));
  if (rows.length === 0) return;
  await tx`
    update orders o set onec_version = r.version from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, version bigint)
     where o.id = r.id and (o.onec_version is null or o.onec_version < r.version)`;
  await tx`
    update onec_conflicts c set state = 'gone', decided_at = ${ctx.now()}, decided_by = 'system', reason = '1С прислала версию новее'
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, version bigint)
     where c.connection_id = ${connectionId} and c.object_key = r.id::text and c.field = 'version' and c.state = 'open' and r.version > c.theirs::bigint`;
}
