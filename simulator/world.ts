/** One lane of the simulation: real verbs on a real database, with a virtual clock, a mortal process and a simulated outside. */
import { pino } from "pino";
import { openDatabase } from "@/db/index.ts";
import type { Tx } from "@/db/index.ts";
import { standInForAcquirer } from "@/lib/acquirers/registry.ts";
import type { Ctx } from "@/lib/context.ts";
import { standInForRegister } from "@/lib/fiscal/registry.ts";
import type { JobData, QueueName } from "@/lib/jobs/index.ts";
import { createSecretBox } from "@/lib/kit/secret-box.ts";
import { seededRandom } from "@/lib/kit/seeded-random.ts";
import type { SeededRandom } from "@/lib/kit/seeded-random.ts";
import { DEFAULT_ZONE } from "@/lib/kit/time.ts";
import { announce } from "@/lib/reactions.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { aRegister, aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { createBank } from "./bank.ts";
import type { Bank, Faults } from "./bank.ts";
import { createCrashes, mortalDatabase } from "./crash.ts";
import type { Crashes } from "./crash.ts";
import { createRegister } from "./register.ts";
import type { Register } from "./register.ts";

export type World = {
  /** The mortal process. */
  ctx: Ctx;
  /** Outside of it: the eyes of the simulation and what keeps running while the process is dead. */
  eyes: Ctx;
  clock: { nowMs: number };
  random: SeededRandom;
  crashes: Crashes;
  faults: Faults;
  bank: Bank;
  register: Register;
  shop: TestShop;
  /** Odd seeds: money goes back to 1C by JSON (`changes` and `ack`), even ones: by the stock exchange. */
  isJson: boolean;
  acquirer: { connectionId: string; door: string };
  staff: { accountant: Ctx; director: Ctx; manager: Ctx };
  close(): Promise<void>;
};

export const SIMULATION_START = Date.parse("2026-11-02T06:00:00Z");

/** Our jobs as a table of their own: pg-boss sleeps in real time, this world has another one. Committed with the verb, as there. */
async function makeJobTable(ctx: Ctx): Promise<void> {
  await ctx.database.sql.unsafe(`create table if not exists simulated_jobs (id bigint generated always as identity primary key, name text not null, data jsonb not null, start_after timestamptz not null, tries int not null default 0);
    create index if not exists simulated_jobs_due on simulated_jobs (start_after, id)`);
}

export async function openWorld(databaseUrl: string, seed: number): Promise<World> {
  const url = new URL(databaseUrl);
  // A lane is small and lives by the same few hundred statements: planning each anew took a quarter of its life.
  url.searchParams.set("plan_cache_mode", "force_generic_plan");
  const database = openDatabase(url.href, { maxConnections: 4, applicationName: "kopeyka-simulator" });
  const clock = { nowMs: SIMULATION_START };
  const now = () => new Date(clock.nowMs);
  const random = seededRandom(seed);
  const crashes = createCrashes();
  const faults: Faults = { isOn: true };
  const jobWrite = <Q extends QueueName>(tx: Tx, name: Q, data: JobData[Q], options: { startAfter?: Date } = {}) =>
    tx`insert into simulated_jobs (name, data, start_after) values (${name}, ${JSON.stringify(data)}::text::jsonb, ${options.startAfter ?? now()})`;
  const eyes: Ctx = {
    database,
    now,
    zone: DEFAULT_ZONE,
    actor: { kind: "system" },
    log: pino({ level: process.env["SIMULATOR_LOG"] ?? "silent" }),
    secrets: createSecretBox(`sim:${Buffer.alloc(32, 9).toString("base64")}`),
    publicUrl: "https://pay.test",
    enqueue: async (tx, name, data, options) => void (await jobWrite(tx, name, data, options)),
    // Wrapped, because awaiting a bare write would send it.
    jobWrite: (tx, name, data, options) => Promise.resolve({ write: jobWrite(tx, name, data, options) }),
    announce,
    hint: () => undefined,
  };
  await makeJobTable(eyes);
  // Links of a day: an attempt that nobody pays is asked about until a day after its link.
  await database.sql`insert into settings (key, value, updated_at) values ('link.validDays', '1'::jsonb, ${now()})`;
  const isJson = seed % 2 === 1;
  const shop = await aShop({ ctx: eyes }, isJson ? { onecSettings: { doors: ["commerceml", "json"], moneyChannel: "json" } } : {});
  const acquirer = await anAcquirer({ ctx: eyes }, { sellerOrgId: shop.sellerOrgId });
  const { connectionId: registerId } = await aRegister({ ctx: eyes }, { sellerOrgId: shop.sellerOrgId });
  const bank = createBank(random, now, crashes, faults);
  const register = createRegister(random, now, crashes, faults);
  standInForAcquirer(acquirer.connectionId, bank.port);
  standInForRegister(registerId, register.port);
  const ctx: Ctx = { ...eyes, database: mortalDatabase(database, crashes) };
  const acting = async (role: "accountant" | "director" | "manager") => ({ ...(await aStaff({ ctx: eyes }, { role, storeId: role === "manager" ? shop.storeId : null })).ctx, database: ctx.database });
  const staff = { accountant: await acting("accountant"), director: await acting("director"), manager: await acting("manager") };
  return { ctx, eyes, clock, random, crashes, faults, bank, register, shop, isJson, acquirer, staff, close: () => database.close() };
}
