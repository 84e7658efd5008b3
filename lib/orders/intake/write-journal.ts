import type { CopyInto } from "@/db/copy-rows.ts";
import type { Tx } from "@/db/index.ts";
import { fieldOf } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { newId, sha256Hex, stableId } from "@/lib/kit/ids.ts";
import type { OnecOperation, ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import { freshMessages, messagesWrite } from "@/lib/onec-messages/index.ts";
import type { MessageDoor, MessageKind, MessageResult, NewMessage } from "@/lib/onec-messages/index.ts";
import { NOTHING_SEEN, describeKnown, describeNew } from "./describe-order.ts";
import type { OldLine } from "./compare-lines.ts";
import type { KnownOrder } from "./known-orders.ts";
import { disputeLate } from "./late-documents.ts";
import type { Late } from "./late-documents.ts";
import type { PlannedOrder } from "./plan-order.ts";

/** Which door the documents came by, for the journal. */
export type MessageOrigin = {
  door: MessageDoor;
  /** Name of the file. */
  source?: string | null;
  /** One document that is done again: its row in the journal. */
  messageId?: string;
  /** The documents were written before this moment: what 1C was given later they cannot know. */
  saidAt?: Date;
};

/** What became of one document. `plan` null: nothing was written about an order. */
export type Journaled = { document: ReadOrder; outcome: "created" | "revised" | "status" | "unchanged" | "skipped" | "refused"; reason: string | null; orderId: string | null; known: KnownOrder | null; plan: PlannedOrder | null; late?: Late };

type Base = { id: string };
type Row = NewMessage & { id: string };

/** The row of a document that was refused or left aside: the same document again is the same row. */
export function refusalId(base: Base, document: ReadOrder): string {
  const content = document.kind === "refused" ? sha256Hex(document.raw?.text ?? document.reason) : document.contentHash;
  return stableId(base.id, document.onecRef, content);
}

/** New orders without anything else in their document: nothing of them can be in conflict, so they go out with the orders themselves. */
const isPlainNew = ({ plan, document }: Journaled): boolean => plan?.outcome === "created" && document.kind === "order" && document.operations.length === 0 && plan.taken.reported === null;

/** One row per plain new order, to be copied with them; its document stands in its first revision. A document that is done again has its row already. */
export const newOrderMessages = (ctx: Ctx, base: Base, origin: MessageOrigin, journaled: readonly Journaled[]): CopyInto =>
  freshMessages(ctx, base.id, journaled.flatMap((each) => (isPlainNew(each) && origin.messageId === undefined ? [orderMessage(ctx, base, origin, each, null)] : [])));

/**
 * Rows of everything that was not plain: changed, refused and skipped orders, documents beside orders. Written last, when it is known which of them
 * brought a conflict. Orders that did not change leave none (they are a line of their file).
 */
export async function writeJournal(ctx: Ctx, tx: Tx, base: Base, origin: MessageOrigin, journaled: readonly Journaled[], durationMs: number): Promise<void> {
  const loud = journaled.filter((each) => (!isPlainNew(each) || origin.messageId !== undefined) && (each.outcome !== "unchanged" || each.late !== undefined || origin.messageId !== undefined));
  if (loud.length === 0) return;
  const oldLines = await readOldLines(tx, loud);
  const messages = new Map<string, Row>();
  for (const each of loud) {
    if (each.late) {
      const row = await lateMessage(ctx, tx, base, origin, each.late, oldLines.get(each.late.order.orderId) ?? null);
      messages.set(row.id, { ...row, durationMs });
      continue;
    }
    const rows = [orderMessage(ctx, base, origin, each, oldLines.get(each.orderId ?? "") ?? null), ...operationMessages(base, origin, each)];
    for (const row of rows) if (!messages.has(row.id)) messages.set(row.id, { ...row, durationMs });
  }
  const rows = [...messages.values()];
  const disputed = await nameMessages(tx, base, rows);
  for (const [orderId, fields] of disputed) {
    const own = rows.filter((row) => row.orderId === orderId && row.result !== "error" && row.result !== "skipped");
    for (const field of fields) {
      const row = own.find((each) => !isOrder(each) && each.objectGuid !== null && field === `payment:${each.objectGuid}`) ?? own.find(isOrder) ?? own[0];
      if (!row) continue;
      const label = fieldOf(field).label.toLowerCase();
      row.resultText = row.result === "conflict" ? `${row.resultText ?? ""}, ${label}` : `Нужно решение: ${label}`;
      // Our value stayed, so the order itself has not changed: the sentence is about the difference.
      if (row.summary === NOTHING_SEEN) row.summary = `1С говорит иначе, чем мы: ${label}`;
      row.result = "conflict";
    }
  }
  await messagesWrite(ctx, tx, base.id, rows);
}

const isOrder = ({ kind }: Row): boolean => kind === "order" || kind === "status";

const resultOf: Record<Journaled["outcome"], MessageResult> = { created: "applied", revised: "applied", status: "applied", unchanged: "noop", skipped: "skipped", refused: "error" };

function orderMessage(ctx: Ctx, base: Base, origin: MessageOrigin, each: Journaled, oldLines: OldLine[] | null): Row {
  const { document, plan, known, outcome, reason } = each;
  const isStranger = document.kind === "other" || document.kind === "refused";
  const said = isStranger || !plan ? null : known ? describeKnown(known, plan.values, document, oldLines, ctx.zone) : document.kind === "order" ? describeNew(document) : null;
  const summary = said?.summary ?? sentence(document, outcome, reason);
  return {
    id: idOf(base, origin, each), door: origin.door, direction: "in", kind: document.kind === "other" ? operationKind(document.operation) : document.kind === "status" ? "status" : "order",
    objectGuid: document.onecRef || null, objectNumber: document.number || null, orderId: each.orderId, summary, result: resultOf[outcome],
    // Done again, the row keeps its first sentence; what came of it stands in the second.
    resultText: reason ?? (origin.messageId === undefined ? null : summary), diff: said?.diff ?? [], payload: outcome === "created" ? null : (document.raw ?? null), source: origin.source ?? null,
  };
}

/** A late one: what it would have changed, and whether a person is asked. */
async function lateMessage(ctx: Ctx, tx: Tx, base: Base, origin: MessageOrigin, { document, order, plan }: Late, oldLines: OldLine[] | null): Promise<Row> {
  const id = origin.messageId ?? refusalId(base, document);
  const { diff } = describeKnown(order, plan.values, document, oldLines, ctx.zone);
  const isAsked = await disputeLate(ctx, tx, base.id, { document, order, plan }, id);
  return {
    id, door: origin.door, direction: "in", kind: document.kind, objectGuid: document.onecRef || null, objectNumber: document.number || null, orderId: order.orderId,
    summary: `1С прислала старую версию заказа №${NBSP}${order.number}: заказ не тронут`, result: isAsked ? "conflict" : "noop", resultText: `${isAsked ? "Нужно решение: версия" : "Версия"} ${document.version ?? "из файла"}, у нас уже ${order.onecVersion}`, diff,
    payload: document.raw ?? null, source: origin.source ?? null,
  };
}

/** Refused ones keep one row however often they come; an order that was changed gets a row each time. */
function idOf(base: Base, origin: MessageOrigin, { document, outcome }: Journaled): string {
  if (origin.messageId !== undefined) return origin.messageId;
  if (outcome === "refused" || outcome === "skipped") return refusalId(base, document);
  return document.kind === "other" ? stableId(base.id, document.onecRef, document.contentHash) : newId();
}

function sentence(document: ReadOrder, outcome: Journaled["outcome"], reason: string | null): string {
  const what = document.kind === "other" ? operationName(document.operation) : document.number ? `Заказ №${NBSP}${document.number}` : "Документ без номера";
  if (outcome === "refused") return `${what} не принят: ${reason ?? "без причины"}`;
  if (outcome === "skipped") return `${what} пропущен: ${reason ?? "к нашим заказам не относится"}`;
  return outcome === "unchanged" ? `${what}: ничего нового` : `1С сообщила: ${what.slice(0, 1).toLowerCase()}${what.slice(1)}`;
}

const operationKinds: readonly [RegExp, MessageKind][] = [
  [/возврат.*денег/i, "refund"],
  [/выплата|эквайринг|оплат/i, "payment"],
  [/возврат/i, "return"],
  [/отпуск|реализац|передача/i, "shipment"],
  [/счет|счёт/i, "invoice"],
];
const operationKind = ({ operation }: OnecOperation): MessageKind => operationKinds.find(([shape]) => shape.test(operation))?.[1] ?? "other";

function operationName({ operation, number, marks, totalKopecks }: OnecOperation): string {
  const document = marks.paymentNumber ?? number;
  return `${operation.slice(0, 60) || "Документ"}${document ? ` №${NBSP}${document}` : ""}${totalKopecks === null ? "" : ` на ${formatMoney(totalKopecks)}`}`;
}

/** Payments, hand-overs and returns that stood inside of an order's document: one row each, the same again is the same row. */
function operationMessages(base: Base, origin: MessageOrigin, { document, outcome, orderId }: Journaled): Row[] {
  if ((document.kind !== "order" && document.kind !== "status") || outcome === "refused" || outcome === "skipped" || origin.messageId !== undefined) return [];
  return document.operations.flatMap((operation): Row[] => {
    if (operation.ref === "") return [];
    const content = JSON.stringify(operation, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
    return [{
      id: stableId(base.id, operation.ref, sha256Hex(content)), door: origin.door, direction: "in", kind: operationKind(operation), objectGuid: operation.ref, objectNumber: operation.number || null, orderId,
      summary: `1С сообщила: ${operationName(operation).replace(/^./u, (first) => first.toLowerCase())}`, result: "applied", payload: { format: "json", text: content }, source: origin.source ?? null,
    }];
  });
}

type OldLineRow = OldLine & { orderId: string };

/** Lines that stood until now, of orders that got a new revision. */
async function readOldLines(tx: Tx, journaled: readonly Journaled[]): Promise<Map<string, OldLine[]>> {
  const revised = journaled.flatMap(({ known, plan, late }) => (known && (plan ?? late?.plan)?.revision ? [{ id: known.orderId, no: known.revisionNo }] : []));
  const lines = new Map<string, OldLine[]>();
  if (revised.length === 0) return lines;
  const rows = await tx<OldLineRow[]>`
    select r.order_id, l.line_no as position, l.onec_item_id as ref, l.name, l.quantity, l.unit_name, l.price_kopecks, l.sum_kopecks, l.vat_rate as vat
      from json_to_recordset(${JSON.stringify(revised)}::text::json) as g(id uuid, no int) join order_revisions r on r.order_id = g.id and r.no = g.no join order_lines l on l.revision_id = r.id
     order by r.order_id, l.line_no`;
  for (const { orderId, ...line } of rows) {
    const known = lines.get(orderId);
    if (known) known.push(line);
    else lines.set(orderId, [line]);
  }
  return lines;
}

/** Tells the conflicts that these documents opened which message brought them. Returns the fields in conflict by order. */
async function nameMessages(tx: Tx, base: Base, rows: readonly Row[]): Promise<Map<string, string[]>> {
  const about = rows.flatMap(({ id, orderId, kind }) => (orderId === null ? [] : [{ id, order_id: orderId, is_order: kind === "order" || kind === "status" }]));
  const fields = new Map<string, string[]>();
  if (about.length === 0) return fields;
  const named = await tx<{ orderId: string; field: string }[]>`
    update onec_conflicts c set message_id = g.id
      from (select distinct on (order_id) id, order_id from json_to_recordset(${JSON.stringify(about)}::text::json) as g(id uuid, order_id uuid, is_order boolean) order by order_id, is_order desc) g
     where c.order_id = g.order_id and c.connection_id = ${base.id} and c.state = 'open' and c.message_id is null and c.object_type <> 'document' returning c.order_id, c.field`;
  for (const { orderId, field } of named) fields.set(orderId, [...(fields.get(orderId) ?? []), field]);
  return fields;
}
