import { createHandlers } from "@/lib/handlers.ts";
import type { Handlers, QueueName } from "@/lib/jobs/index.ts";
import { ProcessCrash } from "./crash.ts";
import type { World } from "./world.ts";

/** A dead worker's job runs again after this; a failed one as well, later and later. */
const AGAIN_MS = 16_000;
const TRIES_MAX = 12;
/** Chance that the process dies somewhere within one job. */
const DIES = 0.01;
const STEPS_MAX = 30;

/** Queues of the night and what their schedule sends. */
const nightlyData: Partial<Record<string, unknown>> = { "reconcile.run": { scope: "full" } };
const nightly = ["registry.nightly", "reconcile.run", "invariants.check"] as const;

type Row = { id: bigint; name: QueueName; data: unknown; tries: number };

export function createWorker(world: World) {
  const { eyes, clock, random, crashes, faults } = world;
  const { sql } = eyes.database;
  const handlers: Handlers = createHandlers(world.ctx);
  let crashed = 0;
  let failed = 0;

  async function run(job: Row): Promise<void> {
    crashes.arm(faults.isOn && random.chance(DIES) ? random.between(1, STEPS_MAX) : null);
    let isDone = false;
    try {
      await (handlers[job.name] as (data: unknown) => Promise<void>)(job.data);
      isDone = !crashes.isDead();
    } catch (error) {
      if (error instanceof ProcessCrash || crashes.isDead()) crashed += 1;
      else failed += 1;
    } finally {
      if (crashes.isDead() && isDone) crashed += 1;
      crashes.arm(null);
    }
    // The janitor gives a job again to what still needs one.
    if (isDone || job.tries >= TRIES_MAX) await sql`delete from simulated_jobs where id = ${job.id}`;
    else await sql`update simulated_jobs set tries = tries + 1, start_after = ${new Date(clock.nowMs + AGAIN_MS * (job.tries + 1))} where id = ${job.id}`;
  }

  return {
    /** When the next job is due, in ms; null = none waits. */
    async nextAt(): Promise<number | null> {
      const [row] = await sql<{ at: Date }[]>`select start_after as at from simulated_jobs order by start_after, id limit 1`;
      return row ? row.at.getTime() : null;
    },
    /** Runs what is due now, oldest first, at most `limit`. */
    async runDue(limit: number): Promise<number> {
      const due = await sql<Row[]>`select id, name, data, tries from simulated_jobs where start_after <= ${new Date(clock.nowMs)} order by start_after, id limit ${limit}`;
      for (const job of due) await run(job);
      return due.length;
    },
    /** What the nightly schedule gives. */
    async cron(): Promise<void> {
      for (const name of nightly) await sql`insert into simulated_jobs (name, data, start_after) values (${name}, ${JSON.stringify(nightlyData[name] ?? {})}::text::jsonb, ${new Date(clock.nowMs)})`;
    },
    counts: () => ({ crashed, failed }),
  };
}
