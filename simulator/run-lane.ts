import { watchAlerts } from "@/lib/alerts/watch-alerts.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { createAgenda } from "./agenda.ts";
import { createBuyers } from "./buyers.ts";
import type { Event as BuyerEvent } from "./buyers.ts";
import { findLosses } from "./checks.ts";
import type { Finding } from "./checks.ts";
import { ProcessCrash } from "./crash.ts";
import { createWorker } from "./jobs.ts";
import { createStaff } from "./staff.ts";
import { createOnec } from "./onec.ts";
import type { OnecOrder } from "./onec.ts";
import { SIMULATION_START, openWorld } from "./world.ts";
import type { World } from "./world.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** So many orders a shop chain gets on one simulated day. */
const ORDERS_PER_DAY = 3_000;
/** Time for everything to come to rest after the last order. */
const REST_MS = 12 * DAY;
const ROUNDS_MAX = 40_000_000;

type Event = BuyerEvent | { kind: "order" } | { kind: "edit"; order: OnecOrder } | { kind: "ship"; order: OnecOrder } | { kind: "drop"; order: OnecOrder; how: "cancelled" | "deleted" } | { kind: "exchange" } | { kind: "sweep" } | { kind: "staff" } | { kind: "night" } | { kind: "peace" };

export type LaneReport = { seed: number; orders: number; findings: Finding[]; crashes: number; failedJobs: number; payments: number; facts: number; receipts: number; virtualDays: number };

/** Lives through `orders` orders of one lane and looks for what was lost. The same seed and number give the same life. */
export async function runLane(databaseUrl: string, seed: number, orders: number): Promise<LaneReport> {
  const world = await openWorld(databaseUrl, seed);
  try {
    return await live(world, seed, orders);
  } finally {
    await world.close();
  }
}

async function live(world: World, seed: number, orders: number): Promise<LaneReport> {
  const { clock, random, faults } = world;
  const agenda = createAgenda<Event>();
  const plan = (afterMs: number, event: Event) => agenda.add(clock.nowMs + afterMs, event);
  const buyers = createBuyers(world, plan);
  const onec = createOnec(world, () => buyers.payNow());
  const worker = createWorker(world);
  const staff = createStaff(world);
  const span = Math.max(DAY / 4, Math.round((orders / ORDERS_PER_DAY) * DAY));
  for (let i = 0; i < orders; i++) agenda.add(SIMULATION_START + random.below(span), { kind: "order" });
  const peaceAt = SIMULATION_START + span + DAY;
  const endAt = peaceAt + REST_MS;
  agenda.add(peaceAt, { kind: "peace" });
  agenda.add(SIMULATION_START, { kind: "exchange" });
  agenda.add(SIMULATION_START, { kind: "sweep" });
  agenda.add(SIMULATION_START + 90 * MINUTE, { kind: "staff" });
  agenda.add(SIMULATION_START + 17 * 60 * MINUTE, { kind: "night" });

  async function on(event: Event): Promise<void> {
    switch (event.kind) {
      case "order": {
        const order = onec.makeOrder();
        if (random.chance(0.93)) plan(random.between(20, 240) * MINUTE, { kind: "attempt", order, tries: 0 });
        if (random.chance(0.15)) plan(random.between(20, 900) * MINUTE, { kind: "edit", order });
        if (random.chance(0.04)) plan(random.between(20, 900) * MINUTE, { kind: "drop", order, how: random.chance(0.3) ? "deleted" : "cancelled" });
        if (random.chance(0.4)) plan(random.between(600, 2_000) * MINUTE, { kind: "ship", order });
        return;
      }
      case "edit":
        return onec.edit(event.order);
      case "ship":
        if (event.order.isGone) return;
        event.order.isShipped = true;
        return onec.setState(event.order, { shipped: { number: `РТ-${event.order.draft.number}`, dateLocal: null } });
      case "drop":
        if (event.order.isShipped) return;
        event.order.isGone = true;
        return onec.setState(event.order, event.how === "deleted" ? { deleted: true } : { cancelled: true });
      case "exchange":
        plan((faults.isOn ? random.between(5, 25) : 120) * MINUTE, { kind: "exchange" });
        return onec.exchange();
      case "sweep":
        plan((faults.isOn ? 5 : 60) * MINUTE, { kind: "sweep" });
        return alone(async () => {
          await sweep(world.ctx);
          await watchAlerts(world.ctx);
        });
      case "staff":
        plan((faults.isOn ? 120 : 360) * MINUTE, { kind: "staff" });
        return staff.work();
      case "night":
        plan(DAY, { kind: "night" });
        for (const payment of world.bank.payments.values()) if (faults.isOn && random.chance(0.008)) world.bank.refundInCabinet(payment, BigInt(1 + random.below(Number(payment.amountKopecks))));
        return worker.cron();
      case "peace":
        faults.isOn = false;
        return;
      default:
        return buyers.on(event);
    }
  }

  async function alone(work: () => Promise<void>): Promise<void> {
    world.crashes.arm(faults.isOn && random.chance(0.01) ? random.between(1, 40) : null);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProcessCrash) && !world.crashes.isDead()) throw error;
    } finally {
      world.crashes.arm(null);
    }
  }

  for (let round = 0; ; round++) {
    if (round > ROUNDS_MAX) throw new Error("the simulation never comes to rest");
    const jobAt = await worker.nextAt();
    const eventAt = agenda.nextAt();
    const next = Math.min(jobAt ?? Infinity, eventAt ?? Infinity);
    if (next > endAt) break;
    clock.nowMs = Math.max(clock.nowMs, next);
    if (eventAt !== null && eventAt <= clock.nowMs && (jobAt === null || eventAt <= jobAt)) await on(agenda.take());
    else await worker.runDue(20);
  }
  clock.nowMs = endAt;
  const { findings, counts } = await findLosses(world, onec);
  const { crashed, failed } = worker.counts();
  return { seed, orders, findings, crashes: crashed, failedJobs: failed, virtualDays: Math.round((endAt - SIMULATION_START) / DAY), ...counts };
}
