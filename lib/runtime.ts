/** Puts the parts of a running process together: database, clock, keys, queue. Web and worker both start here. */
import { getDatabase, openDatabase } from "@/db/index.ts";
import type { Database } from "@/db/index.ts";
import type { Actor, Ctx } from "@/lib/context.ts";
import { enqueueWith, jobWriteWith, startSender } from "@/lib/jobs/index.ts";
import { requireEnv } from "@/lib/kit/env.ts";
import { createLogger } from "@/lib/kit/log.ts";
import { createSecretBox } from "@/lib/kit/secret-box.ts";
import { DEFAULT_ZONE } from "@/lib/kit/time.ts";
import { createHinter } from "@/lib/live/index.ts";
import { announce } from "@/lib/reactions.ts";

export type Runtime = { ctx: Ctx; close(): Promise<void> };

async function start(database: Database, processName: string): Promise<Runtime> {
  const boss = await startSender(database.url);
  const hinter = createHinter(database.url);
  const ctx: Ctx = {
    database,
    now: () => new Date(),
    zone: process.env["SHOP_ZONE"] ?? DEFAULT_ZONE,
    actor: { kind: "system" },
    log: createLogger(processName),
    secrets: createSecretBox(requireEnv("KOPEYKA_SECRET_KEYS")),
    publicUrl: requireEnv("PUBLIC_URL").replace(/\/+$/, ""),
    enqueue: enqueueWith(boss),
    jobWrite: jobWriteWith(boss),
    announce,
    hint: hinter.hint,
  };
  return {
    ctx,
    async close() {
      await Promise.allSettled([hinter.close(), boss.stop({ graceful: false, close: true })]);
      await database.close();
    },
  };
}

const SLOT = Symbol.for("kopeyka.runtime");

/** The context of this process, made once; Next's bundles share it through globalThis (stack.md 1.4). */
export async function getContext(actor: Actor = { kind: "system" }): Promise<Ctx> {
  const holder = globalThis as { [SLOT]?: Promise<Runtime> | undefined };
  holder[SLOT] ??= start(getDatabase(), process.env["KOPEYKA_PROCESS"] ?? "web").catch((error: unknown) => {
    // A database that was away at the first request must not poison the process for ever.
    holder[SLOT] = undefined;
    throw error;
  });
  const { ctx } = await holder[SLOT];
  return { ...ctx, actor };
}

/** Closes what `getContext` opened, at the end of the process. */
export async function closeContext(): Promise<void> {
  const runtime = await (globalThis as { [SLOT]?: Promise<Runtime> | undefined })[SLOT]?.catch(() => undefined);
  await runtime?.close();
}

/** A runtime of its own, for commands and the worker; the caller closes it. */
export const openRuntime = (url: string, processName: string): Promise<Runtime> => start(openDatabase(url, { applicationName: `kopeyka-${processName}` }), processName);
