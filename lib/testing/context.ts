/** A context on a database of its own, with a clock that stands still until the test moves it. */
import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { inject } from "vitest";
import { openDatabase } from "@/db/index.ts";
import { openClient } from "@/db/open-client.ts";
import type { Ctx } from "@/lib/context.ts";
import { enqueueWith, jobWriteWith, startSender } from "@/lib/jobs/index.ts";
import { createSecretBox } from "@/lib/kit/secret-box.ts";
import { DEFAULT_ZONE, addMs } from "@/lib/kit/time.ts";
import { announce } from "@/lib/reactions.ts";

export type FakeClock = { now(): Date; set(to: Date | string): void; advance(ms: number): void };

export type TestContext = {
  ctx: Ctx;
  clock: FakeClock;
  /** Orders hinted so far, oldest first. */
  hints: string[];
  /** Drops the database. Call it in `afterAll`. */
  close(): Promise<void>;
};

/** Saturday noon in Moscow: 09:00 UTC. */
export const TEST_NOW = "2026-11-21T09:00:00Z";

export function createFakeClock(start: string = TEST_NOW): FakeClock {
  let instant = new Date(start);
  return {
    now: () => new Date(instant),
    set: (to) => void (instant = new Date(to)),
    advance: (ms) => void (instant = addMs(instant, ms)),
  };
}

/** Call it once per test file, in `beforeAll`; the file must be named `*.db.test.ts`. About 0.2 s. */
export async function openTestContext(): Promise<TestContext> {
  const given = inject("testDatabase") as { adminUrl: string; template: string } | undefined;
  if (!given) throw new Error("a test of the database must be named *.db.test.ts (vitest.config.ts)");
  const name = `t_${process.env["VITEST_POOL_ID"] ?? "0"}_${randomBytes(6).toString("hex")}`;
  const admin = openClient(given.adminUrl, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database "${name}" template "${given.template}"`);
  const url = new URL(given.adminUrl);
  url.pathname = `/${name}`;
  const database = openDatabase(url.href, { maxConnections: 12, applicationName: "kopeyka-test" });
  const boss = await startSender(url.href);
  const enqueue = enqueueWith(boss);
  const jobWrite = jobWriteWith(boss);
  const clock = createFakeClock();
  const hints: string[] = [];
  const ctx: Ctx = {
    database,
    now: clock.now,
    zone: DEFAULT_ZONE,
    actor: { kind: "system" },
    log: pino({ level: process.env["TEST_LOG"] ?? "silent" }),
    secrets: createSecretBox(`test:${Buffer.alloc(32, 7).toString("base64")}`),
    publicUrl: "https://pay.test",
    // The queue's own default is the server's clock, which knows nothing of ours.
    enqueue: (tx, queue, data, options = {}) => enqueue(tx, queue, data, { startAfter: options.startAfter ?? clock.now() }),
    jobWrite: (tx, queue, data, options = {}) => jobWrite(tx, queue, data, { startAfter: options.startAfter ?? clock.now() }),
    announce,
    hint: (orderId) => void hints.push(orderId),
  };
  return {
    ctx,
    clock,
    hints,
    async close() {
      await boss.stop({ graceful: false, close: true });
      await database.close();
      await admin.unsafe(`drop database if exists "${name}" with (force)`);
      await admin.end({ timeout: 2 });
    },
  };
}
