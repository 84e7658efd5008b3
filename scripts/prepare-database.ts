/** Brings the database up to date, gives it the production calendar, and fills an empty one when the demo is on. Run by scripts/start.mjs. */
import { seedCalendar } from "@/db/demo/parties.ts";
import { migrateDatabase } from "@/db/migrate.ts";
import { seedDemo } from "@/db/seed.ts";
import { requireEnv } from "@/lib/kit/env.ts";
import { openRuntime } from "@/lib/runtime.ts";

const url = requireEnv("DATABASE_URL");
await migrateDatabase(url);
const { ctx, close } = await openRuntime(url, "seed");
try {
  await seedCalendar(ctx);
  if (process.env["KOPEYKA_DEMO"] === "on") await seedDemo(ctx);
} finally {
  await close();
}
process.exit(0);
