/** A few thousand orders on fixed seeds in a world of faults. Longer by hand: `npm run simulate` (docs/simulator.md). */
import { randomBytes } from "node:crypto";
import { expect, inject, test } from "vitest";
import { openClient } from "@/db/socket.ts";
import { runLane } from "./run-lane.ts";

/** Five lives share two processors with the rest of the tests: a limit for one that hangs, no measurement. */
const LIFE_MS = 2_400_000;

async function live(seed: number, orders: number) {
  const given = inject("testDatabase") as { adminUrl: string; template: string };
  const name = `t_sim_${seed}_${randomBytes(4).toString("hex")}`;
  const admin = openClient(given.adminUrl, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database "${name}" template "${given.template}"`);
  const url = new URL(given.adminUrl);
  url.pathname = `/${name}`;
  try {
    return await runLane(url.href, seed, orders);
  } finally {
    await admin.unsafe(`drop database if exists "${name}" with (force)`);
    await admin.end({ timeout: 2 });
  }
}

for (const seed of [11, 12, 13, 14, 15]) {
  test.concurrent(`no kopeck, receipt or document of 1C is lost or doubled in the life of seed ${seed}`, { timeout: LIFE_MS }, async () => {
    const { findings, payments } = await live(seed, 600);
    expect(findings).toEqual([]);
    expect(payments).toBeGreaterThan(300);
  });
}
