import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { importFile } from "./import-file.ts";
import type { ImportOutcome } from "./import-file.ts";
import { isComplete } from "./receive-piece.ts";
import type { FileState } from "./states.ts";

const OLDER_MAX = 50;
type Older = { id: string; name: string; pieceCount: number; state: FileState };

/**
 * Loads a file after the whole files that its base sent before it and that nobody loaded: what an older file says of an order
 * must never come after what a newer one said. The budget is that of all of them; `progress` also means that an older one is at work.
 */
export async function importInOrder(ctx: Ctx, base: OpenConnection, fileId: string, budgetMs: number): Promise<ImportOutcome> {
  const until = performance.now() + budgetMs;
  const older = await ctx.database.sql<Older[]>`
    select f.id, f.name, f.piece_count, f.state from onec_files f join onec_files g on g.id = ${fileId}
     where f.connection_id = g.connection_id and f.state in ('receiving', 'processing') and g.state in ('receiving', 'processing')
       and (f.created_at, f.id) < (g.created_at, g.id) order by f.created_at, f.id limit ${OLDER_MAX}`;
  for (const file of older) {
    if (file.state === "receiving" && !(await isComplete(ctx, file))) continue;
    const outcome = await importFile(ctx, base, file.id, Math.max(0, until - performance.now()));
    if (outcome.kind === "progress") return { kind: "progress", documentsDone: 0 };
  }
  return importFile(ctx, base, fileId, Math.max(0, until - performance.now()));
}
