import type { Tx } from "@/db/index.ts";
import { actingAs, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import type { OrderDraft, OrderStatus, ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import { admitOrders } from "@/lib/pilot/admit-orders.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { workingCalendar } from "./due-date.ts";
import { baseRules } from "./intake/base-rules.ts";
import type { BaseRules } from "./intake/base-rules.ts";
import { alertChangedMoney } from "./intake/alert-changed-money.ts";
import { buyerKey, upsertBuyers } from "./intake/counterparties.ts";
import { lockKnownOrders } from "./intake/known-orders.ts";
import type { KnownOrder } from "./intake/known-orders.ts";
import { planKnownOrder, planNewOrder } from "./intake/plan-order.ts";
import type { PlannedOrder, PlanSettings } from "./intake/plan-order.ts";
import { splitIntoBatches } from "./intake/batches.ts";
import { siteNumber } from "./intake/site-number.ts";
import { writeOrders } from "./intake/write-orders.ts";

/** The 1C base the documents came from. `settings`: those of its connection, for what it does its own way. */
export type IntakeConnection = {
  id: string;
  storeId: string | null;
  environment: "test" | "live";
  settings?: Record<string, unknown>;
  /** False: they came by JSON or by PayKeeper's calls, so that the base's file exchange does not know them by their number. */
  byFile?: boolean;
  /** The internet shop that sends the documents on behalf of the base: it may make orders and change its own, and nobody else's. */
  shopId?: string | null;
};

export type TakenResult = {
  number: string;
  orderId: string | null;
  /** `status`: states changed, lines and total did not. `skipped`: nothing of ours to do with it; no error. */
  outcome: "created" | "revised" | "status" | "unchanged" | "skipped" | "refused";
  /** Russian, one line: why it was refused or skipped. */
  reason?: string;
  warnings: string[];
};

type Rules = PlanSettings & { mayCreate: boolean };

/**
 * Takes documents of one 1C base, in their order, and answers for each one. Batches go in one transaction each; when a batch
 * fails, its documents go one by one, so that a bad one is refused alone (CML-23) and nothing is ever half there (CML-24).
 * The same document again changes nothing (CML-20); money is never touched (CML-22). Throws when the database is away.
 */
export async function takeOrders(given: Ctx, connection: IntakeConnection, documents: readonly ReadOrder[]): Promise<TakenResult[]> {
  const { storeId, shopId = null } = connection;
  const ctx = actingAs(given, shopId === null ? { kind: "onec", connectionId: connection.id } : { kind: "shop", connectionId: shopId });
  if (storeId === null) throw new Error(`1C connection ${connection.id} has no store`);
  const rules = await readRules(ctx, baseRules(connection.settings ?? {}));
  const results: TakenResult[] = [];
  for (const batch of splitIntoBatches(documents)) {
    results.push(...(await takeBatch(ctx, { ...connection, storeId, shopId }, batch, rules)));
  }
  return results;
}

async function readRules(ctx: Ctx, own: BaseRules): Promise<Rules> {
  const { sql } = ctx.database;
  const [mayCreate, shiftToWorkingDay, days] = await Promise.all([
    readSetting(sql, "onec.createOrders"),
    readSetting(sql, "b2b.shiftToWorkingDay"),
    sql<{ day: string; isWorking: boolean }[]>`select day, is_working from calendar_days`,
  ]);
  const { zone } = ctx;
  const baseZone = own.zone ?? zone;
  return { mayCreate: own.createOrders ?? mayCreate, statusMap: own.statusMap, shiftToWorkingDay, now: ctx.now(), zone, baseZone, at: localClock(baseZone), isWorking: workingCalendar(days) };
}

/** Local times of one upload to instants. Zones change on whole hours, so an hour's offset is found once: a file has few hours. */
function localClock(zone: string): (local: string | null) => Date | null {
  const offsets = new Map<string, number>();
  return (local) => {
    if (local === null) return null;
    const wall = Date.parse(`${local}Z`);
    if (Number.isNaN(wall)) return instantOfLocal(local, zone);
    const hour = local.slice(0, 13);
    let offset = offsets.get(hour);
    if (offset === undefined) {
      const instant = instantOfLocal(local, zone);
      if (!instant) return null;
      offset = wall - instant.getTime();
      offsets.set(hour, offset);
    }
    return new Date(wall - offset);
  };
}

type Base = { id: string; storeId: string; environment: "test" | "live"; shopId: string | null; byFile?: boolean };

async function takeBatch(ctx: Ctx, base: Base, batch: readonly ReadOrder[], rules: Rules): Promise<TakenResult[]> {
  let results: TakenResult[];
  try {
    results = await inTransaction(ctx, (tx) => takeInside(ctx, tx, base, batch, rules));
  } catch (error) {
    if (isAway(error)) throw error;
    const [only] = batch;
    if (batch.length === 1 && only) {
      ctx.log.error({ err: error, onecRef: only.onecRef }, "an uploaded order could not be taken");
      return [{ number: only.number, orderId: null, outcome: "refused", reason: "внутренняя ошибка, заказ не загружен", warnings: [] }];
    }
    ctx.log.warn({ err: error, documents: batch.length }, "a batch of uploaded orders failed, taking them one by one");
    results = [];
    for (const document of batch) results.push(...(await takeBatch(ctx, base, [document], rules)));
    return results;
  }
  for (const { orderId, outcome } of results) if (orderId && outcome !== "unchanged") ctx.hint(orderId);
  return results;
}

/** The database itself is the trouble: nothing is wrong with the documents. */
const isAway = (error: unknown) =>
  error instanceof Error && "code" in error && typeof error.code === "string" && /^(?:CONNECT|ECONN|EPIPE|ETIMEDOUT|08|53|57|25)/.test(error.code);

async function takeInside(ctx: Ctx, tx: Tx, base: Base, batch: readonly ReadOrder[], rules: Rules): Promise<TakenResult[]> {
  const readable = batch.filter((d) => d.kind !== "refused");
  const keys = { numbers: readable.map((d) => (d.kind === "other" ? (d.operation.baseRef ?? "") : d.number)), guids: readable.map((d) => (d.kind === "other" ? (d.operation.baseRef ?? "") : d.onecRef)) };
  const { sellerOrgId, door, known } = await lockKnownOrders(tx, { connectionId: base.id, storeId: base.storeId }, keys);
  const byNumber = new Map(known.map((order) => [order.number, order]));
  // An order of a shop comes back under the number that 1C was given for it.
  for (const order of known) if (order.shopConnectionId !== null && !byNumber.has(siteNumber(order))) byNumber.set(siteNumber(order), order);
  const byGuid = new Map(known.flatMap((order) => (order.onecGuid === null ? [] : [[order.onecGuid, order] as const])));

  const found = batch.map((document): Found => find(document, byNumber, byGuid, rules, base.shopId));
  const buyers = await upsertBuyers(ctx, tx, base.id, found.flatMap((f) => (f.kind === "take" && f.document.kind === "order" && f.order?.contentHash !== f.document.contentHash ? [f.document.buyer] : [])));
  const planned: PlannedOrder[] = [];
  const results = found.map((each): TakenResult => {
    if (each.kind === "answer") return each.result;
    const { document, order } = each;
    const key = document.kind === "order" ? buyerKey(document.buyer) : null;
    const buyer = key === null ? null : (buyers.get(key) ?? null);
    const plan = order ? planKnownOrder(order, document, buyer, rules) : document.kind === "order" ? planNewOrder(newId(), document, buyer, rules) : null;
    const about = { number: document.number, warnings: document.warnings };
    if (!plan) return { ...about, orderId: order?.orderId ?? null, outcome: "unchanged" };
    planned.push(plan);
    return { ...about, orderId: plan.values.orderId, outcome: plan.outcome };
  });
  const isTest = base.environment === "test";
  if (planned.length > 0) await writeOrders(ctx, tx, { connectionId: base.id, storeId: base.storeId, sellerOrgId, isTest, shopId: base.shopId, byFile: base.byFile ?? true }, planned);
  const mayBeOffered = await admitOrders(ctx, tx, door, { storeId: base.storeId, isTest, orders: planned.map((p) => p.taken) });
  for (const plan of planned) await alertChangedMoney(ctx, tx, plan);
  const reports = found.flatMap((f) => (f.kind === "answer" && f.report ? [f.report] : []));
  const orders = [...planned.map(({ taken }) => (mayBeOffered(taken.orderId) ? taken : { ...taken, payableDueKopecks: 0n })), ...reports];
  if (orders.length > 0) await ctx.announce(ctx, tx, { type: "orders.taken", orders });
  const told = door.mode === "shadow" ? orders.filter((order) => order.reported !== null || order.shipped !== null).map((order) => order.orderId) : [];
  if (told.length > 0) await ctx.enqueue(tx, "orders.rehearse", { orderIds: told });
  return results;
}

type Found =
  | { kind: "take"; document: OrderDraft | OrderStatus; order: KnownOrder | null }
  | { kind: "answer"; result: TakenResult; report?: PlannedOrder["taken"] };

/** CML-19: by the site's number, else by the GUID, else a new order. */
function find(document: ReadOrder, byNumber: Map<string, KnownOrder>, byGuid: Map<string, KnownOrder>, rules: Rules, shopId: string | null): Found {
  const answer = (outcome: TakenResult["outcome"], reason: string, orderId: string | null = null): Found => ({
    kind: "answer",
    result: { number: document.number, orderId, outcome, reason, warnings: document.kind === "refused" ? [] : document.warnings },
  });
  if (document.kind === "refused") return answer("refused", document.reason);
  if (document.kind === "other") {
    const { operation } = document;
    const order = operation.baseRef === null ? undefined : (byNumber.get(operation.baseRef) ?? byGuid.get(operation.baseRef));
    if (!order) return answer("skipped", `документ «${operation.operation.slice(0, 60)}» не относится к нашим заказам`);
    const { result } = answer("status", "", order.orderId) as Extract<Found, { kind: "answer" }>;
    delete result.reason;
    return { kind: "answer", result, report: { orderId: order.orderId, isNew: false, revisionNo: order.revisionNo, payableDueKopecks: 0n, payUntil: order.payUntil, reported: { paid: null, operations: [operation], zone: rules.baseZone }, namesNoPayment: false, shipped: null } };
  }
  const order = byNumber.get(document.number) ?? byGuid.get(document.onecRef) ?? null;
  if (shopId !== null && order) return order.shopConnectionId === shopId ? answer("unchanged", "", order.orderId) : answer("refused", "номер занят другим заказом", order.orderId);
  if (order && order === byNumber.get(document.number) && order.onecGuid !== null && order.onecGuid !== document.onecRef) {
    return answer("refused", "номер занят другим заказом 1С", order.orderId);
  }
  const twin = byGuid.get(document.onecRef);
  // The number is of one order, the GUID of another: joining them would mix two customers.
  if (order && twin && twin.orderId !== order.orderId) return answer("refused", "номер занят другим заказом на сайте", order.orderId);
  if (!order && document.kind === "status") return answer("skipped", "заказа нет на сайте, а в документе нет товаров");
  if (!order && shopId === null && !rules.mayCreate) return answer("refused", "заказа нет на сайте, а создание заказов из 1С выключено");
  return { kind: "take", document, order };
}
