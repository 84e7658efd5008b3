import type { Viewer } from "@/lib/auth/scope.ts";
import type { Sql } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { byHandSql, shownStateSql, shownStates } from "@/lib/exports/index.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import { parseRubles } from "@/lib/kit/money.ts";
import { addDays, instantOfLocal, localDate } from "@/lib/kit/time.ts";
import type { OrderFilter, OrderTab, OrderView } from "./order-filter.ts";
import type { Lifecycle, PaymentStatus } from "./states.ts";

export const PAGE_SIZE = 50;

export type OrderRow = {
  orderId: string;
  number: string;
  orderDate: Date;
  buyerName: string;
  storeName: string;
  paymentStatus: PaymentStatus;
  lifecycle: Lifecycle;
  dueDate: string | null;
  onecPaymentNumber: string | null;
  totalKopecks: bigint;
  netPaidKopecks: bigint;
  dueKopecks: bigint;
  methods: PayMethodCode[];
  /** The worst receipt and the worst message to 1C of the order; null = none. */
  receiptState: string | null;
  exportState: string | null;
};

export type OrderPage = { rows: OrderRow[]; nextCursor: string | null };
export type OrderTotals = { count: bigint; totalKopecks: bigint; netPaidKopecks: bigint; dueKopecks: bigint };

/** N and due of PAY-05 out of the cached columns of `o`. */
export const netPaidSql = (sql: Sql) => sql`(o.captured_kopecks - o.reversed_kopecks - o.refunded_kopecks - o.charged_back_kopecks)`;
export const dueSql = (sql: Sql) => sql`(case when o.lifecycle in ('cancelled', 'deleted') then 0 else greatest(0, o.total_kopecks - o.goods_returned_kopecks - ${netPaidSql(sql)}) end)`;

/** `or null`: with no state at all there is nothing to be worst. */
const worst = (sql: Sql, column: "receipt" | "export") =>
  column === "receipt"
    ? sql`(select r.state from receipts r where r.order_id = o.id and r.state <> 'cancelled'
        order by array_position(array['failed_final', 'failed_retryable', 'unknown', 'planned', 'queued', 'sent', 'registered', 'not_required'], r.state) limit 1)`
    : sql`(select x.state from (select ${shownStateSql(sql)} as state from export_messages m join money_facts f on f.id = m.fact_id join connections k on k.id = m.connection_id where m.order_id = o.id) x
        order by array_position(${shownStates as unknown as string[]}::text[], x.state) limit 1)`;

type Fragment = ReturnType<typeof netPaidSql>;

const tabs = (sql: Sql): Record<OrderTab, Fragment> => ({
  all: sql`true`,
  waiting: sql`(o.payment_status in ('not_paid', 'awaiting_payment', 'authorized') and o.lifecycle not in ('cancelled', 'deleted'))`,
  partial: sql`(o.payment_status = 'partially_paid')`,
  paid: sql`(o.payment_status = 'paid')`,
  overpaid: sql`(o.payment_status in ('overpaid', 'inconsistent'))`,
  cancelled: sql`(o.lifecycle in ('cancelled', 'deleted'))`,
});

const views = (ctx: Ctx): Record<OrderView, Fragment> => {
  const { sql } = ctx.database;
  const today = localDate(ctx.now(), ctx.zone);
  return {
    today: sql`(${dueSql(sql)} > 0 and (o.due_date = ${today} or exists (select 1 from payment_links l where l.order_id = o.id and l.state = 'active'
      and l.valid_until < ${instantOfLocal(addDays(today, 1), ctx.zone)})))`,
    no_receipt: sql`(o.captured_kopecks > 0 and exists (select 1 from allocations a join money_facts f on f.id = a.fact_id where a.order_id = o.id and f.kind = 'payment_captured'
      and f.fiscal_owner = 'site' and not exists (select 1 from receipts r where r.fact_id = f.id and r.state in ('registered', 'not_required'))))`,
    not_in_onec: sql`(o.captured_kopecks > 0 and exists (select 1 from export_messages e where e.order_id = o.id and e.state <> 'confirmed'))`,
    by_hand: sql`exists (select 1 from export_messages m join money_facts f on f.id = m.fact_id join connections k on k.id = m.connection_id where m.order_id = o.id and m.state <> 'confirmed' and ${byHandSql(sql)} is not null)`,
    overdue: sql`(o.due_date < ${today} and ${dueSql(sql)} > 0)`,
  };
};

/** Signs that LIKE understands are taken as they are. */
const like = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

function sumOf(text: string): bigint | null {
  try {
    return parseRubles(text);
  } catch {
    return null;
  }
}

