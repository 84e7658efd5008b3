/** `npm run connection:add -- --file my.json [--check]`: connects a bank, a cash register, a 1C base, an internet shop or mail (README.md). */
import path from "node:path";
import { parseArgs } from "node:util";
import { migrateDatabase } from "@/db/migrate.ts";
import { openRuntime } from "@/lib/runtime.ts";
import { fail, readKeys, readSettings } from "./lib/environment.mjs";
import { startPostgres } from "./lib/postgres-server.mjs";
import { askOtherSide } from "./set-up/ask-other-side.ts";
import { readSetUpFile } from "./set-up/read-file.ts";
import { SetUpRefused } from "./set-up/refused.ts";
import { saveSetUp } from "./set-up/save.ts";
import type { Saved } from "./set-up/save.ts";
import type { SetUp } from "./set-up/shape.ts";

function readArguments(): { file: string; check: boolean } {
  try {
    const { values } = parseArgs({ options: { file: { type: "string" }, check: { type: "boolean", default: false } } });
    if (values.file) return { file: values.file, check: values.check };
  } catch {
    // Told below.
  }
  console.error("kopeyka: usage: npm run connection:add -- --file my.json [--check]");
  process.exit(1);
}

const { file, check } = readArguments();
const settings = readSettings();
const read = await readSetUpFile(file, process.env);
if (!read.ok) {
  for (const problem of read.problems) console.error(`kopeyka: ${file}: ${problem}`);
  process.exit(1);
}
const { setUp } = read;

if (check) {
  const asked = await askOtherSide(setUp, () => new Date());
  for (const line of asked.lines) console.log(line);
  if (!asked.ok) fail("the other side did not accept this; nothing was saved");
}

// Of this copy: the same keys and the same database that `npm start` uses.
Object.assign(process.env, readKeys(settings.dataDir), { PUBLIC_URL: settings.publicUrl });
const postgres = settings.databaseUrl === null ? await startPostgres({ data: path.join(settings.dataDir, "postgres") }) : null;
const url: string = settings.databaseUrl ?? postgres!.url("postgres");
try {
  await migrateDatabase(url);
  const { ctx, close } = await openRuntime(url, "set-up");
  try {
    tell(setUp, await saveSetUp(ctx, setUp));
  } finally {
    await close();
  }
} catch (error) {
  console.error(`kopeyka: ${error instanceof SetUpRefused ? `${file}: ${error.message}` : `the database could not be used: ${error instanceof Error ? error.message : String(error)}`}`);
  process.exitCode = 1;
} finally {
  if (postgres && !postgres.adopted) await postgres.stop();
}
process.exit();

function tell({ connection: given, director }: SetUp, { lines, connection, directorPassword, madeSecrets }: Saved): void {
  for (const line of lines) console.log(line);
  const { publicUrl } = settings;
  if (given?.provider === "paykeeper" && connection) console.log(`\nnotification address, for the PayKeeper cabinet:\n  ${publicUrl}/api/acquirers/${connection.door}/notifications`);
  if (given?.provider === "commerceml") console.log(`\nexchange address, for the exchange node of 1C:\n  ${publicUrl}/bitrix/admin/1c_exchange.php\n  login ${given.settings.login}`);
  if (given?.provider === "commerceml" && given.settings.doors?.includes("paykeeper")) console.log(`\nfor 1C code that was written for PayKeeper:\n  host ${new URL(publicUrl).host}\n  user ${given.settings.login}`);
  if (given?.provider === "shop") {
    console.log(`\naddress for the shop:\n  ${publicUrl}/api/shop/v1`);
    for (const [name, value] of Object.entries(madeSecrets)) console.log(`${name === "apiKey" ? "API key (Authorization: Bearer …)" : "secret of webhooks and return signatures"}, shown this once:\n  ${value}`);
  }
  if (given?.environment === "live" && !publicUrl.startsWith("https://")) console.log(`\nPUBLIC_URL is ${publicUrl}: nobody outside can reach that. Set it, and run this again for the right address.`);
  if (director && directorPassword !== null) console.log(`\npassword of ${director.email}, shown this once: ${directorPassword}\nsign in at ${publicUrl}/admin`);
}
