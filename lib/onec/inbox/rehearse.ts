import type { Tx } from "@/db/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { lockFeed } from "@/lib/feed/lock-feed.ts";
import type { FieldChange, MessageResult } from "@/lib/onec-messages/index.ts";
import { lockKnownOrders } from "@/lib/orders/intake/known-orders.ts";
import { lockNamedOrders } from "@/lib/orders/intake/named-orders.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import type { TakenResult } from "@/lib/orders/take-orders.ts";
import { ordersOfObjects } from "../json/named-orders.ts";
import { readObjects, takeObject } from "../json/objects.ts";
import type { ListName } from "../json/objects.ts";
import { readPayload } from "./read-payload.ts";
import { outcomes } from "./repeat-object.ts";

export const REHEARSAL_BYTES_MAX = 1_000_000;
const DOCUMENTS_MAX = 200;
const LIMIT_MS = 15_000;

export type Rehearsed = { number: string; outcome: TakenResult["outcome"]; result: MessageResult; summary: string; resultText: string | null; diff: FieldChange[]; warnings: string[]; orderId: string | null };

class RolledBack extends Error {
  constructor(readonly found: Rehearsed[]) {
    super("rehearsal");
  }
}

type Tried = { name: string; take(inside: Ctx): Promise<TakenResult> };
type Given = { documents: Tried[]; /** Holds all orders that they speak of. */ hold(tx: Tx): Promise<{ namesMoney: boolean }> };

/**
 * What a file of the stock exchange or a package of JSON would do, without doing it: the doors' own verbs in a transaction that is always rolled back, so jobs,
 * links, alerts and letters do not come to be either; hints are not sent. Throws `forbidden`, `invalid` (details.field), `conflict` when an exchange is running.
 */
