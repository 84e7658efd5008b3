/** Orders of a shadow store beside what 1C says of them, and what would have gone out (PIL-01). */
import { maskName } from "@/lib/auth/scope.ts";
import type { Viewer } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import type { PaymentStatus } from "@/lib/orders/states.ts";

/** `agrees`: what 1C says and what we have computed is the same; `differs`: it is not; `apart`: 1C closed the order and names no sum, so there is nothing to compare. */
export type Verdict = "agrees" | "differs" | "apart";
export type ShadowRow = {
  orderId: string; number: string; buyerName: string; totalKopecks: bigint; netPaidKopecks: bigint; paymentStatus: PaymentStatus; onecPaymentNumber: string | null; onecState: string | null; verdict: Verdict;
  /** Receipts and documents that would have gone out, and receipts that could not. */
  dryReceipts: number; dryExports: number; problems: string[];
};
export type ShadowCounts = { orders: bigint; agrees: bigint; differs: bigint; apart: bigint; problems: bigint };

const ROWS = 100;

/** Orders that are not in work here, those with something to look at first. */
export async function readShadow(ctx: Ctx, viewer: Viewer, { storeId, isTest }: { storeId: string; isTest: boolean }): Promise<{ rows: ShadowRow[]; counts: ShadowCounts }> {
  const { sql } = ctx.database;
  const seen = sql`
    select o.id as order_id, o.no, o.number, o.buyer_name, o.total_kopecks, n.net as net_paid_kopecks, o.payment_status, o.onec_payment_number, o.onec_state, d.dry_receipts, d.dry_exports, d.problems,
           case when o.onec_payment_number is null then case when n.net = t.told then 'agrees' else 'differs' end
                when n.net = p.payable then 'agrees' when n.net = 0 then 'apart' else 'differs' end as verdict
      from orders o
      cross join lateral (select o.captured_kopecks - o.reversed_kopecks - o.refunded_kopecks - o.charged_back_kopecks as net) n
      cross join lateral (select case when o.lifecycle in ('cancelled', 'deleted') then 0 else o.total_kopecks - o.goods_returned_kopecks end as payable) p
      -- Money that 1C named itself, less what it took back.
      cross join lateral (select coalesce(sum(case f.kind when 'payment_captured' then a.amount_kopecks when 'refund_succeeded' then -a.amount_kopecks end), 0)::bigint as told from allocations a join money_facts f on f.id = a.fact_id
                           where a.order_id = o.id and f.document_key is not null and f.document_key not like 'manual:%' and f.document_key not like 'bank:%') t
      cross join lateral (select count(*) filter (where y.kind = 'receipt' and not y.is_problem)::int as dry_receipts, count(*) filter (where y.kind = 'export')::int as dry_exports,
                                 coalesce(array_agg(distinct y.problem) filter (where y.is_problem), '{}') as problems from dry_runs y where y.order_id = o.id) d
     where o.store_id = ${storeId} and o.is_test = ${isTest} and o.pilot_batch_id is null and not order_began_here(o.id)`;
  const [rows, counts] = await Promise.all([
    sql<ShadowRow[]>`select * from (${seen}) x order by (x.verdict = 'differs' or cardinality(x.problems) > 0) desc, x.no desc limit ${ROWS}`,
    sql<ShadowCounts[]>`
      select count(*) as orders, count(*) filter (where x.verdict = 'agrees') as agrees, count(*) filter (where x.verdict = 'differs') as differs, count(*) filter (where x.verdict = 'apart') as apart,
             count(*) filter (where cardinality(x.problems) > 0) as problems from (${seen}) x`,
  ]);
  return { rows: viewer.seesBuyers ? rows : rows.map((row) => ({ ...row, buyerName: maskName(row.buyerName) })), counts: counts[0]! };
}

export type DryRunRow = {
  dryRunId: string; kind: "receipt" | "export"; purpose: string | null; receiptKind: string | null; amountKopecks: bigint; problem: string | null; isProblem: boolean; createdAt: Date;
  lines: { name: string; quantity: string; sumKopecks: string; vat: string; method: number }[]; method: string | null; documentNumber: string | null;
};

/** What would have gone out for one order, oldest first. The caller has checked who may see it. */
export const listDryRuns = (ctx: Ctx, orderId: string): Promise<DryRunRow[]> => ctx.database.sql<DryRunRow[]>`
  select id as dry_run_id, kind, purpose, receipt_kind, amount_kopecks, problem, is_problem, created_at, coalesce(content->'lines', '[]'::jsonb) as lines, content->>'method' as method, content->>'documentNumber' as document_number
    from dry_runs where order_id = ${orderId} order by created_at, id limit 100`;
