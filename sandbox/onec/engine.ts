import type { World } from "../core/world.ts";
import { runExchange, uploadFile } from "./exchange.ts";
import { checkauth } from "./session.ts";
import type { WireStep } from "../core/steps.ts";
import type { ExchangeReport, OnecState } from "./state.ts";
import { openWire, type Node1C } from "./wire.ts";

const KEPT_EXCHANGES = 20;

export type OneC = {
  state: OnecState;
  world: World;
  touch(): void;
  /** One press of «Обмен» (two sessions when a fault says so), waiting for a run in progress. */
  exchange(): Promise<ExchangeReport[]>;
  /** «Проверить соединение». */
  check(): Promise<{ ok: boolean; error: string | null; steps: WireStep[] }>;
  /** Uploads any bytes as an order file, for bad input. */
  upload(name: string, bytes: Buffer): Promise<{ ok: boolean; error: string | null; steps: WireStep[] }>;
  reschedule(): void;
  resume(): void;
  forget(): void;
};

export function createOnec(world: World, state: OnecState, touch: () => void): OneC {
  let queue: Promise<unknown> = Promise.resolve();
  let cancelNext: (() => void) | null = null;
  const node = (): Node1C => ({
    url: state.settings.exchangeUrl,
    login: state.settings.login || world.secrets.onec.login,
    password: state.settings.password || world.secrets.onec.password,
    signal: world.closing,
  });

  async function one(die: "before_load" | "after_load" | null, again: ReadonlySet<string> = new Set()): Promise<ExchangeReport> {
    const report = await runExchange(state, node(), { now: world.clock.now, die, again });
    state.exchanges = [report, ...state.exchanges].slice(0, KEPT_EXCHANGES);
    touch();
    world.log("onec", "exchange", { ok: report.ok, error: report.error, uploaded: report.uploaded.length, booked: report.loaded?.booked.length ?? 0 });
    return report;
  }

  async function exchange(): Promise<ExchangeReport[]> {
    const fault = world.faults.take("onec", "die_before_success");
    const die = fault ? (fault.params.loaded ? "after_load" : "before_load") : null;
    if (world.faults.take("onec", "two_at_once")) return Promise.all([one(die), one(null)]);
    const first = await one(die);
    if (!world.faults.take("onec", "repeat_exchange")) return [first];
    const sent = new Set(Object.values(state.orders).filter((o) => first.uploaded.some((u) => u.number === o.siteNumber)).map((o) => o.id));
    return [first, await one(null, sent)];
  }

  async function guarded(work: (wire: ReturnType<typeof openWire>) => Promise<unknown>) {
    let steps: WireStep[] = [];
    try {
      const wire = openWire(node());
      steps = wire.steps;
      await work(wire);
      return { ok: true, error: null, steps };
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : String(error), steps };
    }
  }

  const side: OneC = {
    state,
    world,
    touch,
    exchange() {
      const run = queue.then(exchange);
      queue = run.catch(() => undefined);
      return run;
    },
    check: () => guarded((wire) => checkauth(wire, "catalog", state.settings.withoutSessid)),
    upload: (name, bytes) => guarded((wire) => uploadFile(state, wire, name, bytes)),
    reschedule() {
      cancelNext?.();
      cancelNext = null;
      if (!state.settings.scheduleOn) return;
      cancelNext = world.clock.at(world.clock.now() + state.settings.scheduleSeconds * 1000, () => {
        void side.exchange().finally(() => side.reschedule());
      });
    },
    resume: () => side.reschedule(),
    forget() {
      state.orders = {};
      state.exchanges = [];
      touch();
    },
  };
  return side;
}
