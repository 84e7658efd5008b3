import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import { PgBoss } from "pg-boss";
import { ensureQueues } from "../lib/jobs/queues.ts";
import { openClient } from "./open-client.ts";

/** Any fixed number: two processes that start at once must not migrate at once (drizzle's migrate takes no lock). */
const MIGRATION_LOCK = 7_205_442_016;

/** Brings the schema, the job queue's own schema and its queues up to date. Safe to run at every start. */
export async function migrateDatabase(url: string, migrationsFolder: string = fileURLToPath(new URL("./migrations", import.meta.url))): Promise<void> {
  // A plain client: drizzle asks for `created_at` of the last migration by that name, and ours calls it createdAt. It then applied nothing to a database that had any.
  const sql = openClient(url, { max: 1, onnotice: () => undefined, connect_timeout: 10, connection: { application_name: "kopeyka-migrate" } });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(drizzle(sql), { migrationsFolder });
    const boss = new PgBoss({ connectionString: url, max: 2, supervise: false, schedule: false });
    boss.on("error", () => undefined);
    await boss.start();
    await ensureQueues(boss);
    await boss.stop({ graceful: false, close: true });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
