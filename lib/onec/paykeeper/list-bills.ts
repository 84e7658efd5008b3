import type { Sql } from "@/db/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { addDays, instantOfLocal } from "@/lib/kit/time.ts";
import { billStatusSql, readBills } from "./bill-rows.ts";
import type { BillRow } from "./bill-rows.ts";

const PAGE_DEFAULT = 100;
const PAGE_MAX = 500;

export type BillFilter = { from: Date | null; until: Date | null; statuses: string[]; offset: number; limit: number };

/** `start_date`, `end_date` (both days inside), `status[]`, `from`, `limit`. Null: a date is none. */
export function readFilter(query: URLSearchParams, zone: string): BillFilter | null {
  const [from, until] = [dayOf(query.get("start_date"), zone, 0), dayOf(query.get("end_date"), zone, 1)];
  if (from === undefined || until === undefined) return null;
  const natural = (name: string, otherwise: number) => (/^\d{1,9}$/.test(query.get(name) ?? "") ? Number(query.get(name)) : otherwise);
  const statuses = [...query.getAll("status[]"), ...query.getAll("status")].filter((status) => status !== "").slice(0, 20);
  return { from, until, statuses, offset: natural("from", 0), limit: Math.min(Math.max(natural("limit", PAGE_DEFAULT), 1), PAGE_MAX) };
}

/** The beginning of the day, moved by whole days. Null: not given. */
function dayOf(text: string | null, zone: string, move: number): Date | null | undefined {
  if (text === null || text.trim() === "") return null;
  const day = /^\d{4}-\d{2}-\d{2}/.exec(text.trim())?.[0];
  if (!day || !instantOfLocal(`${day}T00:00:00`, zone)) return undefined;
  return instantOfLocal(`${addDays(day, move)}T00:00:00`, zone) ?? undefined;
}

const matching = (ctx: Ctx, base: OpenConnection, { from, until, statuses }: BillFilter): ReturnType<Sql> => {
  const { sql } = ctx.database;
  return sql`b.connection_id = ${base.id} and (${from}::timestamptz is null or b.created_at >= ${from}) and (${until}::timestamptz is null or b.created_at < ${until})
    and (${statuses.length === 0} or ${billStatusSql(sql, ctx.now())} = any(${statuses}))`;
};

export const listBills = (ctx: Ctx, base: OpenConnection, filter: BillFilter): Promise<BillRow[]> =>
  readBills(ctx.database.sql, ctx.now(), matching(ctx, base, filter), filter);

export const countBills = (ctx: Ctx, base: OpenConnection, filter: BillFilter): Promise<{ status: string; count: number }[]> => {
  const { sql } = ctx.database;
  return sql<{ status: string; count: number }[]>`
    select ${billStatusSql(sql, ctx.now())} as status, count(*)::int as count from bills b join orders o on o.id = b.order_id where ${matching(ctx, base, filter)} group by 1 order by 1`;
};

export async function findBill(ctx: Ctx, base: OpenConnection, number: string): Promise<BillRow | null> {
  if (!/^\d{1,18}$/.test(number)) return null;
  const { sql } = ctx.database;
  const [bill] = await readBills(sql, ctx.now(), sql`b.number = ${number}::bigint and b.connection_id = ${base.id}`);
  return bill ?? null;
}

/** The pay page that a bill's address leads to: the link that may be paid now, else the newest. Null for a wrong address. */
export async function findBillPage(ctx: Ctx, { number, token }: { number: string; token: string }): Promise<string | null> {
  if (!/^\d{1,18}$/.test(number) || !/^[\w-]{20,64}$/.test(token)) return null;
  const [row] = await ctx.database.sql<{ token: string | null }[]>`
    select (select l.token from payment_links l where l.order_id = b.order_id order by (l.state = 'active') desc, l.created_at desc limit 1) as token
      from bills b where b.number = ${number}::bigint and b.token = ${token}`;
  return row?.token ?? null;
}
