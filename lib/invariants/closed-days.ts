/** Invariant 20: what was closed stays as it was. */
import { countBreaks } from "./invariant.ts";
import type { Invariant } from "./invariant.ts";

export const closedDayInvariants: Invariant[] = [
  {
    no: 20,
    title: "Итоги закрытого дня не меняются",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select c.day::text as what from closed_days c
         where c.reopened_at is null and exists (select 1 from money_facts f where f.is_test = c.is_test and f.business_date = c.day and f.recorded_at > c.closed_at)`),
  },
];
