import type { Ctx } from "@/lib/context.ts";

/** Who closed a day and, when it was opened again, who did and why. */
export type DayClosing = { closedByName: string; closedAt: Date; reopenedByName: string | null; reopenedAt: Date | null; reopenReason: string | null };

/** Every closing of a day, the newest first (REC-10: the rows stay). */
export async function readDayClosings(ctx: Ctx, input: { day: string; isTest: boolean }): Promise<DayClosing[]> {
  return ctx.database.sql<DayClosing[]>`
    select coalesce(u.name, c.closed_by) as closed_by_name, c.closed_at, coalesce(v.name, c.reopened_by) as reopened_by_name, c.reopened_at, c.reopen_reason
      from closed_days c left join staff_users u on 'staff:' || u.id = c.closed_by left join staff_users v on 'staff:' || v.id = c.reopened_by
     where c.day::text = ${input.day} and c.is_test = ${input.isTest} order by (c.reopened_at is null) desc, c.closed_at desc limit 50`;
}
