import { randomBytes } from "node:crypto";
import { expect, inject, test } from "vitest";
import { openClient } from "@/db/open-client.ts";
import { runLane } from "./run-lane.ts";

/** Lives share two processors with the rest of the tests: a limit for one that hangs, no measurement. */
const LIFE_MS = 2_400_000;
const ORDERS = 600;

async function live(seed: number) {
  const given = inject("testDatabase") as { adminUrl: string; template: string };
  const name = `t_sim_${seed}_${randomBytes(4).toString("hex")}`;
  const admin = openClient(given.adminUrl, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database "${name}" template "${given.template}"`);
  const url = new URL(given.adminUrl);
  url.pathname = `/${name}`;
  try {
    return await runLane(url.href, seed, ORDERS);
  } finally {
    await admin.unsafe(`drop database if exists "${name}" with (force)`);
    await admin.end({ timeout: 2 });
  }
}

/** One test a seed, side by side. Two files of them, so that two processes share the work. Longer by hand: `npm run simulate` (docs/simulator.md). */
export function liveThrough(seeds: readonly number[]): void {
  for (const seed of seeds) {
    test.concurrent(`no kopeck, receipt or document of 1C is lost or doubled in the life of seed ${seed}`, { timeout: LIFE_MS }, async () => {
      const { findings, payments } = await live(seed);
      expect(findings).toEqual([]);
      expect(payments).toBeGreaterThan(300);
    });
  }
}
