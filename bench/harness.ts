/** What the benchmarks share: a copy of the app of its own, load over HTTP, memory of a process, tables. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { Pool } from "undici";
import { migrateDatabase } from "@/db/migrate.ts";
// The bundled server's manager is plain JavaScript: it runs before anything is built.
import { buildWhenNeeded } from "../scripts/lib/build.mjs";
import { webNodeFlags } from "../scripts/lib/environment.mjs";
import { startPostgres } from "../scripts/lib/postgres-server.mjs";

export type BenchApp = { webUrl: string; databaseUrl: string; env: Record<string, string>; webPid: number; stop(): Promise<void> };

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** The production build on a fresh database with fsync on, without a worker: what is measured is the door. */
export async function startBenchApp(): Promise<BenchApp> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "kopeyka-bench-"));
  const postgres = (await startPostgres({ data: path.join(dataDir, "postgres") })) as { url(name: string): string; stop(): Promise<void> };
  const databaseUrl = postgres.url("postgres");
  await migrateDatabase(databaseUrl);
  const port = await freePort();
  const webUrl = `http://127.0.0.1:${port}`;
  const env = {
    ...(process.env as Record<string, string>),
    NODE_ENV: "production",
    DATABASE_URL: databaseUrl,
    KOPEYKA_SECRET_KEYS: `b:${randomBytes(32).toString("base64")}`,
    NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
    NEXTAUTH_URL: webUrl,
    PUBLIC_URL: webUrl,
    KOPEYKA_BENCH: "1",
    NEXT_MANUAL_SIG_HANDLE: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    LOG_LEVEL: "error",
  };
  buildWhenNeeded(env);
  const web: ChildProcess = spawn(process.execPath, [...(webNodeFlags as string[]), ...(process.env["BENCH_WEB_FLAGS"]?.split(" ") ?? []), "node_modules/next/dist/bin/next", "start", "-p", String(port), "-H", "127.0.0.1"], { env: env as NodeJS.ProcessEnv, stdio: ["ignore", "ignore", "inherit"] });
  for (let i = 0; ; i++) {
    const answer = await fetch(`${webUrl}/api/bench/empty`).catch(() => null);
    if (answer?.ok) break;
    if (i > 300) throw new Error("the web application did not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    webUrl,
    databaseUrl,
    env,
    webPid: web.pid!,
    async stop() {
      web.kill("SIGKILL");
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type Load = { perSecond: number; p50Ms: number; p99Ms: number; count: number };

/** Sends requests over `connections` sockets, one at a time on each, until `next` gives null or the time is over. */
export async function load(url: string, connections: number, seconds: number, next: () => { path: string; body: string | null } | null, expect: (status: number, body: string) => boolean): Promise<Load> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const took: number[] = [];
  const until = performance.now() + seconds * 1_000;
  const started = performance.now();
  async function one(): Promise<void> {
    while (performance.now() < until) {
      const request = next();
      if (!request) return;
      const at = performance.now();
      const answer = await pool.request({
        path: request.path,
        method: request.body === null ? "GET" : "POST",
        ...(request.body !== null && { body: request.body, headers: { "content-type": "application/x-www-form-urlencoded" } }),
      });
      const text = await answer.body.text();
      took.push(performance.now() - at);
      if (!expect(answer.statusCode, text)) throw new Error(`unexpected answer ${answer.statusCode}: ${text.slice(0, 200)}`);
    }
  }
  await Promise.all(Array.from({ length: connections }, one));
  const elapsed = (performance.now() - started) / 1_000;
  await pool.close();
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return { perSecond: took.length / elapsed, p50Ms: at(0.5), p99Ms: at(0.99), count: took.length };
}

/** Highest resident memory of a process so far, MB. Linux only. */
export function peakRssMb(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
}

export const machine = (): string => `${cpus().length} × ${cpus()[0]?.model ?? "cpu"}, Node ${process.version}`;
export const share = (a: number, b: number): string => `${Math.round((a / b) * 100)} %`;

/** Runs the work for each, one after another; median and 99th percentile in ms. */
export async function times<T>(given: readonly T[], work: (each: T) => PromiseLike<unknown>): Promise<{ p50: number; p99: number }> {
  const took: number[] = [];
  for (const each of given) {
    const started = performance.now();
    await work(each);
    took.push(performance.now() - started);
  }
  took.sort((a, b) => a - b);
  return { p50: took[Math.floor(took.length / 2)]!, p99: took[Math.floor(took.length * 0.99)]! };
}
