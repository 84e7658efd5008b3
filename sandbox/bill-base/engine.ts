import type { World } from "../core/world.ts";
import { pollInvoices, sendInvoices, type CodeRun } from "./code.ts";
import { freshBills, type BillRow, type BillRun, type BillState } from "./state.ts";
import type { BaseSecrets } from "../core/secrets.ts";

const RUNS_KEPT = 20;

/** A 1C base that runs the published code for PayKeeper with another host, user and password. */
export type BillBase = {
  state: BillState;
  world: World;
  secrets(): BaseSecrets;
  now(): number;
  touch(): void;
  /** Rows that were not sent; `again` sends every row once more. */
  send(again?: boolean): Promise<BillRun[]>;
  poll(): Promise<BillRun>;
  reschedule(): void;
  forget(): void;
};

export function createBills(world: World, state: BillState, secrets: () => BaseSecrets, touch: () => void): BillBase {
  let queue: Promise<unknown> = Promise.resolve();
  let cancelNext: (() => void) | null = null;
  const now = () => world.clock.now() + state.settings.clockShiftSeconds * 1000;
  const take = (fault: string) => world.faults.take("bills", fault);

  async function work(what: (run: CodeRun) => Promise<void>): Promise<BillRun> {
    const { settings: s } = state;
    const own = secrets();
    const report: BillRun = { at: now(), ok: false, error: null, steps: [], sent: 0, booked: 0 };
    try {
      if (s.siteUrl === "") throw new Error("адрес сайта не задан");
      await what({ state, report, now, take, to: { address: s.siteUrl, login: s.login || own.login, password: s.password || own.password, waitForChallenge: s.waitForChallenge, signal: world.closing } });
      report.ok = true;
    } catch (error) {
      report.error = error instanceof Error ? error.message : String(error);
    }
    state.runs = [report, ...state.runs].slice(0, RUNS_KEPT);
    world.log("bills", "run", { ok: report.ok, error: report.error, sent: report.sent, booked: report.booked });
    touch();
    return report;
  }

  async function send(again: boolean): Promise<BillRun[]> {
    const rows: BillRow[] = again ? [...state.rows] : state.rows.filter((row) => !row.isSent);
    const once = () => work((run) => sendInvoices(run, rows));
    if (take("two_at_once")) return Promise.all([once(), once()]);
    const first = await once();
    return take("repeat_run") ? [first, await once()] : [first];
  }

  const inTurn = <T>(what: () => Promise<T>): Promise<T> => {
    const run = queue.then(what);
    queue = run.catch(() => undefined);
    return run;
  };

  const base: BillBase = {
    state,
    world,
    secrets,
    now,
    touch,
    send: (again = false) => inTurn(() => send(again)),
    poll: () => inTurn(() => work(pollInvoices)),
    reschedule() {
      cancelNext?.();
      cancelNext = null;
      if (!state.settings.scheduleOn) return;
      cancelNext = world.clock.at(world.clock.now() + state.settings.scheduleSeconds * 1000, () => {
        void base.send().then(() => base.poll()).finally(() => base.reschedule());
      });
    },
    forget() {
      Object.assign(state, freshBills(), { settings: state.settings });
      touch();
    },
  };
  return base;
}
