import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { addMs } from "@/lib/kit/time.ts";
import { importInOrder } from "./import-in-order.ts";
import { IDLE_MS, isComplete } from "./receive-piece.ts";
import type { FileState } from "./states.ts";

/** A job may run two minutes; this leaves room for the last batch. */
const BUDGET_MS = 60_000;

type Row = { id: string; name: string; connectionId: string; state: FileState; pieceCount: number; touchedAt: Date; claimedUntil: Date | null };

/** Job (CML-13): loads a complete file whose `import` never came, or stopped half way. Does nothing while 1C is at it. */
export async function finishIdleFile(ctx: Ctx, fileId: string): Promise<void> {
  const [file] = await ctx.database.sql<Row[]>`
    select id, name, connection_id, state, piece_count, touched_at, claimed_until from onec_files where id = ${fileId}`;
  if (!file || file.state === "done" || file.state === "failed") return;
  if (file.state === "receiving" && !(await isComplete(ctx, file))) return;
  const quietFrom = Math.max(file.touchedAt.getTime() + IDLE_MS, file.claimedUntil?.getTime() ?? 0);
  if (ctx.now().getTime() < quietFrom) return again(ctx, fileId, new Date(quietFrom));
  const outcome = await importInOrder(ctx, await loadConnection(ctx, file.connectionId), fileId, BUDGET_MS);
  if (outcome.kind === "progress") await again(ctx, fileId, addMs(ctx.now(), IDLE_MS));
}

const again = (ctx: Ctx, fileId: string, at: Date) => inTransaction(ctx, (tx) => ctx.enqueue(tx, "onec.file", { fileId }, { startAfter: at }));

/** When 1C begins its next session: files of earlier ones that are whole and were never asked for. */
export async function wakeIdleFiles(ctx: Ctx, connectionId: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const files = await tx<{ id: string }[]>`
      select id from onec_files where connection_id = ${connectionId} and state in ('receiving', 'processing') and touched_at < ${addMs(ctx.now(), -IDLE_MS)}
       order by created_at, id limit 20`;
    for (const { id } of files) await ctx.enqueue(tx, "onec.file", { fileId: id });
  });
}
