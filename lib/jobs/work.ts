import { PgBoss } from "pg-boss";
import type { Job } from "pg-boss";
import type { Logger } from "@/lib/kit/log.ts";
import type { JobData, QueueName } from "./queues.ts";
import { queueNames } from "./queues.ts";

export type Handlers = { [Q in QueueName]: (data: JobData[Q]) => Promise<void> };

/** Cron of the queues that run by themselves. */
const schedules: Partial<Record<QueueName, string>> = { "alerts.watch": "* * * * *", "janitor.sweep": "* * * * *", "invariants.check": "30 3 * * *", "registry.nightly": "10 2 * * *", "reconcile.run": "20 * * * *" };

/** Jobs that wait for others' servers: several fetch loops, so that a slow receiver does not hold back the rest of its batch. */
const apart: Partial<Record<QueueName, { batchSize: number; localConcurrency: number }>> = { "feed.push": { batchSize: 1, localConcurrency: 4 } };

/** Long jobs of one queue must not hold back the others: each queue has its own fetch loop. */
const BATCH = 8;

export type Working = { stop(): Promise<void> };

/** Takes jobs from every queue until stopped. Stopping waits for the running ones, at most `graceMs`. */
export async function startWorking(url: string, handlers: Handlers, log: Logger, graceMs = 10_000): Promise<Working> {
  const boss = new PgBoss({ connectionString: url, max: 6, migrate: false, superviseIntervalSeconds: 5, monitorIntervalSeconds: 5 });
  boss.on("error", (error) => log.error({ err: error }, "job queue"));
  await boss.start();
  for (const queue of queueNames) {
    await boss.work(
      queue,
      { batchSize: BATCH, perJobResults: true, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5, ...apart[queue] },
      async (jobs: Job<unknown>[]) => Promise.all(jobs.map((job) => runOne(queue, job))),
    );
  }
  for (const [queue, cron] of Object.entries(schedules)) await boss.schedule(queue, cron, {});
  return { stop: () => boss.stop({ graceful: true, timeout: graceMs, close: true }) };

  async function runOne(queue: QueueName, job: Job<unknown>) {
    try {
      await (handlers[queue] as (data: unknown) => Promise<void>)(job.data);
      return { id: job.id, status: "completed" as const };
    } catch (error) {
      log.error({ err: error, queue, jobId: job.id }, "job failed");
      return { id: job.id, status: "failed" as const, output: { message: error instanceof Error ? error.message : String(error) } };
    }
  }
}
