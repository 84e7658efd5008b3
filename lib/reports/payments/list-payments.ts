import { maskName } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import type { PayMethodCode } from "@/lib/ledger/kinds.ts";
import type { AttemptState } from "@/lib/payments/states.ts";
import type { RefundMethod, RefundReason, RefundState } from "@/lib/refunds/states.ts";
import { listTabs } from "./payment-filter.ts";
import type { ListTab, PaymentFilter } from "./payment-filter.ts";
import { conditions, sourceOf } from "./payment-sources.ts";
import type { PaymentScope, Source } from "./payment-sources.ts";

export const PAYMENTS_PER_PAGE = 50;

/** A row of A4. Fee and net are known only when the acquirer's registry names them. Sums are kopecks. */
export type PaymentRow = {
  /** `f-` a fact, `a-` an attempt, `r-` a refund, and its id. */
  key: string;
  at: Date;
  orderId: string | null;
  orderNumber: string | null;
  buyerName: string | null;
  amountKopecks: bigint;
  feeKopecks: bigint | null;
  netKopecks: bigint | null;
  method: PayMethodCode;
  instrument: string | null;
  providerName: string | null;
  attemptState: AttemptState | null;
  refund: { state: RefundState; method: RefundMethod; reason: RefundReason; hasBounced: boolean } | null;
  /** Class of a decline, or words of a refund's refusal. */
  failClass: string | null;
  failText: string | null;
  rrn: string | null;
  /** The provider's id of the payment or refund, or the document's number. */
  outsideId: string | null;
  payoutId: string | null;
  payoutDate: string | null;
};
export type PaymentTotals = { count: bigint; amountKopecks: bigint; feeKopecks: bigint; /** How many rows have a known fee. */ withFee: bigint };

type Found = Omit<PaymentRow, "refund"> & { refundState: RefundState | null; refundMethod: RefundMethod; refundReason: RefundReason; hasBounced: boolean };

const prefix = { facts: "f-", attempts: "a-", refunds: "r-" } as const;

/** The line of the acquirer's registry about a row `t`; one at most. */
const entryOf = (ctx: Ctx, { table }: Source) => {
  const { sql } = ctx.database;
  const about =
    table === "facts" ? sql`e.kind = 'payment' and e.provider_payment_id = t.provider_payment_id`
    : table === "refunds" ? sql`e.kind = 'refund' and e.provider_operation_id = t.provider_refund_id`
    : sql`false`;
  return sql`left join lateral (select e.fee_kopecks + coalesce(e.fee_vat_kopecks, 0) as fee_kopecks, e.payout_id, e.payout_date from registry_entries e where e.connection_id = t.connection_id and ${about} order by e.id limit 1) e on true`;
};

const columns = (ctx: Ctx, { table }: Source) => {
  const { sql } = ctx.database;
  if (table === "facts") return sql`pa.instrument, 'succeeded' as attempt_state, null as refund_state, null as refund_method, null as refund_reason, false as has_bounced, null as fail_class, null as fail_text, pa.rrn, coalesce(t.provider_payment_id, t.document_number) as outside_id`;
  if (table === "attempts") return sql`t.instrument, t.state as attempt_state, null as refund_state, null as refund_method, null as refund_reason, false as has_bounced, t.fail_class, null as fail_text, t.rrn, coalesce(t.provider_payment_id, t.provider_invoice_id) as outside_id`;
  return sql`null as instrument, null as attempt_state, t.state as refund_state, t.method as refund_method, t.reason as refund_reason,
    exists (select 1 from money_facts b where b.kind = 'refund_reversed' and b.provider_operation_id = 'bounce:' || t.id) as has_bounced, null as fail_class, t.fail_text, null as rrn, coalesce(t.provider_refund_id, t.document_number) as outside_id`;
};

/** Rows of a tab, newest first, `limit` of them; `next` is the cursor of the page after. */
export async function listPayments(ctx: Ctx, scope: PaymentScope, filter: PaymentFilter & { tab: ListTab }, limit = PAYMENTS_PER_PAGE): Promise<{ rows: PaymentRow[]; next: string | null }> {
  const { sql } = ctx.database;
  const source = sourceOf(ctx, filter.tab);
  const [after, afterId] = filter.cursor?.split("_") ?? [];
  // The page is picked first: what a row tells besides is read for its rows alone.
  const found = await sql<Found[]>`
    with picked as (select t.id, ${source.at} as at from ${source.from} where ${conditions(ctx, scope, source, filter)} ${after && afterId ? sql`and (${source.at}, t.id) < (${new Date(after)}, ${afterId}::uuid)` : sql``}
      order by ${source.at} desc, t.id desc limit ${limit + 1})
    select ${prefix[source.table]} || t.id as key, picked.at, o.id as order_id, o.number as order_number, o.buyer_name, t.amount_kopecks, e.fee_kopecks, t.amount_kopecks - e.fee_kopecks as net_kopecks, ${source.method} as method,
           c.name as provider_name, e.payout_id, e.payout_date::text, ${columns(ctx, source)}
      from ${source.from} join picked on picked.id = t.id ${entryOf(ctx, source)} order by picked.at desc, t.id desc`;
  const rows = found.slice(0, limit).map(({ refundState, refundMethod, refundReason, hasBounced, ...row }): PaymentRow => ({
    ...row,
    buyerName: row.buyerName === null || scope.viewer.seesBuyers ? row.buyerName : maskName(row.buyerName),
    refund: refundState && { state: refundState, method: refundMethod, reason: refundReason, hasBounced },
  }));
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last ? `${last.at.toISOString()}_${last.key.slice(2)}` : null };
}

/** Totals of the filter in one tab. */
export async function totalPayments(ctx: Ctx, scope: PaymentScope, filter: PaymentFilter & { tab: ListTab }): Promise<PaymentTotals> {
  const { sql } = ctx.database;
  const source = sourceOf(ctx, filter.tab);
  const [row] = await sql<PaymentTotals[]>`
    select count(*) as count, coalesce(sum(t.amount_kopecks), 0)::bigint as amount_kopecks, coalesce(sum(e.fee_kopecks), 0)::bigint as fee_kopecks, count(e.fee_kopecks) as with_fee
      from ${source.from} ${entryOf(ctx, source)} where ${conditions(ctx, scope, source, filter)}`;
  return row!;
}

/** How many rows each tab of the list holds under this filter. */
export async function countPayments(ctx: Ctx, scope: PaymentScope, filter: PaymentFilter): Promise<Record<ListTab, bigint>> {
  const { sql } = ctx.database;
  const counts = await Promise.all(
    listTabs.map(async (tab) => {
      const source = sourceOf(ctx, tab);
      const [row] = await sql<{ count: bigint }[]>`select count(*) as count from ${source.from} where ${conditions(ctx, scope, source, filter)}`;
      return [tab, row!.count] as const;
    }),
  );
  return Object.fromEntries(counts) as Record<ListTab, bigint>;
}

/** Providers that money came through, for the filter. */
export const listProviders = (ctx: Ctx, isTest: boolean): Promise<{ provider: string }[]> =>
  ctx.database.sql<{ provider: string }[]>`select distinct provider from connections where kind = 'acquirer' and environment = ${isTest ? "test" : "live"} order by provider limit 20`;
