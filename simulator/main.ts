/** `npm run simulate -- --seed N --orders M [--lanes L]`: lives through M orders in a world that loses, repeats and contradicts, and says what was lost. */
import { randomInt } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { migrateDatabase } from "@/db/migrate.ts";
import { openClient } from "@/db/open-client.ts";
import { startPostgres } from "../scripts/lib/postgres-server.mjs";
import type { LaneReport } from "./run-lane.ts";

const whole = (text: string | undefined, fallback: number, most: number, name: string): number => {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  console.error(`kopeyka: --${name} must be a whole number from 1 to ${most}`);
  process.exit(2);
};

const { values } = parseArgs({ options: { seed: { type: "string" }, orders: { type: "string" }, lanes: { type: "string" } } });
const seed = whole(values.seed, randomInt(1, 1_000_000), 2_000_000_000, "seed");
const orders = whole(values.orders, 1_000, 10_000_000, "orders");
// Lanes share nothing, each has a database of its own: while one waits for PostgreSQL another one thinks.
const lanes = Math.min(orders, whole(values.lanes, orders >= 500 ? 4 : 1, 64, "lanes"));

// No durability: a simulated crash is one of our process, never of PostgreSQL.
const flags = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB", "-c", "autovacuum_naptime=15s"];
const dataDir = mkdtempSync(path.join(tmpdir(), "kopeyka-simulator-"));
// The server may run as another user than the one who made the folder.
chmodSync(dataDir, 0o755);
const server = (await startPostgres({ data: path.join(dataDir, "postgres"), flags: flags as never[] })) as { url(name: string): string; stop(): Promise<void> };
const started = performance.now();
let isSound = true;
try {
  const admin = openClient(server.url("postgres"), { max: 1, onnotice: () => undefined });
  await admin.unsafe("create database template_lane");
  await migrateDatabase(server.url("template_lane"));
  for (let lane = 0; lane < lanes; lane++) await admin.unsafe(`create database lane_${lane} template template_lane`);
  await admin.end();
  console.log(`seed ${seed}, ${orders} orders in ${lanes} lanes`);
  const share = (lane: number) => Math.floor(orders / lanes) + (lane < orders % lanes ? 1 : 0);
  const reports = await Promise.allSettled(Array.from({ length: lanes }, (_, lane) => inThread({ databaseUrl: server.url(`lane_${lane}`), seed: seed + lane, orders: share(lane) })));
  for (const [lane, report] of reports.entries()) {
    const again = `npm run simulate -- --seed ${seed + lane} --orders ${share(lane)} --lanes 1`;
    if (report.status === "rejected") {
      isSound = false;
      console.log(`lane ${lane}: the simulation itself stopped: ${report.reason instanceof Error ? report.reason.stack : String(report.reason)}\n  again: ${again}`);
    } else if (!tell(lane, report.value)) {
      isSound = false;
      console.log(`  again: ${again}`);
    }
  }
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
const seconds = (performance.now() - started) / 1_000;
console.log(`${isSound ? "nothing lost, nothing doubled" : "LOSSES FOUND"}; ${seconds.toFixed(1)} s, ${(orders / seconds).toFixed(0)} orders/s, ${Math.round(process.memoryUsage().rss / 1_048_576)} MB`);
process.exit(isSound ? 0 : 1);

function inThread(workerData: { databaseUrl: string; seed: number; orders: number }): Promise<LaneReport> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL("./lane-thread.mjs", import.meta.url), { workerData });
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", (code) => reject(new Error(`the lane's thread ended with ${code}`)));
  });
}

/** Prints one lane's life; true when nothing was found. */
function tell(lane: number, { findings, ...counts }: LaneReport): boolean {
  console.log(
    `lane ${lane}: ${counts.orders} orders, ${counts.payments} bank payments, ${counts.facts} facts of the bank, ${counts.receipts} documents of the register, ${counts.crashes} crashes, ${counts.failedJobs} failed jobs, ${counts.virtualDays} days`,
  );
  for (const { rule, count, examples } of findings) console.log(`  ${rule}: ${count}\n${examples.map((example) => `    ${example}`).join("\n")}`);
  return findings.length === 0;
}
