import type { Sql } from "@/db/index.ts";
import type { Viewer } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import { MoneyFormatError, parseRubles } from "@/lib/kit/money.ts";
import { addDays, instantOfLocal } from "@/lib/kit/time.ts";
import type { ListTab, PaymentFilter } from "./payment-filter.ts";

export type PaymentScope = { viewer: Viewer; isTest: boolean };
type Fragment = ReturnType<Sql>;

/** Where a tab's rows come from; `t` is the row, `o` its order, `c` the connection. */
export type Source = { table: "facts" | "attempts" | "refunds"; from: Fragment; is: Fragment; at: Fragment; method: Fragment; ids: Fragment };

const declined = ["failed", "canceled", "expired"];

export function sourceOf(ctx: Ctx, tab: ListTab): Source {
  const { sql } = ctx.database;
  switch (tab) {
    case "succeeded":
      return {
        table: "facts", at: sql`t.occurred_at`, method: sql`t.method`, is: sql`t.kind = 'payment_captured'`,
        from: sql`money_facts t left join connections c on c.id = t.connection_id left join payment_attempts pa on pa.id = t.attempt_id
          left join lateral (select g.order_id from allocations g where g.fact_id = t.id group by g.order_id having sum(g.amount_kopecks) > 0 order by sum(g.amount_kopecks) desc, g.order_id limit 1) al on true
          left join orders o on o.id = al.order_id`,
        ids: sql`array[t.provider_payment_id, t.document_number, pa.rrn, pa.reference]`,
      };
    case "refunds":
      return {
        table: "refunds", at: sql`t.requested_at`, method: sql`coalesce(p.method, case t.method when 'cash' then 'cash' else 'bank_transfer' end)`, is: sql`true`,
        from: sql`refunds t left join connections c on c.id = t.connection_id left join money_facts p on p.id = t.payment_fact_id left join orders o on o.id = t.order_id`,
        ids: sql`array[t.provider_refund_id, t.document_number, p.provider_payment_id]`,
      };
    default: {
      const states = tab === "working" ? ["created", "pending", "authorized"] : tab === "unknown" ? ["unknown"] : declined;
      return {
        table: "attempts", at: sql`t.created_at`, method: sql`t.method`, is: sql`t.state = any(${states})`,
        from: sql`payment_attempts t join connections c on c.id = t.connection_id join orders o on o.id = t.order_id`,
        ids: sql`array[t.provider_payment_id, t.provider_invoice_id, t.reference, t.rrn]`,
      };
    }
  }
}

function sumOf(text: string | null): bigint | null {
  if (text === null) return null;
  try {
    return parseRubles(text);
  } catch (error) {
    if (error instanceof MoneyFormatError) return null;
    throw error;
  }
}
const escaped = (text: string) => text.replace(/[\\%_]/g, "\\$&");

/** Everything that the filter and the viewer's scope ask of a row. */
export function conditions(ctx: Ctx, { viewer, isTest }: PaymentScope, source: Source, filter: PaymentFilter): Fragment {
  const { sql } = ctx.database;
  const from = filter.from ? instantOfLocal(`${filter.from}T00:00:00`, ctx.zone) : null;
  const to = filter.to ? instantOfLocal(`${addDays(filter.to, 1)}T00:00:00`, ctx.zone) : null;
  const [min, max, exact] = [sumOf(filter.min), sumOf(filter.max), sumOf(filter.text)];
  const word = filter.text?.replace(/^№\s*/u, "") ?? null;
  return sql`t.is_test = ${isTest} and ${source.is} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}
    ${from ? sql`and ${source.at} >= ${from}` : sql``} ${to ? sql`and ${source.at} < ${to}` : sql``}
    ${filter.method ? sql`and ${source.method} = ${filter.method}` : sql``} ${filter.provider ? sql`and c.provider = ${filter.provider}` : sql``}
    ${min === null ? sql`` : sql`and t.amount_kopecks >= ${min}`} ${max === null ? sql`` : sql`and t.amount_kopecks <= ${max}`}
    ${word === null ? sql`` : sql`and (o.number ilike ${`%${escaped(word)}%`} or ${word} = any(${source.ids}) ${exact === null ? sql`` : sql`or t.amount_kopecks = ${exact}`})`}`;
}
