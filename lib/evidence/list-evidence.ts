import type { Ctx } from "@/lib/context.ts";

export type EvidenceRow = { evidenceId: string; note: string | null; url: string | null; fileName: string | null; sizeBytes: number | null; addedBy: string; addedAt: Date };

/** Proofs of one object, oldest first; without the bytes. */
export async function listEvidence(ctx: Ctx, objectIds: readonly string[]): Promise<(EvidenceRow & { objectId: string })[]> {
  if (objectIds.length === 0) return [];
  return ctx.database.sql<(EvidenceRow & { objectId: string })[]>`
    select id as evidence_id, object_id, note, url, file_name, size_bytes, added_by, added_at from evidence where object_id = any(${objectIds as string[]}::uuid[]) order by added_at, id limit 500`;
}

/** The file itself; null when there is none. */
export async function readEvidenceFile(ctx: Ctx, evidenceId: string): Promise<{ fileName: string; mime: string; bytes: Buffer; orderId: string | null } | null> {
  const [row] = await ctx.database.sql<{ fileName: string; mime: string; bytes: Buffer; orderId: string | null }[]>`
    select file_name, mime, bytes, order_id from evidence where id = ${evidenceId} and bytes is not null`;
  return row ?? null;
}