function where(ctx: Ctx, viewer: Viewer, isTest: boolean, filter: OrderFilter, tab: OrderTab): Fragment {
  const { sql } = ctx.database;
  const sum = filter.text === null ? null : sumOf(filter.text);
  return sql`o.is_test = ${isTest}
    ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}
    ${tab === "all" ? sql`` : sql`and ${tabs(sql)[tab]}`}
    ${filter.view ? sql`and ${views(ctx)[filter.view]}` : sql``}
    ${filter.method ? sql`and exists (select 1 from allocations a join money_facts f on f.id = a.fact_id where a.order_id = o.id and f.method = ${filter.method})` : sql``}
    ${filter.from ? sql`and o.order_date >= ${instantOfLocal(filter.from, ctx.zone)}` : sql``}
    ${filter.to ? sql`and o.order_date < ${instantOfLocal(addDays(filter.to, 1), ctx.zone)}` : sql``}
    ${
      filter.text === null
        ? sql``
        : sql`and (o.number ilike ${like(filter.text)} or o.onec_number ilike ${like(filter.text)} ${viewer.seesBuyers ? sql`or o.buyer_name ilike ${like(filter.text)}` : sql``}
            ${sum === null ? sql`` : sql`or o.total_kopecks = ${sum}`} or o.counterparty_id in (select c.id from counterparties c where c.inn = ${filter.text}))`
    }`;
}

const sortColumn = (sql: Sql, key: string): Fragment => (key === "sum" ? sql`o.total_kopecks` : key === "due" ? dueSql(sql) : sql`o.order_date`);

/** One page of the list. The cursor is the last row's own sort value, so that rows which come in between move nothing. */
export async function listOrders(ctx: Ctx, viewer: Viewer, isTest: boolean, filter: OrderFilter): Promise<OrderPage> {
  const { sql } = ctx.database;
  const descending = filter.sort.startsWith("-");
  const key = filter.sort.replace("-", "");
  const column = sortColumn(sql, key);
  const after = readCursor(filter.cursor, key);
  const position = after ? sql`and (${column}, o.id) ${descending ? sql`<` : sql`>`} (${after.value}::text::${key === "date" ? sql`timestamptz` : sql`bigint`}, ${after.id}::uuid)` : sql``;
  const rows = await sql<(OrderRow & { sortValue: string })[]>`
    select o.id as order_id, o.number, o.order_date, o.buyer_name, s.name as store_name, o.payment_status, o.lifecycle, o.due_date, o.onec_payment_number, o.total_kopecks,
           ${netPaidSql(sql)} as net_paid_kopecks, ${dueSql(sql)} as due_kopecks, ${worst(sql, "receipt")} as receipt_state, ${worst(sql, "export")} as export_state,
           array(select distinct f.method from allocations a join money_facts f on f.id = a.fact_id where a.order_id = o.id and f.kind = 'payment_captured') as methods,
           ${column}::text as sort_value
      from orders o join stores s on s.id = o.store_id
     where ${where(ctx, viewer, isTest, filter, filter.tab)} ${position}
     order by ${column} ${descending ? sql`desc` : sql`asc`}, o.id ${descending ? sql`desc` : sql`asc`} limit ${PAGE_SIZE + 1}`;
  const page = rows.slice(0, PAGE_SIZE);
  const last = rows.length > PAGE_SIZE ? page.at(-1) : undefined;
  return { rows: page, nextCursor: last ? Buffer.from(`${key}|${last.sortValue}|${last.orderId}`).toString("base64url") : null };
}

/** A cursor of another order of rows, or no cursor at all, means the first page. */
function readCursor(cursor: string | null, key: string): { value: string; id: string } | null {
  const [ofKey, value, id] = Buffer.from(cursor ?? "", "base64url").toString("utf8").split("|");
  const isValue = value !== undefined && (key === "date" ? !Number.isNaN(Date.parse(value)) : /^\d{1,18}$/.test(value));
  return ofKey === key && isValue && id !== undefined && /^[0-9a-f-]{36}$/.test(id) ? { value, id } : null;
}

/** Sums of everything the filter shows, and how many orders each tab would show with the same filter. One pass over the orders. */
export async function countOrders(ctx: Ctx, viewer: Viewer, isTest: boolean, filter: OrderFilter): Promise<{ totals: OrderTotals; tabs: Record<OrderTab, bigint> }> {
  const { sql } = ctx.database;
  const is = tabs(sql);
  const chosen = is[filter.tab];
  const [row] = await sql<(OrderTotals & Record<OrderTab, bigint>)[]>`
    select count(*) filter (where ${chosen}) as count, coalesce(sum(o.total_kopecks) filter (where ${chosen}), 0)::bigint as total_kopecks,
           coalesce(sum(${netPaidSql(sql)}) filter (where ${chosen}), 0)::bigint as net_paid_kopecks, coalesce(sum(${dueSql(sql)}) filter (where ${chosen}), 0)::bigint as due_kopecks,
           count(*) as all, count(*) filter (where ${is.waiting}) as waiting, count(*) filter (where ${is.partial}) as partial, count(*) filter (where ${is.paid}) as paid,
           count(*) filter (where ${is.overpaid}) as overpaid, count(*) filter (where ${is.cancelled}) as cancelled
      from orders o where ${where(ctx, viewer, isTest, filter, "all")}`;
  const { count, totalKopecks, netPaidKopecks, dueKopecks, ...counts } = row!;
  return { totals: { count, totalKopecks, netPaidKopecks, dueKopecks }, tabs: counts };
}
