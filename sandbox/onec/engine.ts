import type { World } from "../core/world.ts";
import { changed, makeLine } from "./orders.ts";
import { readInfo, type SiteLists } from "./unf-exchange.ts";
import { runExchange, uploadFile } from "./exchange.ts";
import { secretsOfBase } from "../core/secrets.ts";
import { checkauth } from "./session.ts";
import type { WireStep } from "../core/steps.ts";
import { freshOnec, type ExchangeReport, type OnecState } from "./state.ts";
import { openWire, type Node1C } from "./wire.ts";

const KEPT_EXCHANGES = 20;

export type OneC = {
  /** `ut`, `unf`: part of the addresses and of the fault switches' `on`. */
  name: string;
  title: string;
  /** Where its pages are: `/onec/`, `/onec/unf/`. */
  path: string;
  state: OnecState;
  login(): string;
  world: World;
  touch(): void;
  /** One press of «Обмен» (two sessions when a fault says so), waiting for a run in progress. */
  exchange(): Promise<ExchangeReport[]>;
  /** «Проверить соединение». */
  check(): Promise<{ ok: boolean; error: string | null; steps: WireStep[] }>;
  /** Uploads any bytes as an order file, for bad input. */
  upload(name: string, bytes: Buffer): Promise<{ ok: boolean; error: string | null; steps: WireStep[] }>;
  /** УНФ: lists for its mapping tables (`mode=info`). */
  info(): Promise<{ ok: boolean; error: string | null; steps: WireStep[]; lists: SiteLists | null }>;
  reschedule(): void;
  resume(): void;
  forget(): void;
};

export function createOnec(world: World, { name, title, path }: Pick<OneC, "name" | "title" | "path">, state: OnecState, touch: () => void): OneC {
  let queue: Promise<unknown> = Promise.resolve();
  let cancelNext: (() => void) | null = null;
  const own = () => (name === "ut" ? world.secrets.onec : secretsOfBase(world.dataDir, world.secrets, name));
  const node = (): Node1C => ({
    url: state.settings.exchangeUrl,
    login: state.settings.login || own().login,
    password: state.settings.password || own().password,
    signal: world.closing,
  });

  async function one(die: "before_load" | "after_load" | null, again: ReadonlySet<string> = new Set()): Promise<ExchangeReport> {
    const report = await runExchange(state, node(), { now: () => world.clock.now() + state.settings.clockShiftSeconds * 1000, die, again });
    state.exchanges = [report, ...state.exchanges].slice(0, KEPT_EXCHANGES);
    meddle(report);
    touch();
    world.log(name === "ut" ? "onec" : `onec ${name}`, "exchange", { ok: report.ok, error: report.error, uploaded: report.uploaded.length, booked: report.loaded?.booked.length ?? 0 });
    return report;
  }

  async function exchange(): Promise<ExchangeReport[]> {
    const fault = world.faults.take("onec", "die_before_success", name);
    const die = fault ? (fault.params.loaded ? "after_load" : "before_load") : null;
    if (world.faults.take("onec", "two_at_once", name)) return Promise.all([one(die), one(null)]);
    const first = await one(die);
    if (!world.faults.take("onec", "repeat_exchange", name)) return [first];
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

  /** What managers do to orders that are paid already. */
  function meddle({ loaded }: ExchangeReport): void {
    for (const { order: number } of loaded?.booked ?? []) {
      const order = Object.values(state.orders).find((one) => one.siteNumber === number);
      if (!order) continue;
      if (world.faults.take("onec", "edit_after_payment", name)) {
        order.lines = order.lines.map((line, i) => (i === 0 ? makeLine(line, line.quantity, line.price + 100_00n, line.discountPercent) : line));
        changed(order);
      }
      if (world.faults.take("onec", "delete_after_payment", name)) {
        Object.assign(order, { deleted: true, posted: false });
        changed(order);
      }
    }
  }

  const side: OneC = {
    name,
    title,
    path,
    state,
    login: () => own().login,
    world,
    touch,
    exchange() {
      const run = queue.then(exchange);
      queue = run.catch(() => undefined);
      return run;
    },
    check: () => guarded((wire) => checkauth(wire, "catalog", state.settings.withoutSessid)),
    upload: (name, bytes) => guarded((wire) => uploadFile(state, wire, name, bytes)),
    async info() {
      let lists: SiteLists | null = null;
      const done = await guarded(async (wire) => {
        lists = await readInfo(state, wire);
      });
      return { ...done, lists };
    },
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
      Object.assign(state, freshOnec(state.settings.configuration), { settings: state.settings });
      touch();
    },
  };
  return side;
}
