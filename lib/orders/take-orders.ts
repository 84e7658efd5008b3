import { actingAs, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import { writeMessages } from "@/lib/onec-messages/index.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { workingCalendar } from "./due-date.ts";
import { baseRules } from "./intake/base-rules.ts";
import type { BaseRules } from "./intake/base-rules.ts";
import { splitIntoBatches } from "./intake/batches.ts";
import type { Incoming } from "./intake/batches.ts";
import type { TakenResult } from "./intake/find-order.ts";
import { GaveWay } from "./intake/gave-way.ts";
import { takeInside } from "./intake/take-inside.ts";
import type { Base, IntakeRules } from "./intake/take-inside.ts";
import { refusalId } from "./intake/write-journal.ts";
import type { MessageOrigin } from "./intake/write-journal.ts";

export type { TakenResult } from "./intake/find-order.ts";
export type { MessageOrigin } from "./intake/write-journal.ts";

/** The 1C base the documents came from. `settings`: those of its connection, for what it does its own way. */
export type IntakeConnection = {
  id: string;
  storeId: string | null;
  environment: "test" | "live";
  settings?: Record<string, unknown>;
  /** False: they came by JSON or by PayKeeper's calls, so that the base's file exchange does not know them by their number. */
  byFile?: boolean;
  /** A number of 1C may be of several orders, of a year each: the base knows its documents by their GUID (decision 0021). */
  numbersRepeat?: boolean;
  /** The internet shop that sends the documents on behalf of the base: it may make orders and change its own, and nobody else's. */
  shopId?: string | null;
};

/**
 * Takes documents of one 1C base, in their order, and answers for each one. Batches go in one transaction each; when a batch
 * fails, its documents go one by one, so that a bad one is refused alone (CML-23) and nothing is ever half there (CML-24).
 * The same document again changes nothing (CML-20); money is never touched (CML-22). What changed is written into the journal of messages. Throws when the database is away.
 */
export async function takeOrders(given: Ctx, connection: IntakeConnection, documents: readonly Incoming[], origin?: MessageOrigin): Promise<TakenResult[]> {
  const { storeId, shopId = null } = connection;
  const ctx = actingAs(given, shopId === null ? { kind: "onec", connectionId: connection.id } : { kind: "shop", connectionId: shopId });
  if (storeId === null) throw new Error(`1C connection ${connection.id} has no store`);
  const rules = await readRules(ctx, baseRules(connection.settings ?? {}));
  const results: TakenResult[] = [];
  for (const batch of splitIntoBatches(documents)) {
    results.push(...(await takeBatch(ctx, { ...connection, storeId, shopId }, batch, rules, origin ?? { door: shopId === null ? "commerceml" : "shop" })));
  }
  return results;
}

async function readRules(ctx: Ctx, own: BaseRules): Promise<IntakeRules> {
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

/** So often a batch that gave way to another transaction is taken at most. */
const TRIES = 3;

async function takeBatch(ctx: Ctx, base: Base, batch: readonly Incoming[], rules: IntakeRules, origin: MessageOrigin, tryNo = 1): Promise<TakenResult[]> {
  let results: TakenResult[];
  try {
    results = await inTransaction(ctx, (tx) => takeInside(ctx, tx, base, batch, rules, origin));
  } catch (error) {
    if (isAway(error)) throw error;
    if (isVictim(error) && tryNo < TRIES) {
      ctx.log.warn({ err: error, documents: batch.length }, "a batch of uploaded orders gave way to another transaction, it is taken again");
      return takeBatch(ctx, base, batch, rules, origin, tryNo + 1);
    }
    const [only] = batch;
    if (batch.length === 1 && only) {
      ctx.log.error({ err: error, onecRef: only.onecRef }, "an uploaded order could not be taken");
      await noteFailure(ctx, base, only, origin);
      return [{ number: only.number, orderId: null, outcome: "refused", reason: FAILED, warnings: [] }];
    }
    ctx.log.warn({ err: error, documents: batch.length }, "a batch of uploaded orders failed, taking them one by one");
    results = [];
    for (const document of batch) results.push(...(await takeBatch(ctx, base, [document], rules, origin)));
    return results;
  }
  for (const { orderId, outcome } of results) if (orderId && outcome !== "unchanged") ctx.hint(orderId);
  return results;
}

const FAILED = "внутренняя ошибка, заказ не загружен";

/** Evidence of a failure is written in its own transaction: the document's own was rolled back. */
async function noteFailure(ctx: Ctx, base: Base, given: Incoming, origin: MessageOrigin): Promise<void> {
  const document = given.kind === "patch" ? ({ kind: "refused", onecRef: given.onecRef, number: given.number, reason: FAILED, raw: given.raw } as const) : given;
  const id = origin.messageId ?? refusalId(base, document);
  await writeMessages(ctx, ctx.database.sql, base.id, [{
    id, door: origin.door, direction: "in", kind: document.kind === "other" ? "other" : document.kind === "status" ? "status" : "order", objectGuid: document.onecRef || null, objectNumber: document.number || null, orderId: null,
    summary: `Документ №\u00A0${document.number || "без номера"} не принят: ${FAILED}`, result: "error", resultText: FAILED, payload: document.raw ?? null, source: origin.source ?? null,
  }]).catch((error: unknown) => ctx.log.error({ err: error }, "a failed order could not be written into the journal"));
}

/** Ended for a deadlock or a serialization conflict, or before it could come to one: nothing is wrong with the documents, and nothing of them was written. */
const isVictim = (error: unknown) => error instanceof GaveWay || (error instanceof Error && "code" in error && (error.code === "40P01" || error.code === "40001"));

/** The database itself is the trouble: nothing is wrong with the documents. */
export const isAway = (error: unknown) =>
  error instanceof Error && "code" in error && typeof error.code === "string" && /^(?:CONNECT|ECONN|EPIPE|ETIMEDOUT|08|53|57|25)/.test(error.code);
