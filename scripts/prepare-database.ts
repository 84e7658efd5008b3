/** Brings the database up to date and, when it is empty and the demo is on, fills it. Run by scripts/start.mjs. */
import { migrateDatabase } from "@/db/migrate.ts";
import { seedDemo } from "@/db/seed.ts";
import { requireEnv } from "@/lib/kit/env.ts";
import { openRuntime } from "@/lib/runtime.ts";

const url = requireEnv("DATABASE_URL");
await migrateDatabase(url);
if (process.env["KOPEYKA_DEMO"] === "on") {
  const { ctx, close } = await openRuntime(url, "seed");
  try {
    await seedDemo(ctx);
  } finally {
    await close();
  }
}
process.exit(0);
