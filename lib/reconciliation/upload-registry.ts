import { can } from "@/lib/auth/permissions.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { isUniqueViolation } from "@/db/index.ts";
import { forbidden, invalid } from "@/lib/kit/errors.ts";
import { sha256Hex } from "@/lib/kit/ids.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import { RegistryFileRefused, readRegistryFile } from "./registry-file/index.ts";
import type { ColumnNames, RegistryOwner } from "./registry-file/index.ts";
import { storeRegistry } from "./store-registry.ts";
import type { TakenRegistry } from "./store-registry.ts";

export type UploadedRegistry = { status: "taken"; registry: TakenRegistry } | { status: "known"; registryId: string };

/**
 * A person uploads an acquirer's registry, CSV or XLSX (permission `registry.upload`, audited). The same file twice is `known` and
 * changes nothing. Bad lines stand in `registry_problems`. Throws `forbidden`, `not_found`, `invalid` when the file is refused as a
 * whole (details.reason: unreadable, encoding, columns, too_big, empty, other_merchant); then nothing is stored.
 */
export async function uploadRegistry(ctx: Ctx, input: { connectionId: string; fileName: string; bytes: Uint8Array }): Promise<UploadedRegistry> {
  if (ctx.actor.kind !== "system" && !(ctx.actor.kind === "staff" && can(ctx.actor.role, "registry.upload"))) throw forbidden();
  const connection = await loadConnection(ctx, input.connectionId);
  if (connection.kind !== "acquirer") throw invalid("Реестр загружают к подключению банка", { field: "connectionId" });
  const fileName = storableText(input.fileName.trim().slice(0, 200)) || "без имени";
  const fileSha256 = sha256Hex(input.bytes);
  const known = await findKnown(ctx, connection.id, fileSha256);
  if (known) return { status: "known", registryId: known };
  const owner = await ownerOf(ctx, connection);
  const columns = (connection.settings["registryColumns"] ?? {}) as ColumnNames;
  try {
    const registry = await inTransaction(ctx, async (tx) => {
      const taken = await storeRegistry(ctx, tx, connection, { source: "file", fileName, fileSha256, days: null }, readRegistryFile(input.bytes, owner, columns));
      if (!taken) throw new RegistryFileRefused("empty", "Ни одну строку реестра не удалось прочитать: проверьте суммы, даты и номера платежей");
      await recordAudit(ctx, tx, { action: "registry.uploaded", objectType: "registry", objectId: taken.registryId, after: { connectionId: connection.id, fileName, lineCount: taken.lineCount, newCount: taken.newCount, problemCount: taken.problemCount } });
      await ctx.enqueue(tx, "reconcile.run", { scope: "full" });
      return taken;
    });
    return { status: "taken", registry };
  } catch (error) {
    if (error instanceof RegistryFileRefused) throw invalid(error.message, { field: "file", reason: error.reason });
    // Two clicks at once: the other one stored it.
    const stored = isUniqueViolation(error) ? await findKnown(ctx, connection.id, fileSha256) : null;
    if (stored) return { status: "known", registryId: stored };
    throw error;
  }
}

async function findKnown(ctx: Ctx, connectionId: string, sha256: string): Promise<string | null> {
  const [row] = await ctx.database.sql<{ id: string }[]>`select id from registries where connection_id = ${connectionId} and file_sha256 = ${sha256}`;
  return row?.id ?? null;
}

/** The zone in which an acquirer's times are given. */
export const zoneOf = (ctx: Ctx, connection: OpenConnection): string => (typeof connection.settings["zone"] === "string" ? connection.settings["zone"] : ctx.zone);

async function ownerOf(ctx: Ctx, connection: OpenConnection): Promise<RegistryOwner> {
  const merchant = connection.settings["merchantId"];
  const [seller] = await ctx.database.sql<{ inn: string }[]>`select inn from seller_orgs where id = ${connection.sellerOrgId}`;
  return { merchantIds: (Array.isArray(merchant) ? merchant : merchant == null ? [] : [merchant]).map(String), inn: seller?.inn ?? null, zone: zoneOf(ctx, connection) };
}
