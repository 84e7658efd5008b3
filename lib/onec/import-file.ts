import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatCount } from "@/lib/kit/format.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import type { TakenResult } from "@/lib/orders/take-orders.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { baseSettings, versionsOf } from "./base-settings.ts";
import { fileDocuments } from "./file-source.ts";
import type { FileState } from "./states.ts";
import { MalformedExchangeFile, readOrder, refusalReason } from "./wire/index.ts";
import type { ReadOrder, ReadSettings } from "./wire/index.ts";

export type FileNote = { number: string; text: string; refused: boolean };
export type ImportOutcome =
  | { kind: "done"; ordersTaken: number; notes: FileNote[] }
  | { kind: "refused"; reason: string; ordersTaken: number }
  | { kind: "progress"; documentsDone: number };

/** A process that died in the middle is forgotten after this time. Renewed with every batch. */
const CLAIM_MS = MINUTE_MS;
const BATCH = 250;
/** Of refusals and of warnings apart: many warnings push no refusal out. */
const NOTES_MAX = 300;
/** Parsing never waits by itself: without turns the database's answers and the buyers' requests would wait for a whole piece, and a batch has a dozen answers. */
const TURN_MS = 1;
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

type FileRow = { id: string; name: string; state: FileState; documentsDone: number; ordersTaken: number; ordersRefused: number; notes: FileNote[]; entries: string[] | null; failReason: string | null; createdAt: Date };

const read = async (ctx: Ctx, fileId: string): Promise<FileRow | null> =>
  (await ctx.database.sql<FileRow[]>`select id, name, state, documents_done, orders_taken, orders_refused, notes, entries, fail_reason, created_at from onec_files where id = ${fileId}`)[0] ?? null;

/**
 * Loads an uploaded file for about `budgetMs` and goes on from where it stopped at the next call. One call works on a file at a
 * time; another one hears `progress`. Loading twice changes nothing (CML-20), so a killed process loses only time.
 */
export async function importFile(ctx: Ctx, base: OpenConnection, fileId: string, budgetMs: number): Promise<ImportOutcome> {
  const { sql } = ctx.database;
  const [claimed] = await sql`
    update onec_files set claimed_until = ${addMs(ctx.now(), CLAIM_MS)}, state = 'processing', touched_at = ${ctx.now()}
     where id = ${fileId} and state in ('receiving', 'processing') and (claimed_until is null or claimed_until < ${ctx.now()}) returning id`;
  const file = await read(ctx, fileId);
  if (!file) return { kind: "refused", reason: "Файл не найден", ordersTaken: 0 };
  if (!claimed) return outcomeOf(file);
  try {
    if (await isOvertaken(ctx, fileId)) await finish(ctx, fileId, "failed", "Файл старее уже загруженного: повторите обмен");
    else await work(ctx, base, file, budgetMs);
  } catch (error) {
    if (!(error instanceof MalformedExchangeFile)) throw error;
    await finish(ctx, fileId, "failed", error.message);
  } finally {
    await sql`update onec_files set claimed_until = null where id = ${fileId}`;
  }
  const after = await read(ctx, fileId);
  if (after && after.state !== "processing") await tellStaff(ctx, base, after);
  return outcomeOf(after ?? file);
}

/**
 * A later session's file was begun before this one was whole, so what this one says of its orders may be old news, also where the later one broke off
 * and only its first orders were taken. Refused, it is
 * sent anew with the latest state; `importInOrder` keeps whole files from coming to this.
 */
async function isOvertaken(ctx: Ctx, fileId: string): Promise<boolean> {
  const rows = await ctx.database.sql`
    select 1 from onec_files f join onec_files g on g.connection_id = f.connection_id and g.session_id <> f.session_id and g.created_at > f.created_at
     where f.id = ${fileId} and (g.state = 'processing' or g.documents_done > 0) limit 1`;
  return rows.length > 0;
}

/** Parses ahead while the previous batch is being written: two processors work at once, and no more than two batches are held. */
async function work(ctx: Ctx, base: OpenConnection, file: FileRow, budgetMs: number): Promise<void> {
  const until = performance.now() + budgetMs;
  const settings: ReadSettings = { ...versionsOf(base), zeroRateMeans: baseSettings(base).zeroRateMeans ?? (await readSetting(ctx.database.sql, "onec.zeroRateMeans")) };
  const entries: string[] = [];
  let heldSince = performance.now();
  let skip = file.documentsDone;
  let batch: ReadOrder[] = [];
  let writing: Promise<void> = Promise.resolve();
  const flush = async () => {
    const documents = batch;
    batch = [];
    await writing;
    writing = write(ctx, base, file, documents, entries);
    // Awaited at the next turn; without a handler a failure in between would end the process.
    writing.catch(() => undefined);
  };
  try {
    for await (const document of fileDocuments(ctx, file, (name) => entries.push(name))) {
      if (performance.now() - heldSince > TURN_MS) {
        await nextTurn();
        heldSince = performance.now();
      }
      if (skip > 0) {
        skip -= 1;
        continue;
      }
      batch.push(readOrder(document, settings));
      if (batch.length < BATCH) continue;
      await flush();
      if (performance.now() > until) return;
    }
  } catch (error) {
    // The good documents before the fault are kept (CML-23).
    if (error instanceof MalformedExchangeFile) await flush();
    throw error;
  } finally {
    await writing;
  }
  await flush();
  await writing;
  await finish(ctx, file.id, "done", null);
}

