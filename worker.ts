/** The worker process: takes jobs, shows that it lives, stops cleanly. Started by scripts/start.mjs or on its own. */
import { createHandlers } from "@/lib/handlers.ts";
import { startWorking } from "@/lib/jobs/index.ts";
import { requireEnv } from "@/lib/kit/env.ts";
import { openRuntime } from "@/lib/runtime.ts";
import { appVersion } from "@/lib/version.ts";

const BEAT_MS = 5_000;

const url = requireEnv("DATABASE_URL");
const { ctx, close } = await openRuntime(url, "worker");
const working = await startWorking(url, createHandlers(ctx), ctx.log);
const name = `worker-${process.pid}`;

async function beat(): Promise<void> {
  await ctx.database.sql`
    insert into heartbeats (name, at, version, pid) values (${name}, ${ctx.now()}, ${appVersion}, ${process.pid})
    on conflict (name) do update set at = excluded.at`.catch((error: unknown) => ctx.log.warn({ err: error }, "heartbeat failed"));
}
await ctx.database.sql`delete from heartbeats where at < ${new Date(ctx.now().getTime() - 3_600_000)}`;
await beat();
const timer = setInterval(() => void beat(), BEAT_MS);
ctx.log.info("worker ready");
process.send?.("ready");

let stopping = false;
async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  ctx.log.info({ signal }, "worker stopping");
  clearInterval(timer);
  await working.stop();
  await ctx.database.sql`delete from heartbeats where name = ${name}`.catch(() => undefined);
  await close();
  process.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(signal));
// The supervisor was killed: nobody else would end this process, and the next start brings its own.
if (process.connected) process.on("disconnect", () => void stop("disconnect"));
