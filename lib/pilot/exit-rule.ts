import type { Sql, Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatCount } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import type { PayMethodCode } from "@/lib/ledger/kinds.ts";
import { openAlerts, openDiscrepancies, pilotSince, workedOrders } from "./pilot-orders-sql.ts";
import type { BoardOf } from "./pilot-orders-sql.ts";
import { readExitNumbers } from "./set-exit-rule.ts";
import type { ExitNumbers } from "./set-exit-rule.ts";

export type ExitCode = "orders" | "methods" | "refunds" | "drills" | "days" | "problems";
export type ExitCondition = {
  code: ExitCode;
  /** What is wanted, for the board. */
  title: string;
  /** What is missing, for a refusal. */
  short: string;
  /** What there is, as people read it. */
  figure: string;
  wanted: string;
  holds: boolean;
};

type Row = { orders: bigint; refunds: bigint; drills: bigint; days: bigint; alerts: bigint; discrepancies: bigint; methods: { method: PayMethodCode; times: number }[] };

/** PIL-06: may the pilot end? Each condition with its figure, read from the database; all of them must hold. */
export async function readExitRule({ zone }: Pick<Ctx, "zone">, on: Sql | Tx, of: BoardOf): Promise<ExitCondition[]> {
  const tx = on as Tx;
  const [wanted, [row]] = [await readExitNumbers(tx), await tx<Row[]>`
    with w as materialized (${workedOrders(tx, of)}),
    money as materialized (
      select f.kind, f.method, a.order_id from w join allocations a on a.order_id = w.id join money_facts f on f.id = a.fact_id and f.kind in ('payment_captured', 'refund_succeeded') where a.amount_kopecks > 0)
    select (select count(*) from w where paid_at is not null) as orders,
           (select count(*) from money where kind = 'refund_succeeded') as refunds,
           (select coalesce(json_agg(m order by m.times desc, m.method), '[]'::json) from (select method, count(distinct order_id)::int as times from money where kind = 'payment_captured' group by method) m) as methods,
           -- A receipt that failed and was brought to an end; the sandbox's exercises of this store count as well.
           (select count(*) from receipts r join orders o on o.id = r.order_id
             where o.store_id = ${of.storeId} and (o.pilot_batch_id is not null or o.is_test) and (r.state = 'registered' or (r.state = 'not_required' and r.reason_code in ('corrected', 'closed_by_staff')))
               and exists (select 1 from order_events e where e.order_id = r.order_id and e.kind = 'receipt.failed' and e.subject_id = r.id)) as drills,
           (select count(*) from closed_days d where d.is_test = ${of.isTest} and d.reopened_at is null and d.day >= (${pilotSince(tx, of.storeId)} at time zone ${zone})::date) as days,
           ${openAlerts(tx, of)} as alerts, ${openDiscrepancies(tx, of, ["P1", "P2"])} as discrepancies`];
  return conditions(row!, wanted);
}

function conditions(row: Row, wanted: ExitNumbers): ExitCondition[] {
  const count = (code: ExitCode, is: bigint, least: number, forms: readonly [string, string, string], title: string): ExitCondition => ({
    code, title, figure: formatCount(is, forms), wanted: `не меньше ${least}`, holds: is >= BigInt(least), short: `${title.toLowerCase()}: ${is} из ${least}`,
  });
  const few = row.methods.filter((each) => each.times < wanted.perMethod);
  const named = row.methods.map(({ method, times }) => `${payMethodLabels[method]}${NBSP}—${NBSP}${times}`).join(", ");
  const problems = row.alerts + row.discrepancies;
  return [
    count("orders", row.orders, wanted.orders, ["заказ", "заказа", "заказов"], "Оплаченные заказы"),
    {
      code: "methods", title: "Каждый способ оплаты опробован", figure: named || "оплат ещё не было", wanted: `не меньше ${wanted.perMethod} на способ`,
      holds: row.methods.length > 0 && few.length === 0, short: few.length > 0 ? `мало оплат: ${few.map(({ method, times }) => `${payMethodLabels[method].toLowerCase()} ${times} из ${wanted.perMethod}`).join(", ")}` : "оплат ещё не было",
    },
    count("refunds", row.refunds, wanted.refunds, ["возврат", "возврата", "возвратов"], "Возвраты"),
    count("drills", row.drills, wanted.drills, ["учение", "учения", "учений"], "Учения с чеком, который не пробился"),
    count("days", row.days, wanted.days, ["день", "дня", "дней"], "Закрытые дни сверки"),
    {
      code: "problems", title: "Срочных проблем нет", figure: problems === 0n ? "нет" : `события: ${row.alerts}, расхождения: ${row.discrepancies}`, wanted: "ни одного P1 и P2",
      holds: problems === 0n, short: `открыто срочных событий и расхождений: ${problems}`,
    },
  ];
}
