import type { connectionKinds } from "@/db/schema/index.ts";
import { recordAudit } from "@/lib/audit/record-audit.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId, newToken } from "@/lib/kit/ids.ts";
import { entranceMark, refuseTaken } from "./entrance.ts";

export type NewConnection = {
  kind: (typeof connectionKinds)[number];
  provider: string;
  name: string;
  sellerOrgId: string | null;
  storeId?: string | null;
  environment: "test" | "live";
  settings: Record<string, unknown>;
  secret: Record<string, string>;
};

/** Makes a connection with its secrets sealed (README decision 10). Returns its id and door. Throws `conflict` when another one has its token or key. */
export async function createConnection(ctx: Ctx, input: NewConnection): Promise<{ connectionId: string; door: string }> {
  const connectionId = newId();
  const door = newToken();
  const { sealed, keyId } = ctx.secrets.seal(JSON.stringify(input.secret));
  await inTransaction(ctx, async (tx) => {
    await tx`
      insert into connections (id, kind, provider, name, seller_org_id, store_id, environment, door, settings, secret_sealed, secret_key_id, entrance_mark, enabled, created_at)
      values (${connectionId}, ${input.kind}, ${input.provider}, ${input.name}, ${input.sellerOrgId}, ${input.storeId ?? null}, ${input.environment},
        ${door}, ${JSON.stringify(input.settings)}::text::jsonb, ${sealed}, ${keyId}, ${entranceMark(ctx, input.kind, input.secret)}, true, ${ctx.now()})`.catch(refuseTaken);
    await recordAudit(ctx, tx, {
      action: "connection.created",
      objectType: "connection",
      objectId: connectionId,
      after: { kind: input.kind, provider: input.provider, name: input.name, environment: input.environment, settings: input.settings },
    });
  });
  return { connectionId, door };
}

/** Stops or frees the queue of a connection whose credentials the other side refused or took again. */
export async function setBlocked(ctx: Ctx, connectionId: string, reason: string | null): Promise<void> {
  await ctx.database.sql`update connections set blocked_reason = ${reason} where id = ${connectionId} and blocked_reason is distinct from ${reason}`;
}
