import type { connectionKinds } from "@/db/schema/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { notFound } from "@/lib/kit/errors.ts";

/** A connection with its secrets opened. Never log it. */
export type OpenConnection = {
  id: string;
  kind: (typeof connectionKinds)[number];
  provider: string;
  name: string;
  sellerOrgId: string | null;
  storeId: string | null;
  environment: "test" | "live";
  door: string;
  settings: Record<string, unknown>;
  secret: Record<string, string>;
  enabled: boolean;
  blockedReason: string | null;
};

type Row = Omit<OpenConnection, "secret"> & { secretSealed: string | null; secretKeyId: string | null };

/** How long a process may go on with settings that staff have just changed. */
const FRESH_MS = 5_000;

type Cached = { connection: OpenConnection; stored: string; until: number };
const SLOT = Symbol.for("kopeyka.connections");
const cache = ((globalThis as { [SLOT]?: Map<string, Cached> })[SLOT] ??= new Map<string, Cached>());

async function load(ctx: Ctx, by: "id" | "door", value: string): Promise<OpenConnection | null> {
  const key = `${ctx.database.url}\u0000${by}\u0000${value}`;
  const hit = cache.get(key);
  // Process time, not the context's clock: this is about memory, not about business.
  if (hit && hit.until > performance.now()) return hit.connection;
  const { sql } = ctx.database;
  const [row] = await sql<Row[]>`
    select id, kind, provider, name, seller_org_id, store_id, environment, door, settings, secret_sealed, secret_key_id, enabled, blocked_reason
      from connections where ${by === "id" ? sql`id = ${value}` : sql`door = ${value}`}`;
  if (!row) return null;
  const stored = JSON.stringify(row);
  // The same settings keep the same object: adapters hang on it with their tokens and open sockets.
  if (hit && hit.stored === stored) {
    hit.until = performance.now() + FRESH_MS;
    return hit.connection;
  }
  const { secretSealed, secretKeyId, ...rest } = row;
  const secret = secretSealed && secretKeyId ? (JSON.parse(ctx.secrets.open(secretSealed, secretKeyId)) as Record<string, string>) : {};
  const connection = { ...rest, secret };
  cache.set(key, { connection, stored, until: performance.now() + FRESH_MS });
  return connection;
}

/** Throws `not_found`. */
export async function loadConnection(ctx: Ctx, connectionId: string): Promise<OpenConnection> {
  const connection = await load(ctx, "id", connectionId);
  if (!connection) throw notFound("Подключение не найдено");
  return connection;
}

/** By the unguessable part of its notification address; null when there is none. */
export const findConnectionByDoor = (ctx: Ctx, door: string): Promise<OpenConnection | null> => load(ctx, "door", door);
