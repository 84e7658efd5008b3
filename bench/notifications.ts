/**
 * W1: a signed PayKeeper notification becomes recorded money. Floors of the same run: an empty route of the same build, and
 * the same verb called by a bare client without HTTP.
 */
import { openDatabase } from "@/db/index.ts";
import { receiveNotification } from "@/lib/payments/index.ts";
import { openRuntime } from "@/lib/runtime.ts";
import { load, machine, share, startBenchApp } from "./harness.ts";
import type { BenchApp } from "./harness.ts";
import { waitingAttempts } from "./waiting-attempts.ts";
import type { WaitingAttempts } from "./waiting-attempts.ts";

const SECONDS = 8;
const ATTEMPTS = 30_000;

/** The verb without HTTP: what the same statements cost on this machine with this database. */
async function bareClient(app: BenchApp, prepared: WaitingAttempts, from: number): Promise<number> {
  const { ctx, close } = await openRuntime(app.databaseUrl, "bench");
  let i = from;
  const until = performance.now() + SECONDS * 1_000;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (performance.now() < until) await receiveNotification(ctx, prepared.door, { headers: {}, body: prepared.body(i++), ip: null });
    }),
  );
  const perSecond = (i - from) / ((performance.now() - started) / 1_000);
  await close();
  return perSecond;
}

export async function benchNotifications(): Promise<void> {
  const app = await startBenchApp();
  try {
    const prepared = await waitingAttempts(app, ATTEMPTS);
    console.log(`W1 notification → money recorded (${machine()})`);
    let i = 1;
    const ok = (status: number, body: string) => status === 200 && body.startsWith("OK ");
    // The first requests load code and fill caches.
    await load(app.webUrl, 4, 2, () => ({ path: "/api/bench/empty", body: null }), (status) => status === 204);
    await load(app.webUrl, 4, 2, () => ({ path: prepared.path, body: prepared.body(i++) }), ok);
    for (const connections of [1, 16, 64]) {
      const floor = await load(app.webUrl, connections, SECONDS, () => ({ path: "/api/bench/empty", body: null }), (status) => status === 204);
      const settled = await load(app.webUrl, connections, SECONDS, () => (i < ATTEMPTS ? { path: prepared.path, body: prepared.body(i++) } : null), ok);
      console.log(
        `  ${connections} connections: ${Math.round(settled.perSecond)} payments/s, p50 ${settled.p50Ms.toFixed(1)} ms, p99 ${settled.p99Ms.toFixed(1)} ms; ` +
          `empty route ${Math.round(floor.perSecond)}/s; ratio ${share(settled.perSecond, floor.perSecond)}`,
      );
    }
    const repeated = await load(app.webUrl, 16, SECONDS, () => ({ path: prepared.path, body: prepared.body(1 + Math.floor(Math.random() * 500)) }), ok);
    console.log(`  duplicates at 16 connections: ${Math.round(repeated.perSecond)}/s`);
    const bare = await bareClient(app, prepared, i + 10);
    console.log(`  the same verb by a bare client, 16 at once: ${Math.round(bare)}/s`);
    await verify(app, i - 1);
  } finally {
    await app.stop();
  }
}

/** A benchmark that loses money measures nothing. */
async function verify(app: BenchApp, sent: number): Promise<void> {
  const database = openDatabase(app.databaseUrl, { maxConnections: 1 });
  const [row] = await database.sql<{ facts: bigint; paid: bigint; planned: bigint }[]>`
    select (select count(*) from money_facts) as facts, (select count(*) from orders where payment_status = 'paid') as paid, (select count(*) from receipts) as planned`;
  await database.close();
  if (!row || row.facts < BigInt(sent) || row.facts !== row.paid || row.facts !== row.planned) throw new Error(`money does not add up: ${JSON.stringify(row, (_k, v: unknown) => String(v))}, sent ${sent}`);
  console.log(`  checked: ${row.facts} facts = paid orders = planned receipts`);
}
