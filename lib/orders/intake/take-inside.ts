import type { Tx } from "@/db/index.ts";
import { openConflict } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import { admitOrders } from "@/lib/pilot/admit-orders.ts";
import { alertChangedMoney } from "./alert-changed-money.ts";
import { buyerKey, upsertBuyers } from "./counterparties.ts";
import { findOrder, indexOrders, namesakes } from "./find-order.ts";
import type { Found, TakenResult } from "./find-order.ts";
import type { Incoming } from "./batches.ts";
import type { SettledDocument } from "./order-patch.ts";
import { resolvePatches } from "./resolve-patches.ts";
import { leaveLate, noteVersions, repeatedFiles, takesOlderVersions } from "./late-documents.ts";
import type { Intake, KnownOrder } from "./known-orders.ts";
import { lockNamedOrders } from "./named-orders.ts";
import { planKnownOrder, planNewOrder } from "./plan-order.ts";
import type { PlanSettings } from "./plan-order.ts";
import { hasOwnNumber, ownNumbers } from "./repeated-numbers.ts";
import { closeAnswered, excuseSkipped } from "./refused-before.ts";
import { readShared, sharedFields } from "./shared-fields.ts";
import { newOrderMessages, refusalId, writeJournal } from "./write-journal.ts";
import type { Journaled, MessageOrigin } from "./write-journal.ts";
import { silentAgain } from "./silent-payment.ts";
import { writeOrders } from "./write-orders.ts";

export type IntakeRules = PlanSettings & { mayCreate: boolean };
export type Base = { id: string; storeId: string; environment: "test" | "live"; shopId: string | null; byFile?: boolean; numbersRepeat?: boolean };

const nothingShared = sharedFields(new Map(), new Map());

/** One batch inside one transaction: finds, plans, writes, lets the rest of the program follow, and writes the journal. */
export async function takeInside(ctx: Ctx, tx: Tx, base: Base, incoming: readonly Incoming[], rules: IntakeRules, origin: MessageOrigin): Promise<TakenResult[]> {
  const started = performance.now();
  const { sellerOrgId, door, known } = await lockNamedOrders(tx, base, incoming);
  const resolved = await resolvePatches(tx, { connectionId: base.id, zone: rules.baseZone, now: rules.now, known, documents: incoming });
  const batch = resolved.filter((document): document is ReadOrder => document.kind !== "settled");
  const settled = new Map(resolved.flatMap((document, at) => (document.kind === "settled" ? [[at, settledResult(document)] as const] : [])));
  const taken = batch.length === 0 ? [] : await takeBatch(ctx, tx, base, batch, { rules, origin, started, sellerOrgId, door, known });
  let next = 0;
  return resolved.map((_, at) => settled.get(at) ?? taken[next++]!);
}

const settledResult = ({ number, orderId, reason, warnings }: SettledDocument): TakenResult => ({ number, orderId, outcome: "unchanged", ...(reason !== undefined && { reason }), warnings });

type Inside = Intake & { rules: IntakeRules; origin: MessageOrigin; started: number };

