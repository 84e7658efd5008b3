/** `npm run check:invariants`: prints each invariant of domain 10 with its count; exits with 1 when one is broken. Reads only. */
import path from "node:path";
import { migrateDatabase } from "@/db/migrate.ts";
import { findBreaks } from "@/lib/invariants/index.ts";
import { openRuntime } from "@/lib/runtime.ts";
import { readKeys, readSettings } from "./lib/environment.mjs";
import { startPostgres } from "./lib/postgres-server.mjs";

const settings = readSettings();
Object.assign(process.env, readKeys(settings.dataDir), { PUBLIC_URL: settings.publicUrl });
const postgres = settings.databaseUrl === null ? await startPostgres({ data: path.join(settings.dataDir, "postgres") }) : null;
const url: string = settings.databaseUrl ?? postgres!.url("postgres");
try {
  await migrateDatabase(url);
  const { ctx, close } = await openRuntime(url, "invariants");
  try {
    const checked = await findBreaks(ctx);
    for (const { no, title, count, examples } of checked) {
      console.log(`${String(no).padStart(2)}  ${(count === 0 ? "ок" : "НАРУШЕНО").padEnd(8)}  ${String(count).padStart(7)}  ${title}`);
      for (const example of examples) console.log(`              ${example}`);
    }
    const broken = checked.filter((each) => each.count > 0).length;
    console.log(broken === 0 ? "\nВсе правила соблюдены." : `\nНарушено правил: ${broken}.`);
    process.exitCode = broken === 0 ? 0 : 1;
  } finally {
    await close();
  }
} catch (error) {
  console.error(`kopeyka: the database could not be checked: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
} finally {
  if (postgres && !postgres.adopted) await postgres.stop();
}
process.exit();