export async function rehearse(ctx: Ctx, input: { connectionId: string; text: string }): Promise<Rehearsed[]> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "onec.repeat")) throw forbidden();
  if (input.text.trim() === "") throw invalid("Вставьте текст файла или выберите файл", { field: "text" });
  if (Buffer.byteLength(input.text) > REHEARSAL_BYTES_MAX) throw invalid("Файл больше 1\u00A0МБ: проверьте его часть", { field: "text" });
  const base = await loadConnection(ctx, input.connectionId);
  if (base.kind !== "onec" || base.storeId === null) throw invalid("Выберите базу 1С", { field: "connectionId" });
  const { documents, hold } = /^[\s\uFEFF]*[{[]/u.test(input.text) ? objects(base, input.text) : await files(ctx, base, input.text);
  if (documents.length === 0) throw invalid("В файле нет документов", { field: "text" });
  if (documents.length > DOCUMENTS_MAX) throw invalid(`В файле больше ${DOCUMENTS_MAX} документов: проверьте его часть`, { field: "text" });
  try {
    await inTransaction(ctx, async (tx) => {
      await tx.unsafe(`set local lock_timeout = '3s'; set local statement_timeout = '${LIMIT_MS}'; set local kopeyka.rehearsal = 'on'`);
      // What never comes to be needs no turn with the kill switch (`keep_payments_open`), which must not wait for it (PIL-05).
      // The intake's own lock, waited for here: a busy base is said so, and no document is refused for it.
      await tx`select pg_advisory_xact_lock(hashtextextended(${`intake:${base.id}`}, 0))`;
      // The documents are taken one by one in one transaction: all their orders first, then what proves money takes its turn with the feed (decision 0023).
      const { namesMoney } = await hold(tx);
      if (namesMoney) await lockFeed(tx, base.id);
      const inside = insideOf(ctx, tx);
      const found: Rehearsed[] = [];
      const seen: string[] = [];
      for (const { name, take } of documents) {
        const result = await take(inside);
        const [row] = await tx<(Omit<Rehearsed, "number" | "outcome" | "warnings"> & { id: string })[]>`
          select id, result, summary, result_text, diff, order_id from onec_messages where source = ${MARK} and connection_id = ${base.id} and id <> all(${seen}::uuid[]) order by (kind in ('order', 'status')) desc, at desc, id desc limit 1`;
        if (row) seen.push(...(await tx<{ id: string }[]>`select id from onec_messages where source = ${MARK} and connection_id = ${base.id}`).map(({ id }) => id));
        found.push(said(name, result, row ?? null));
      }
      throw new RolledBack(found);
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.found;
    if (isBusy(error)) throw conflict("Сейчас идёт обмен с этой базой: попробуйте через минуту");
    throw error;
  }
  return [];
}

/** Stands in the journal only while the rehearsal runs. */
const MARK = "проба";

async function files(ctx: Ctx, base: OpenConnection, text: string): Promise<Given> {
  const documents = await readPayload(ctx, base, text);
  return {
    documents: documents.map((document) => ({
      name: `Заказ №\u00A0${document.number}`,
      take: async (inside) => (await takeOrders(inside, base, [document], { door: "commerceml", source: MARK }))[0]!,
    })),
    async hold(tx) {
      await lockNamedOrders(tx, { id: base.id, storeId: base.storeId! }, documents);
      return { namesMoney: documents.some((document) => document.kind === "other" || (document.kind !== "refused" && (document.state.paid !== null || document.operations.length > 0))) };
    },
  };
}

const objectNames: Record<ListName, string> = { orders: "Заказ", shipments: "Отгрузка", returns: "Накладная возврата", counterparties: "Контрагент" };

function objects(base: OpenConnection, text: string): Given {
  const given = readObjects(text);
  const documents = given.map((object) => ({
    name: objectNames[object.list],
    async take(inside: Ctx) {
      const { number, siteId, status, msg, warnings } = await takeObject(inside, base, object, { source: MARK });
      return { number, orderId: siteId || null, outcome: outcomes[status], ...(msg !== "" && { reason: msg }), warnings };
    },
  }));
  return {
    documents,
    async hold(tx) {
      const { all, refunded, namesMoney } = await ordersOfObjects(tx, base.id, given);
      await lockKnownOrders(tx, { connectionId: base.id, storeId: base.storeId! }, all, refunded);
      return { namesMoney };
    },
  };
}

type Row = Pick<Rehearsed, "result" | "summary" | "resultText" | "diff" | "orderId">;

/** What the journal would say of it; a refusal that stands there already leaves no new row. */
function said(name: string, { number, outcome, warnings, reason, orderId }: TakenResult, row: Row | null): Rehearsed {
  const named = number === "" || name.includes(number) ? name : `${name} №\u00A0${number}`;
  const base = { number, outcome, warnings, orderId: outcome === "created" ? null : orderId };
  if (outcome === "unchanged" && !row) return { ...base, result: "noop", summary: `${named}: ${reason ?? "ничего нового"}`, resultText: null, diff: [] };
  if (row) return { ...base, orderId: outcome === "created" ? null : row.orderId, result: row.result, summary: row.summary, resultText: row.resultText, diff: row.diff };
  if (outcome === "refused") return { ...base, result: "error", summary: `${named}: не принят, как и раньше`, resultText: reason ?? null, diff: [] };
  return { ...base, result: outcome === "skipped" ? "skipped" : "applied", summary: named, resultText: reason ?? null, diff: [] };
}

/** Locks that did not come, or a statement that took too long. */
const isBusy = (error: unknown): boolean => error instanceof Error && "code" in error && (error.code === "55P03" || error.code === "57014");

/** The same context inside of one transaction: what begins a transaction gets a savepoint of it. */
function insideOf(ctx: Ctx, tx: Tx): Ctx {
  const begin = (work: (inner: Tx) => Promise<unknown>) => tx.savepoint((inner) => work(inner as Tx));
  const sql = new Proxy(tx, { get: (target, name) => (name === "begin" ? begin : Reflect.get(target, name)) }) as unknown as Ctx["database"]["sql"];
  return { ...ctx, database: { ...ctx.database, sql, doorSql: sql }, hint: () => undefined };
}
