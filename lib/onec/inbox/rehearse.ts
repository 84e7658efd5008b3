import type { Tx } from "@/db/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import type { FieldChange, MessageResult } from "@/lib/onec-messages/index.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import type { TakenResult } from "@/lib/orders/take-orders.ts";
import { readPayload } from "./read-payload.ts";

export const REHEARSAL_BYTES_MAX = 1_000_000;
const DOCUMENTS_MAX = 200;
const LIMIT_MS = 15_000;

export type Rehearsed = { number: string; outcome: TakenResult["outcome"]; result: MessageResult; summary: string; resultText: string | null; diff: FieldChange[]; warnings: string[]; orderId: string | null };

class RolledBack extends Error {
  constructor(readonly found: Rehearsed[]) {
    super("rehearsal");
  }
}

/**
 * What an order file would do, without doing it: the same verb in a transaction that is always rolled back, so jobs, links, alerts and letters do not
 * come to be either; hints are not sent. Throws `forbidden`, `invalid` (details.field), `conflict` when an exchange is running.
 */
export async function rehearse(ctx: Ctx, input: { connectionId: string; text: string }): Promise<Rehearsed[]> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "onec.repeat")) throw forbidden();
  if (input.text.trim() === "") throw invalid("Вставьте текст файла или выберите файл", { field: "text" });
  if (Buffer.byteLength(input.text) > REHEARSAL_BYTES_MAX) throw invalid("Файл больше 1\u00A0МБ: проверьте его часть", { field: "text" });
  const base = await loadConnection(ctx, input.connectionId);
  if (base.kind !== "onec") throw invalid("Выберите базу 1С", { field: "connectionId" });
  const documents = await readPayload(ctx, base, { format: input.text.trimStart().startsWith("{") || input.text.trimStart().startsWith("[") ? "json" : "xml", text: input.text });
  if (documents.length === 0) throw invalid("В файле нет документов", { field: "text" });
  if (documents.length > DOCUMENTS_MAX) throw invalid(`В файле больше ${DOCUMENTS_MAX} документов: проверьте его часть`, { field: "text" });
  try {
    await inTransaction(ctx, async (tx) => {
      await tx.unsafe(`set local lock_timeout = '3s'; set local statement_timeout = '${LIMIT_MS}'`);
      // The intake's own lock, waited for here: a busy base is said so, and no document is refused for it.
      await tx`select pg_advisory_xact_lock(hashtextextended(${`intake:${base.id}`}, 0))`;
      const inside = insideOf(ctx, tx);
      const found: Rehearsed[] = [];
      for (const document of documents) {
        const [result] = await takeOrders(inside, base, [document], { door: "commerceml", source: MARK });
        const [row] = await tx<Omit<Rehearsed, "number" | "outcome" | "warnings">[]>`
          select result, summary, result_text, diff, order_id from onec_messages where source = ${MARK} and connection_id = ${base.id} and object_guid is not distinct from ${document.onecRef || null} order by at desc, id desc limit 1`;
        found.push({ number: document.number, outcome: result!.outcome, warnings: result!.warnings, orderId: result!.outcome === "created" ? null : result!.orderId, ...(row && result!.outcome !== "unchanged" ? row : { result: "noop" as const, summary: `Заказ №\u00A0${document.number}: ничего нового`, resultText: null, diff: [] }) });
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

/** Locks that did not come, or a statement that took too long. */
const isBusy = (error: unknown): boolean => error instanceof Error && "code" in error && (error.code === "55P03" || error.code === "57014");

/** The same context inside of one transaction: what begins a transaction gets a savepoint of it. */
function insideOf(ctx: Ctx, tx: Tx): Ctx {
  const begin = (work: (inner: Tx) => Promise<unknown>) => tx.savepoint((inner) => work(inner as Tx));
  const sql = new Proxy(tx, { get: (target, name) => (name === "begin" ? begin : Reflect.get(target, name)) }) as unknown as Ctx["database"]["sql"];
  return { ...ctx, database: { ...ctx.database, sql, doorSql: sql }, hint: () => undefined };
}