async function takeBatch(ctx: Ctx, tx: Tx, base: Base, batch: readonly ReadOrder[], { rules, origin, started, sellerOrgId, door, known }: Inside): Promise<TakenResult[]> {
  const index = indexOrders(known);
  const renamed = namesakes(batch, index);
  const numbers = renamed.length === 0 ? nothingShared : await readShared(tx, base.id, { orderIds: renamed.map((order) => order.orderId), buyerKeys: [] });
  const own = base.numbersRepeat ? await ownNumbers(tx, base.id, batch, index, rules.baseZone) : null;
  const keepsNumber = (order: KnownOrder, onecNumber: string) => numbers.editOf(order.orderId, "number")?.onecValue === onecNumber || (hasOwnNumber(order) && order.onecNumber === onecNumber);
  const sought = await excuseSkipped(tx, base, batch, batch.map((document) => findOrder(document, index, { ...rules, shopId: base.shopId, byFile: base.byFile ?? true, ownNumber: own?.get(document) ?? null }, keepsNumber)));
  const repeated = await repeatedFiles(tx, sought, rules);
  const takesOlder = await takesOlderVersions(tx, base.id, sought, repeated);
  const found = sought.map((each) => leaveLate(each, rules, takesOlder, repeated.has(each)));

  const news = found.flatMap((f) => (f.kind === "take" && f.order?.contentHash !== f.document.contentHash ? [f] : []));
  const drafts = news.flatMap(({ document }) => (document.kind === "order" ? [document] : []));
  const [shared] = await Promise.all([
    news.length === 0 ? nothingShared : readShared(tx, base.id, { orderIds: news.flatMap(({ order }) => (order ? [order.orderId] : [])), buyerKeys: drafts.flatMap(({ buyer }) => buyerKey(buyer) ?? []) }),
    closeAnswered(ctx, tx, base, batch, found, origin),
  ]);
  const buyers = await upsertBuyers(ctx, tx, base.id, drafts.map(({ buyer }) => buyer), shared);

  const journaled = found.map((each, at): Journaled => {
    const document = batch[at]!;
    if (each.kind === "answer") return { document, outcome: each.result.outcome, reason: each.result.reason ?? null, orderId: each.result.orderId, known: each.late?.order ?? each.rival ?? null, plan: null, ...(each.late && { late: each.late }) };
    const { document: taken, order } = each;
    const key = taken.kind === "order" ? buyerKey(taken.buyer) : null;
    const buyer = key === null ? null : (buyers.get(key) ?? null);
    const plan = order ? planKnownOrder(order, taken, buyer, rules, shared) : taken.kind === "order" ? planNewOrder(newId(), taken, buyer, rules) : null;
    return { document, outcome: plan?.outcome ?? "unchanged", reason: null, orderId: plan?.values.orderId ?? order?.orderId ?? null, known: order, plan };
  });
  const planned = journaled.flatMap(({ plan }) => (plan ? [plan] : []));
  const isTest = base.environment === "test";
  if (planned.length > 0) {
    const owner = { connectionId: base.id, storeId: base.storeId, sellerOrgId, isTest, shopId: base.shopId, byFile: base.byFile ?? true };
    // A new GUID is a key: the row is held against whoever writes of it, an acknowledgement with the feed in hand among them (decision 0023).
    if (journaled.some(({ plan, known: order }) => plan && order && order.onecGuid === null && plan.values.onecGuid !== null)) await tx`select 1 from feed_cursors where connection_id = ${base.id} for update`;
    await writeOrders(ctx, tx, owner, planned, newOrderMessages(ctx, base, origin, journaled));
  }
  const mayBeOffered = await admitOrders(ctx, tx, door, { storeId: base.storeId, isTest, orders: planned.map((p) => p.taken) });
  await shared.write(ctx, tx, base.id);
  for (const plan of planned) await alertChangedMoney(ctx, tx, base.id, plan);
  const reports = found.flatMap((f) => (f.kind === "answer" && f.report ? [f.report] : []));
  // Only documents of the stock exchange name payments (CML-32): the silence of the others about them says nothing.
  const byFile = base.byFile ?? true;
  const silent = !byFile ? [] : found.flatMap((f) => (f.kind === "take" && f.order?.contentHash === f.document.contentHash ? (silentAgain(f.order, f.document) ?? []) : []));
  const dated = origin.saidAt === undefined ? {} : { saidAt: origin.saidAt };
  const orders = [...silent.map((taken) => ({ ...taken, ...dated })), ...planned.map(({ taken }) => ({ ...taken, ...dated, namesNoPayment: taken.namesNoPayment && byFile, takesPaymentBack: taken.takesPaymentBack === true && byFile, ...(!mayBeOffered(taken.orderId) && { payableDueKopecks: 0n }) })), ...reports];
  if (orders.length > 0) await ctx.announce(ctx, tx, { type: "orders.taken", orders });
  const told = door.mode === "shadow" ? orders.filter((order) => order.reported !== null || order.shipped !== null || order.unshipped).map((order) => order.orderId) : [];
  if (told.length > 0) await ctx.enqueue(tx, "orders.rehearse", { orderIds: told });
  await disputeNumbers(ctx, tx, base, batch, found);
  await noteVersions(ctx, tx, base.id, found);
  await writeJournal(ctx, tx, base, origin, journaled, (performance.now() - started) / batch.length);
  return journaled.map(({ document, outcome, reason, orderId }) => ({ number: document.number, orderId, outcome, ...(reason === null ? {} : { reason }), warnings: document.kind === "refused" ? [] : document.warnings }));
}

/** CML-19: a number of another order is refused, and a person says which order it is. */
async function disputeNumbers(ctx: Ctx, tx: Tx, base: Base, batch: readonly ReadOrder[], found: readonly Found[]): Promise<void> {
  for (const [at, each] of found.entries()) {
    const document = batch[at]!;
    if (each.kind !== "answer" || !each.rival || each.result.outcome !== "refused") continue;
    const order = each.rival;
    await openConflict(ctx, tx, {
      connectionId: base.id, objectType: "document", objectKey: document.onecRef, orderId: order.orderId, field: "number", ours: order.number, theirs: document.number, messageId: refusalId(base, document),
      note: `1С прислала другой документ с номером №${NBSP}${document.number}, который занят этим заказом. Документ не принят, заказ не тронут. Решите: это тот же заказ, введённый в 1С заново, или другой.`,
    });
  }
}
