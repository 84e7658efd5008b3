/**
 * The one secret by which a machine names itself at our doors: the `token` of a 1C base, the `apiKey` of a shop. The database keeps a keyed
 * hash of it (`entrance_mark`): nobody else may have it, and the connection is found by it without opening every secret.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import postgres from "postgres";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { connectionKinds } from "@/db/schema/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { loadConnection } from "./load-connection.ts";
import type { OpenConnection } from "./load-connection.ts";

type Kind = (typeof connectionKinds)[number];
const ENTRANTS_MAX = 200;

const secretOf = (kind: Kind, secret: Record<string, string>): string | null => (kind === "onec" ? secret["token"] : kind === "shop" ? secret["apiKey"] : null) || null;

/** What stands in `entrance_mark` of a connection with these secrets; null = it has no such door. */
export function entranceMark(ctx: Ctx, kind: Kind, secret: Record<string, string>): string | null {
  const given = secretOf(kind, secret);
  return given === null ? null : ctx.secrets.marks(given)[0]!;
}

const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();
const isItsOwn = (connection: OpenConnection, given: string): boolean => {
  const expected = secretOf(connection.kind, connection.secret);
  return expected !== null && timingSafeEqual(digest(expected), digest(given));
};

/**
 * The enabled base or shop whose secret this is; null for none and for a wrong one. One whose mark is not there yet, or is of a key or a
 * secret of before, is found by its secret all the same, and marked.
 */
export async function findByEntrance(ctx: Ctx, kind: "onec" | "shop", given: string): Promise<OpenConnection | null> {
  const { sql } = ctx.database;
  const marked = await sql<{ id: string }[]>`select id from connections where entrance_mark = any(${ctx.secrets.marks(given)}) and kind = ${kind} and enabled limit 4`;
  for (const { id } of marked) {
    const connection = await loadConnection(ctx, id);
    if (isItsOwn(connection, given)) return connection;
  }
  const rows = await sql<{ id: string }[]>`select id from connections where kind = ${kind} and enabled order by created_at, id limit ${ENTRANTS_MAX}`;
  let found: OpenConnection | null = null;
  for (const { id } of rows) {
    const connection = await openOrSkip(ctx, id);
    if (connection && isItsOwn(connection, given)) found ??= connection;
  }
  if (found) await mark(ctx, found);
  return found;
}

/** Job, with the janitor: marks what was saved before marks were, or under a key of before. Two with one secret: the older has it, staff are told. */
export async function markEntrances(ctx: Ctx): Promise<void> {
  const rows = await ctx.database.sql<{ id: string }[]>`
    select id from connections where kind in ('onec', 'shop') and secret_sealed is not null and (entrance_mark is null or not starts_with(entrance_mark, ${ctx.secrets.markPrefix})) order by created_at, id limit ${ENTRANTS_MAX}`;
  for (const { id } of rows) {
    const connection = await openOrSkip(ctx, id);
    if (connection) await mark(ctx, connection);
  }
  await endAlerts(ctx);
}

/** Null for one whose sealing key is gone: it gets in no more; the others do, and the janitor goes on. */
export const openOrSkip = (ctx: Ctx, id: string): Promise<OpenConnection | null> =>
  loadConnection(ctx, id).catch((error: unknown) => {
    ctx.log.warn({ err: error, connectionId: id }, "the secrets of a connection cannot be opened");
    return null;
  });

/** Of those who were given a secret of their own since, or were switched off. */
async function endAlerts(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const over = await sql<{ objectKey: string }[]>`
    select a.object_key from alerts a join connections c on a.object_key = 'connection:' || c.id || ':entrance'
     where a.code = 'ALR-22' and a.state <> 'resolved' and (c.entrance_mark is not null or not c.enabled)`;
  for (const { objectKey } of over) await resolveAlert(ctx, sql, "ALR-22", objectKey);
}

async function mark(ctx: Ctx, { id, kind, name, secret }: OpenConnection): Promise<void> {
  const { sql } = ctx.database;
  const objectKey = `connection:${id}:entrance`;
  const own = entranceMark(ctx, kind, secret);
  if (own === null) return;
  try {
    await sql`update connections set entrance_mark = ${own} where id = ${id} and entrance_mark is distinct from ${own}`;
  } catch (error) {
    if (!isTaken(error)) throw error;
    const [open] = await sql`select 1 from alerts where code = 'ALR-22' and object_key = ${objectKey} and state <> 'resolved'`;
    if (open) return;
    await raiseAlert(ctx, sql, {
      code: "ALR-22", objectKey, severity: "P2", title: `У подключения «${name}» тот же ключ входа, что у другого`,
      advice: "По этому ключу входит только то подключение, которое завели раньше. Задайте здесь другой ключ: npm run connection:add с новым token или apiKey.",
    });
  }
}

const isTaken = (error: unknown): boolean => error instanceof postgres.PostgresError && error.constraint_name === "connections_entrance_mark_unique";

/** Throws `conflict` where the database said that another connection has this secret; else what came. */
export function refuseTaken(error: unknown): never {
  if (isTaken(error)) throw conflict("Этот ключ входа уже у другого подключения: у каждой базы 1С и каждого магазина он свой", { reason: "entrance_taken" });
  throw error;
}