async function write(ctx: Ctx, base: OpenConnection, file: FileRow, documents: ReadOrder[], entries: string[]): Promise<void> {
  // A payment or a hand-over may stand before the order that it names, new in this file.
  const inReason = [...documents.filter(({ kind }) => kind !== "other"), ...documents.filter(({ kind }) => kind === "other")];
  const results = documents.length === 0 ? [] : await takeOrders(ctx, base, inReason, { door: "commerceml", source: file.name, saidAt: file.createdAt });
  const all = [...file.notes, ...results.flatMap(notesOf)];
  const notes = [...all.filter(isRefusal).slice(0, NOTES_MAX), ...all.filter((note) => !isRefusal(note)).slice(0, NOTES_MAX)];
  const ordersRefused = file.ordersRefused + results.filter(({ outcome }) => outcome === "refused").length;
  const next = { documentsDone: file.documentsDone + documents.length, ordersTaken: file.ordersTaken + results.filter(isTaken).length, ordersRefused, notes };
  const [moved] = await ctx.database.sql`
    update onec_files set documents_done = ${next.documentsDone}, orders_taken = ${next.ordersTaken}, orders_refused = ${ordersRefused}, notes = ${JSON.stringify(notes)}::text::jsonb,
        entries = ${entries.length === 0 ? null : JSON.stringify(entries)}::text::jsonb, claimed_until = ${addMs(ctx.now(), CLAIM_MS)}, touched_at = ${ctx.now()}
     where id = ${file.id} and state = 'processing' and documents_done = ${file.documentsDone} returning id`;
  if (!moved) throw new Error(`file ${file.id} was taken over by another import`);
  Object.assign(file, next);
}

const isTaken = ({ outcome }: TakenResult) => outcome !== "refused" && outcome !== "skipped";

const isRefusal = (note: FileNote) => note.refused;

const notesOf = ({ number, outcome, reason, warnings }: TakenResult): FileNote[] => [
  ...(reason === undefined ? [] : [{ number, text: reason, refused: outcome === "refused" }]),
  ...warnings.slice(0, 3).map((text) => ({ number, text, refused: false })),
];

async function finish(ctx: Ctx, fileId: string, state: "done" | "failed", failReason: string | null): Promise<void> {
  const { sql } = ctx.database;
  await sql`update onec_files set state = ${state}, fail_reason = ${failReason}, finished_at = ${ctx.now()}, touched_at = ${ctx.now()} where id = ${fileId} and state = 'processing'`;
  // What they said stands in revisions; the bytes only take room.
  await sql`delete from onec_file_pieces where file_id = ${fileId}`;
}

function outcomeOf(file: FileRow): ImportOutcome {
  const { ordersTaken, ordersRefused, notes, documentsDone } = file;
  const refusals = notes.filter(isRefusal).map((note) => ({ number: note.number, reason: note.text }));
  const said = [file.failReason, ordersRefused > 0 ? refusalReason(refusals, ordersRefused) : null].filter(Boolean).join("; ");
  if (file.state === "failed" || (file.state === "done" && ordersRefused > 0)) return { kind: "refused", reason: said, ordersTaken };
  if (file.state === "done") return { kind: "done", ordersTaken, notes };
  return { kind: "progress", documentsDone };
}

/** ALR-15: orders that were not taken, until an upload of this base is clean again. */
async function tellStaff(ctx: Ctx, base: OpenConnection, file: FileRow): Promise<void> {
  const outcome = outcomeOf(file);
  const objectKey = `connection:${base.id}:import`;
  if (outcome.kind === "done") return void (await resolveAlert(ctx, ctx.database.sql, "ALR-15", objectKey));
  if (outcome.kind !== "refused") return;
  const refused = file.ordersRefused;
  await raiseAlert(ctx, ctx.database.sql, {
    code: "ALR-15",
    objectKey,
    severity: "P3",
    title: refused > 0 ? `Из «${base.name}» не загружено: ${formatCount(refused, ["заказ", "заказа", "заказов"])}` : `Файл заказов из «${base.name}» не прочитан`,
    advice: outcome.reason.slice(0, 500),
    detail: { fileId: file.id, name: file.name },
  });
}
