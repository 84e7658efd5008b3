import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { addMs } from "@/lib/kit/time.ts";
import type { BaseSettings } from "./base-settings.ts";
import type { FoundSession } from "./sessions.ts";
import type { FileState } from "./states.ts";
import { packPiece, pieceWrite, storedTail } from "./stored-pieces.ts";
import type { PackedPiece } from "./stored-pieces.ts";
import { completeTailBytes, endsOrderFile, exchangeFileName } from "./wire/index.ts";

/** A client may count its limit without its own headers. */
const SLACK_BYTES = 64 * 1024;
/** 1C that skips `import` is done with a file when it was quiet for so long (CML-13). */
export const IDLE_MS = 10_000;

export type Received = { ok: true; note: string } | { ok: false; reason: string };
export type PieceBody = AsyncIterable<Uint8Array>;

const refused = (reason: string): Received => ({ ok: false, reason });

/** One request of `mode=file`: appended to the session's file of that name (CML-10). Memory holds one piece at most. */
export async function receivePiece(ctx: Ctx, session: FoundSession, settings: BaseSettings, given: { filename: string; body: PieceBody; declaredBytes: number | null }): Promise<Received> {
  const name = exchangeFileName(given.filename);
  if (!name) return refused("Недопустимое имя файла");
  const most = settings.fileLimitBytes + SLACK_BYTES;
  const bytes = (given.declaredBytes ?? 0) > most ? null : await readBody(given.body, most);
  if (bytes === null) return refused(`Часть файла больше разрешённых ${settings.fileLimitBytes} байт`);
  // Pictures and the like are of no use to us; refusing them would stop the exchange.
  if (name.extension === "other") return { ok: true, note: `Файл ${name.base} не нужен и не сохранён` };
  const packed = await packPiece(bytes);
  return inTransaction(ctx, (tx) => append(ctx, tx, session, settings, { name: name.path, bytes, packed, isZip: name.extension === "zip" }));
}

/** Null when the piece is larger than it may be: reading stops there. */
async function readBody(body: PieceBody, maxBytes: number): Promise<Buffer | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.byteLength;
    if (size > maxBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}

type File = { id: string; sizeBytes: number; pieceCount: number; state: FileState; failReason: string | null };

async function append(ctx: Ctx, tx: Tx, session: FoundSession, settings: BaseSettings, piece: { name: string; bytes: Buffer; packed: PackedPiece; isZip: boolean }): Promise<Received> {
  const now = ctx.now();
  // The session's row orders the pieces of all its files and their sum.
  await tx`select 1 from onec_sessions where id = ${session.sessionId} for update`;
  await tx`
    insert into onec_files (id, session_id, connection_id, name, size_bytes, piece_count, state, notes, created_at, touched_at)
    values (${newId()}, ${session.sessionId}, ${session.base.id}, ${piece.name}, 0, 0, 'receiving', '[]', ${now}, ${now}) on conflict (session_id, name) do nothing`;
  const [file] = await tx<File[]>`
    select id, size_bytes::float8 as size_bytes, piece_count, state, fail_reason from onec_files where session_id = ${session.sessionId} and name = ${piece.name} for update`;
  if (!file) throw new Error("the file's row is gone");
  if (file.state === "failed") return refused(file.failReason ?? "Файл уже отклонён");
  if (file.state === "processing") return refused(`Файл ${piece.name} уже загружается`);
  if (file.state === "done") await startAgain(tx, file, now);

  const [held] = await tx<{ total: number }[]>`select coalesce(sum(size_bytes), 0)::float8 as total from onec_files where session_id = ${session.sessionId} and id <> ${file.id}`;
  const sizeBytes = file.sizeBytes + piece.bytes.length;
  if ((held?.total ?? 0) + sizeBytes > settings.sessionLimitBytes) {
    const reason = `За один обмен принимается не больше ${Math.floor(settings.sessionLimitBytes / 1024 / 1024)} МБ, уменьшите порцию выгрузки`;
    await Promise.all([
      tx`delete from onec_file_pieces where file_id = ${file.id}`,
      tx`update onec_files set state = 'failed', fail_reason = ${reason}, size_bytes = ${sizeBytes}, finished_at = ${now}, touched_at = ${now} where id = ${file.id}`,
    ]);
    return refused(reason);
  }
  const tail = await tailWith(tx, file, piece.bytes);
  await Promise.all([
    piece.bytes.length > 0 && pieceWrite(tx, file.id, file.pieceCount, piece.packed),
    tx`update onec_files set size_bytes = ${sizeBytes}, piece_count = piece_count + ${piece.bytes.length > 0 ? 1 : 0}, touched_at = ${now} where id = ${file.id}`,
    (piece.isZip ? endsArchive(tail) : endsOrderFile(tail)) && ctx.enqueue(tx, "onec.file", { fileId: file.id }, { startAfter: addMs(now, IDLE_MS) }),
  ]);
  return { ok: true, note: `Принята часть ${file.pieceCount + 1} файла ${piece.name}, ${piece.bytes.length} байт` };
}

/** The same name after it was handled: a client without a new session sends the file once more. */
async function startAgain(tx: Tx, file: File, now: Date): Promise<void> {
  await Promise.all([
    tx`delete from onec_file_pieces where file_id = ${file.id}`,
    tx`update onec_files set state = 'receiving', size_bytes = 0, piece_count = 0, documents_done = 0, orders_taken = 0, orders_refused = 0, notes = '[]', entries = null, finished_at = null, created_at = ${now} where id = ${file.id}`,
  ]);
  file.sizeBytes = 0;
  file.pieceCount = 0;
}

async function tailWith(tx: Tx, file: File, bytes: Buffer): Promise<Buffer> {
  if (bytes.length >= completeTailBytes || file.pieceCount === 0) return bytes.subarray(-completeTailBytes);
  return Buffer.concat([await storedTail(tx, file.id, file.pieceCount), bytes]);
}

/** End record of a zip directory with no comment, as 1C writes it. */
const endsArchive = (tail: Buffer) => tail.length >= 22 && tail.readUInt32LE(tail.length - 22) === 0x06054b50;

/** Complete by its last bytes: what the idle job may process. */
export async function isComplete(ctx: Ctx, file: { id: string; name: string; pieceCount: number }): Promise<boolean> {
  const tail = await storedTail(ctx.database.sql, file.id, file.pieceCount);
  return file.name.toLowerCase().endsWith(".zip") ? endsArchive(tail) : endsOrderFile(tail);
}
