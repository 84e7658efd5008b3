// Runs everything: database, migrations, demo data, build, web, worker, sandbox. `--dev` runs Next in development mode.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { buildWhenNeeded } from "./lib/build.mjs";
import { startChild } from "./lib/child.mjs";
import { fail, readKeys, readSettings, requireFreePort, requireSpace, root, webNodeFlags } from "./lib/environment.mjs";
import { startPostgres } from "./lib/postgres-server.mjs";

process.chdir(root);
const isDev = process.argv.includes("--dev");
const settings = readSettings();
const { webPort, sandboxPort, dataDir, publicUrl, isDemo } = settings;
const READY_LIMIT_MS = 120_000;

await requireFreePort(webPort, "PORT");
if (isDemo) for (const offset of [0, 1, 2]) await requireFreePort(sandboxPort + offset, "SANDBOX_PORT");
try {
  fs.mkdirSync(dataDir, { recursive: true });
} catch (error) {
  fail(`cannot write to ${dataDir}: ${error.message}`);
}
requireSpace(dataDir);

const children = [];
let postgres = null;
let stopping = false;

async function stop(reason, code = 0) {
  if (stopping) return;
  stopping = true;
  console.log(`kopeyka: stopping (${reason})`);
  for (const child of children) child.expectDeath();
  // Web first: it accepts nothing new; then the worker finishes its jobs; the database goes last.
  for (const child of children) await child.stop();
  await postgres?.stop();
  console.log("kopeyka: stopped");
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void stop(signal));
process.on("uncaughtException", (error) => {
  console.error(`kopeyka: ${error.message}`);
  void stop("error", 1);
});

const keys = readKeys(dataDir);
const env = {
  ...process.env,
  ...keys,
  NODE_ENV: isDev ? "development" : "production",
  PORT: String(webPort),
  SANDBOX_PORT: String(sandboxPort),
  DATA_DIR: dataDir,
  PUBLIC_URL: publicUrl,
  NEXTAUTH_URL: publicUrl,
  NEXT_TELEMETRY_DISABLED: "1",
  NEXT_MANUAL_SIG_HANDLE: "1",
  KOPEYKA_DEMO: isDemo ? "on" : "off",
  LOG_LEVEL: process.env.LOG_LEVEL ?? "warn",
};

if (!isDev) buildWhenNeeded(env);

if (settings.databaseUrl === null) {
  postgres = await startPostgres({ data: path.join(dataDir, "postgres") });
  env.DATABASE_URL = postgres.url("postgres");
}

const tsx = ["--import", "tsx"];
if (isDemo) {
  children.push(
    startChild({
      name: "sandbox",
      args: [...tsx, "sandbox/main.ts"],
      env: { ...env, ONEC_EXCHANGE_URL: publicUrl },
      onDeath: (code) => code === 1 && !stopping && void stop("the sandbox could not start", 1),
    }),
  );
  await waitFor(`http://127.0.0.1:${sandboxPort}/`, "the sandbox");
}

const prepared = spawnSync(process.execPath, [...tsx, "scripts/prepare-database.ts"], { stdio: "inherit", env });
if (stopping) await new Promise(() => undefined);
if (prepared.status !== 0) await stop("the database could not be prepared: see the lines above", 1);

const next = path.join(root, "node_modules/next/dist/bin/next");
children.unshift(
  startChild({ name: "web", args: [...webNodeFlags, next, isDev ? "dev" : "start", "-p", String(webPort), "-H", process.env.HOST ?? "127.0.0.1"], env: { ...env, KOPEYKA_PROCESS: "web" } }),
  startChild({ name: "worker", args: [...tsx, "worker.ts"], env: { ...env, KOPEYKA_PROCESS: "worker" } }),
);
await waitFor(`http://127.0.0.1:${webPort}/api/health`, "the web application");

if (isDemo) {
  const told = spawnSync(process.execPath, [...tsx, "scripts/demo-credentials.ts", "--text"], { encoding: "utf8", env });
  console.log(`\n${told.stdout}`);
}
console.log(`ready ${publicUrl}`);

/** Waits until an address answers 2xx; ends the program with a line when it does not. */
async function waitFor(url, what) {
  const until = Date.now() + READY_LIMIT_MS;
  while (Date.now() < until && !stopping) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (!stopping) await stop(`${what} did not answer in ${READY_LIMIT_MS / 1000} s`, 1);
}
