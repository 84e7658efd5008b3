import { fileURLToPath } from "node:url";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import { PgBoss } from "pg-boss";
import { ensureQueues } from "../lib/jobs/queues.ts";
import { openDatabase, ormOver } from "./index.ts";

/** Any fixed number: two processes that start at once must not migrate at once (drizzle's migrate takes no lock). */
const MIGRATION_LOCK = 7_205_442_016;

/** Brings the schema, the job queue's own schema and its queues up to date. Safe to run at every start. */
export async function migrateDatabase(url: string): Promise<void> {
  const database = openDatabase(url, { maxConnections: 1, applicationName: "kopeyka-migrate" });
  try {
    await database.sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(ormOver(database.sql), { migrationsFolder: fileURLToPath(new URL("./migrations", import.meta.url)) });
    const boss = new PgBoss({ connectionString: url, max: 2, supervise: false, schedule: false });
    boss.on("error", () => undefined);
    await boss.start();
    await ensureQueues(boss);
    await boss.stop({ graceful: false, close: true });
  } finally {
    await database.close();
  }
}
