import type { Tx } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";

/** What a person gives as proof; at least one of the three. */
export type GivenEvidence = { note?: string | null; url?: string | null; file?: { name: string; mime: string; bytes: Buffer } | null };
export type EvidenceOf = { objectType: "fact" | "dispute" | "discrepancy" | "refund"; objectId: string; orderId?: string | null };

const FILE_MAX_BYTES = 5 * 1024 * 1024;
const MIMES = new Set(["application/pdf", "image/png", "image/jpeg", "text/plain"]);

/** Throws `invalid` (details.field) unless the proof says something and can be stored (REC-11). */
export function checkEvidence(given: GivenEvidence): { note: string | null; url: string | null; file: GivenEvidence["file"] } {
  const note = given.note?.trim().slice(0, 2_000) || null;
  const url = given.url?.trim() || null;
  const file = given.file && given.file.bytes.length > 0 ? given.file : null;
  if (url !== null && (url.length > 1_000 || !/^https?:\/\/\S+$/i.test(url))) throw invalid("Ссылка должна начинаться с http:// или https://", { field: "url" });
  if (file && file.bytes.length > FILE_MAX_BYTES) throw invalid("Файл больше 5 МБ. Приложите меньший или дайте ссылку", { field: "file" });
  if (file && !MIMES.has(file.mime)) throw invalid("Подойдёт PDF, PNG, JPEG или текстовый файл", { field: "file" });
  if (note === null && url === null && file === null) throw invalid("Приложите подтверждение: файл, ссылку или описание документа", { field: "note" });
  return { note, url, file };
}

/** Stores proof for a decision about money, in its transaction. Append-only. */
export async function addEvidence(ctx: Ctx, tx: Tx, about: EvidenceOf, given: GivenEvidence): Promise<string> {
  const { note, url, file } = checkEvidence(given);
  const evidenceId = newId();
  await tx`
    insert into evidence (id, object_type, object_id, order_id, note, url, file_name, mime, bytes, size_bytes, added_by, added_at)
    values (${evidenceId}, ${about.objectType}, ${about.objectId}, ${about.orderId ?? null}, ${note}, ${url}, ${file?.name.slice(0, 200) ?? null}, ${file?.mime ?? null},
      ${file?.bytes ?? null}, ${file?.bytes.length ?? null}, ${actorText(ctx.actor)}, ${ctx.now()})`;
  return evidenceId;
}
