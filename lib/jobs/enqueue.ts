import type { ConstructorOptions } from "pg-boss";
import { PgBoss } from "pg-boss";
import type { Tx, Write } from "@/db/index.ts";
import type { JobData, QueueName } from "./queues.ts";

/** Adds a job in the caller's transaction: both are committed or neither (README decision 1). */
export type Enqueue = <Q extends QueueName>(tx: Tx, queue: Q, data: JobData[Q], options?: { startAfter?: Date }) => Promise<void>;

/** The same job as a write that goes in one statement with others; wrapped, because awaiting a bare write would send it. */
export type JobWrite = <Q extends QueueName>(tx: Tx, queue: Q, data: JobData[Q], options?: { startAfter?: Date }) => Promise<{ write: Write }>;

/** A pg-boss that only sends: no supervision, no schedules, no polling. */
export async function startSender(url: string, options: Partial<ConstructorOptions> = {}): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: url, max: 1, supervise: false, schedule: false, migrate: false, ...options });
  boss.on("error", () => undefined);
  await boss.start();
  return boss;
}

const overTransaction = (tx: Tx) => ({
  async executeSql(text: string, values: unknown[] = []) {
    return { rows: [...(await tx.unsafe(text, values as never[], { prepare: true }))] };
  },
});

export const enqueueWith =
  (boss: PgBoss): Enqueue =>
  async (tx, queue, data, options = {}) => {
    await boss.send(queue, data, {
      db: overTransaction(tx),
      ...(options.startAfter && { startAfter: options.startAfter }),
    });
  };

/**
 * pg-boss gives its statement to an adapter; ours keeps it instead of running it. Its one parameter is the job's JSON. Throws
 * when a new version of the library inserts in another way, so that a job is never lost in silence.
 */
export const jobWriteWith =
  (boss: PgBoss): JobWrite =>
  async (tx, queue, data, options = {}) => {
    let kept: { text: string; json: string } | null = null;
    await boss.send(queue, data, {
      db: {
        executeSql(text: string, values: unknown[] = []) {
          const [json] = values;
          if (kept !== null || values.length !== 1 || typeof json !== "string") throw new Error("pg-boss sends a job in a way that jobWrite does not know");
          kept = { text, json };
          return Promise.resolve({ rows: [{ id: "kept" }] });
        },
      },
      ...(options.startAfter && { startAfter: options.startAfter }),
    });
    const { text, json } = kept as unknown as { text: string; json: string };
    const [before, after, ...more] = text.split("$1");
    if (before === undefined || after === undefined || more.length > 0 || !/^\s*insert into/i.test(before)) throw new Error("pg-boss sends a job in a way that jobWrite does not know");
    return { write: tx`${tx.unsafe(before)}${json}::text::json${tx.unsafe(after)}` };
  };
