/** Invariant 20: what was closed stays as it was. */
import { dayTotals } from "@/lib/reconciliation/find/closed-days.ts";
import { countBreaks } from "./invariant.ts";
import type { Invariant } from "./invariant.ts";

export const closedDayInvariants: Invariant[] = [
  {
    no: 20,
    title: "Итоги закрытого дня не меняются",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select c.day::text as what from closed_days c cross join lateral (select ${dayTotals(tx, tx`c.day`, tx`c.is_test`)} as totals) n
         where c.reopened_at is null
           and (c.figures->'totals' is distinct from n.totals or exists (select 1 from money_facts f where f.is_test = c.is_test and f.business_date = c.day and f.recorded_at > c.closed_at))`),
  },
];
