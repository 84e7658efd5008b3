import type { Fault } from "../core/faults.ts";
import type { Connection1C } from "../core/platform.ts";
import type { BaseSecrets } from "../core/secrets.ts";
import type { WireStep } from "../core/steps.ts";
import { textField } from "../core/structure.ts";
import type { World } from "../core/world.ts";
import { fetchChanges, meddle, sendOrders, type Run } from "./exchange.ts";
import { openSite, PREFIX, type Site } from "./site.ts";
import { freshJsonBase, type JsonBaseState, type RunReport } from "./state.ts";

const RUNS_KEPT = 20;
const ERROR_SHOWN = 500;

/** One 1C base whose programmer wrote an extension against the JSON exchange. */
export type JsonBase = {
  name: string;
  state: JsonBaseState;
  world: World;
  secrets(): BaseSecrets;
  /** The base's own clock, which may be wrong. */
  now(): number;
  take(fault: string): Fault | null;
  touch(): void;
  /** One run of the scheduled job: orders out, changes in. Two runs when a switch says so. */
  exchange(): Promise<RunReport[]>;
  /** «Проверить соединение»: GET /ping. */
  ping(): Promise<{ ok: boolean; error: string | null; steps: WireStep[]; answer: unknown }>;
  /** Reads again from a cursor, acknowledging nothing. */
  reread(since: string): Promise<RunReport>;
  /** Any other work with the site, in a run of its own. */
  work(what: (run: Run) => Promise<void>): Promise<RunReport>;
  reschedule(): void;
  forget(): void;
};

export function createJsonBase(world: World, name: string, state: JsonBaseState, secrets: () => BaseSecrets, touch: () => void): JsonBase {
  let queue: Promise<unknown> = Promise.resolve();
  let cancelNext: (() => void) | null = null;
  const now = () => world.clock.now() + state.settings.clockShiftSeconds * 1000;
  const take = (fault: string) => world.faults.take("json", fault, name);

  function openOne(): { site: Site; report: RunReport; run: Run } {
    const { settings: s } = state;
    const own = secrets();
    const to: Connection1C = {
      address: s.siteUrl, login: s.login || own.login, password: s.password || own.password, token: s.token, waitForChallenge: s.waitForChallenge, loginEncoding: s.loginEncoding,
      timeoutSeconds: 60, signal: world.closing,
    };
    const site = openSite(to, s);
    const report: RunReport = { at: now(), ok: false, error: null, steps: site.steps, sent: [], booked: [], known: 0, warnings: site.warnings };
    return { site, report, run: { state, site, report, now, take } };
  }

  async function work(what: (run: Run) => Promise<void>): Promise<RunReport> {
    const { report, run } = openOne();
    try {
      if (state.settings.siteUrl === "") throw new Error("адрес сайта не задан");
      await what(run);
      report.ok = true;
    } catch (error) {
      report.error = (error instanceof Error ? error.message : String(error)).slice(0, ERROR_SHOWN);
    }
    meddle(run);
    state.runs = [report, ...state.runs].slice(0, RUNS_KEPT);
    world.log(`json ${name}`, "exchange", { ok: report.ok, error: report.error, sent: report.sent.length, booked: report.booked.length, known: report.known });
    touch();
    return report;
  }

  const job = () =>
    work(async (run) => {
      await sendOrders(run);
      await fetchChanges(run);
    });

  async function exchange(): Promise<RunReport[]> {
    if (take("two_at_once")) return Promise.all([job(), job()]);
    const first = await job();
    if (!take("repeat_exchange")) return [first];
    return [first, await work((run) => fetchChanges(run, "0"))];
  }

  const base: JsonBase = {
    name,
    state,
    world,
    secrets,
    now,
    take,
    touch,
    work,
    exchange() {
      const run = queue.then(exchange);
      queue = run.catch(() => undefined);
      return run;
    },
    async ping() {
      const { site } = openOne();
      try {
        const answer = await site.get(`${PREFIX}/ping`);
        textField(answer, "name");
        textField(answer, "time");
        return { ok: answer.ok === true, error: null, steps: site.steps, answer };
      } catch (error) {
        return { ok: false, error: error instanceof Error ? error.message : String(error), steps: site.steps, answer: null };
      }
    },
    reread: (since) => work((run) => fetchChanges(run, since)),
    reschedule() {
      cancelNext?.();
      cancelNext = null;
      if (!state.settings.scheduleOn) return;
      cancelNext = world.clock.at(world.clock.now() + state.settings.scheduleSeconds * 1000, () => {
        void base.exchange().finally(() => base.reschedule());
      });
    },
    forget() {
      Object.assign(state, freshJsonBase(state.title, state.prefix), { settings: state.settings });
      touch();
    },
  };
  return base;
}
