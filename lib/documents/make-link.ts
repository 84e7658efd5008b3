import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newToken } from "@/lib/kit/ids.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import { readSetting } from "@/lib/settings/index.ts";

/** The unguessable part of `/d/{token}`: opens one document until it expires (INV-16). */
export async function makeDocumentLink(ctx: Ctx, tx: Tx, documentId: string): Promise<string> {
  const token = newToken();
  const days = await readSetting(tx, "document.linkDays");
  await tx`insert into document_links (token, document_id, expires_at, created_at) values (${token}, ${documentId}, ${addMs(ctx.now(), days * DAY_MS)}, ${ctx.now()})`;
  return token;
}
