import type { TestContext } from "./context.ts";
import type { JobData, QueueName } from "@/lib/jobs/index.ts";

export type RanJob = { queue: QueueName; data: JobData[QueueName]; error: unknown };

type DrainOptions = {
  /** Stops here; a chain of jobs that never ends is a bug that the test should see. */
  limit?: number;
  /** By default the first job that throws fails the test. */
  mayFail?: boolean;
  only?: readonly QueueName[];
};

/** Runs the jobs that are due by the test's clock, oldest first, until none is left. Returns what ran, in order. */
export async function drainJobs({ ctx }: Pick<TestContext, "ctx">, { limit = 200, mayFail = false, only }: DrainOptions = {}): Promise<RanJob[]> {
  const { createHandlers } = await import("@/lib/handlers.ts");
  const handlers = createHandlers(ctx);
  const { sql } = ctx.database;
  const ran: RanJob[] = [];
  for (;;) {
    const [job] = await sql<{ id: string; name: QueueName; data: JobData[QueueName] }[]>`
      update pgboss.job set state = 'active', started_on = now() where id = (
        select id from pgboss.job where state in ('created', 'retry') and start_after <= ${ctx.now()} ${only ? sql`and name = any(${only as string[]})` : sql``}
         order by start_after, created_on, id limit 1)
      returning id, name, data`;
    if (!job) return ran;
    if (ran.length >= limit) throw new Error(`more than ${limit} jobs are due; the next is ${job.name}`);
    let error: unknown = null;
    try {
      await (handlers[job.name] as (data: unknown) => Promise<void>)(job.data);
    } catch (thrown) {
      error = thrown;
    }
    await sql`update pgboss.job set state = ${error === null ? "completed" : "failed"}, completed_on = now() where id = ${job.id}`;
    if (error !== null && !mayFail) throw error;
    ran.push({ queue: job.name, data: job.data, error });
  }
}

/** Instants at which jobs wait, earliest first: what to set the clock to. */
export async function waitingJobs({ ctx }: Pick<TestContext, "ctx">): Promise<{ queue: QueueName; at: Date }[]> {
  return ctx.database.sql<{ queue: QueueName; at: Date }[]>`
    select name as queue, start_after as at from pgboss.job where state in ('created', 'retry') order by start_after, created_on, id`;
}
