import type { Ctx } from "@/lib/context.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";

/** One registry or statement as it came in. `problemCount`: lines set aside, or warnings of a statement. */
export type Delivery = {
  deliveryId: string; kind: "registry" | "statement"; source: "api" | "file"; from: string; fileName: string | null; dayFrom: string; dayTo: string; lineCount: number; newCount: number; knownCount: number; problemCount: number;
  receivedBy: string; receivedByName: string | null; receivedAt: Date;
};
export type SetAsideLine = { lineNo: number; code: string; text: string; raw: string };
export type DeliveryDetail = Delivery & { lines: SetAsideLine[]; hasMore: boolean; warnings: string[]; openingKopecks: bigint | null; closingKopecks: bigint | null };

export const DELIVERIES_PER_PAGE = 30;
export const SET_ASIDE_PER_PAGE = 50;
const PAGE_MAX = 10_000;
const pageOf = (page: number | undefined): number => Math.min(Math.max(Math.trunc(page ?? 0) || 0, 0), PAGE_MAX);

const registries = (ctx: Ctx) => ctx.database.sql`
  select r.id as delivery_id, 'registry' as kind, r.source, c.name as from, r.file_name, r.day_from::text, r.day_to::text, r.line_count, r.new_count, r.known_count, r.problem_count, r.received_by, r.received_at, r.is_test
    from registries r join connections c on c.id = r.connection_id`;
const statements = (ctx: Ctx) => ctx.database.sql`
  select s.id as delivery_id, 'statement' as kind, 'file' as source, s.account as from, s.file_name, s.day_from::text, s.day_to::text, s.line_count, s.new_count, s.line_count - s.new_count as known_count,
         jsonb_array_length(s.warnings) as problem_count, s.received_by, s.received_at, s.is_test from bank_statements s`;

/** Registries and statements of one world, the newest first. What the nightly reading brought and holds nothing new is left out. */
export async function listDeliveries(ctx: Ctx, query: { isTest: boolean; page?: number }): Promise<{ rows: Delivery[]; hasMore: boolean }> {
  const rows = await ctx.database.sql<Delivery[]>`
    select d.*, u.name as received_by_name from (${registries(ctx)} where r.source = 'file' or r.new_count > 0 union all ${statements(ctx)}) d left join staff_users u on 'staff:' || u.id = d.received_by
     where d.is_test = ${query.isTest} order by d.received_at desc, d.delivery_id desc limit ${DELIVERIES_PER_PAGE + 1} offset ${pageOf(query.page) * DELIVERIES_PER_PAGE}`;
  return { rows: rows.slice(0, DELIVERIES_PER_PAGE), hasMore: rows.length > DELIVERIES_PER_PAGE };
}

/** One delivery with a page of the lines that were set aside (registry) or its warnings (statement); null when there is none of this world. */
export async function readDelivery(ctx: Ctx, query: { deliveryId: string; isTest: boolean; page?: number }): Promise<DeliveryDetail | null> {
  const { sql } = ctx.database;
  const [row] = await sql<Delivery[]>`
    select d.*, u.name as received_by_name from (${registries(ctx)} where r.id = ${uuidOrNull(query.deliveryId)} union all ${statements(ctx)} where s.id = ${uuidOrNull(query.deliveryId)}) d
      left join staff_users u on 'staff:' || u.id = d.received_by where d.is_test = ${query.isTest}`;
  if (!row) return null;
  if (row.kind === "statement") {
    const [statement] = await sql<{ warnings: string[]; openingKopecks: bigint | null; closingKopecks: bigint | null }[]>`select warnings, opening_kopecks, closing_kopecks from bank_statements where id = ${uuidOrNull(query.deliveryId)}`;
    return { ...row, lines: [], hasMore: false, ...statement! };
  }
  const lines = await sql<SetAsideLine[]>`
    select line_no, code, text, raw from registry_problems where registry_id = ${uuidOrNull(query.deliveryId)} order by line_no, code limit ${SET_ASIDE_PER_PAGE + 1} offset ${pageOf(query.page) * SET_ASIDE_PER_PAGE}`;
  return { ...row, lines: lines.slice(0, SET_ASIDE_PER_PAGE), hasMore: lines.length > SET_ASIDE_PER_PAGE, warnings: [], openingKopecks: null, closingKopecks: null };
}
