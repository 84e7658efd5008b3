/** One PostgreSQL server for all test runs of this copy, and the template that each test file clones (stack.md 5). */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type postgres from "postgres";
import type { TestProject } from "vitest/node";
import { migrateDatabase } from "@/db/migrate.ts";
import { openClient } from "@/db/open-client.ts";
import { startPostgres } from "@/scripts/lib/postgres-server.mjs";

declare module "vitest" {
  export interface ProvidedContext {
    testDatabase: { adminUrl: string; template: string };
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const DATA = path.join(root, ".data/test-postgres");
const FLAGS = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"];
/** Held shared by every run, taken alone by the one that stops the server. */
const RUN_LOCK = 7_205_442_017;
const TEMPLATE_LOCK = 7_205_442_018;

type Server = Awaited<ReturnType<typeof startPostgres>>;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, holder } = await join();
  const adminUrl = server.url("postgres");
  const template = await buildTemplate(holder, server.url);
  project.provide("testDatabase", { adminUrl, template });
  return () => leave(server, holder, template);
}

/** Several runs share the server: it is started by the first and stopped by the last. */
async function join(): Promise<{ server: Server; holder: postgres.Sql }> {
  for (let round = 0; ; round++) {
    const release = await lockFolder(`${DATA}.lock`);
    try {
      const server = await startPostgres({ data: DATA, flags: FLAGS as never[] });
      const holder = openClient(server.url("postgres"), { max: 1, onnotice: () => undefined, idle_timeout: 0, max_lifetime: null });
      try {
        await holder`select pg_advisory_lock_shared(${RUN_LOCK})`;
        return { server, holder };
      } catch (error) {
        // The last run was stopping the server just now.
        await holder.end({ timeout: 1 });
        if (round === 3) throw error;
      }
    } finally {
      release();
    }
  }
}

async function leave(server: Server, holder: postgres.Sql, template: string): Promise<void> {
  await holder`select pg_advisory_unlock_shared(${RUN_LOCK})`;
  const [alone] = await holder<{ got: boolean }[]>`select pg_try_advisory_lock(${RUN_LOCK}) as got`;
  if (!alone?.got) return void (await holder.end({ timeout: 1 }));
  const old = await holder<{ datname: string }[]>`select datname from pg_database where datname ~ '^(tpl|new|t)_' and datname <> ${template}`;
  for (const { datname } of old) await holder.unsafe(`drop database if exists "${datname}" with (force)`);
  await server.stop();
  await holder.end({ timeout: 1 }).catch(() => undefined);
}

/** Made once per state of the migrations; under another name until it is complete. */
async function buildTemplate(holder: postgres.Sql, url: (database: string) => string): Promise<string> {
  const template = `tpl_${schemaHash()}`;
  await holder`select pg_advisory_lock(${TEMPLATE_LOCK})`;
  try {
    const [ready] = await holder`select 1 from pg_database where datname = ${template}`;
    if (!ready) {
      const making = template.replace("tpl_", "new_");
      await holder.unsafe(`drop database if exists "${making}" with (force)`);
      await holder.unsafe(`create database "${making}"`);
      await migrateDatabase(url(making));
      await holder.unsafe(`alter database "${making}" rename to "${template}"`);
    }
    return template;
  } finally {
    await holder`select pg_advisory_unlock(${TEMPLATE_LOCK})`;
  }
}

function schemaHash(): string {
  const hash = createHash("sha256");
  const migrations = path.join(root, "db/migrations");
  for (const name of fs.readdirSync(migrations).filter((file) => file.endsWith(".sql")).toSorted()) hash.update(name).update(fs.readFileSync(path.join(migrations, name)));
  for (const file of ["lib/jobs/queues.ts", "node_modules/pg-boss/package.json"]) hash.update(fs.readFileSync(path.join(root, file)));
  return hash.digest("hex").slice(0, 16);
}

const LOCK_STALE_MS = 90_000;

/** Two runs on a bare copy must not both create the cluster. Returns the release. */
async function lockFolder(folder: string): Promise<() => void> {
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  for (let round = 0; round < 1_200; round++) {
    try {
      fs.mkdirSync(folder);
      return () => fs.rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const age = Date.now() - (fs.statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > LOCK_STALE_MS) fs.rmSync(folder, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`${folder} is held by another test run; remove it when none is running`);
}
