import type { Sql, Tx } from "@/db/index.ts";

/** The order whose receipts took a payment's money, wherever it was moved since; null while none stands. `factId` is a SQL expression. */
export const incomeOrderSql = (on: Sql | Tx, factId: ReturnType<Tx>): ReturnType<Tx> => (on as Tx)`(
  select x.order_id from receipts x where x.fact_id = ${factId} and x.state not in ('cancelled', 'not_required') order by x.part_no limit 1)`;
