import type { ConstructorOptions } from "pg-boss";
import { PgBoss } from "pg-boss";
import type { Tx } from "@/db/index.ts";
import type { JobData, QueueName } from "./queues.ts";

/** Adds a job in the caller's transaction: both are committed or neither (README decision 1). */
export type Enqueue = <Q extends QueueName>(tx: Tx, queue: Q, data: JobData[Q], options?: { startAfter?: Date }) => Promise<void>;

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
