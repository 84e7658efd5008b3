/** The sandbox clock: real time plus an offset a test may move, and timers that run on it. */
export type Clock = {
  now(): number;
  /** Moves the clock; timers that became due run at once. */
  shift(ms: number): void;
  reset(): void;
  offsetMs(): number;
  /** Runs `task` when the sandbox clock reaches `at`. Returns a cancel function. */
  at(at: number, task: () => void): () => void;
  stop(): void;
};

const LONGEST_TIMER_MS = 60_000;

export function createClock(): Clock {
  let offset = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  const tasks = new Set<{ at: number; task: () => void }>();
  const now = () => Date.now() + offset;

  function arm(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    if (stopped || tasks.size === 0) return;
    let next = Infinity;
    for (const t of tasks) next = Math.min(next, t.at);
    timer = setTimeout(run, Math.min(Math.max(next - now(), 0), LONGEST_TIMER_MS));
  }

  function run(): void {
    const due = [...tasks].filter((t) => t.at <= now()).sort((a, b) => a.at - b.at);
    for (const t of due) {
      if (!tasks.delete(t)) continue;
      t.task();
    }
    arm();
  }

  return {
    now,
    shift(ms) {
      offset += ms;
      arm();
    },
    reset() {
      offset = 0;
      arm();
    },
    offsetMs: () => offset,
    at(at, task) {
      const entry = { at, task };
      tasks.add(entry);
      arm();
      return () => {
        tasks.delete(entry);
      };
    },
    stop() {
      stopped = true;
      tasks.clear();
      if (timer) clearTimeout(timer);
    },
  };
}

const MOSCOW_MS = 3 * 3600_000;

/** `YYYY-MM-DD HH:MM:SS` in Moscow time (no daylight saving since 2014). */
export function moscow(ms: number): string {
  return new Date(ms + MOSCOW_MS).toISOString().slice(0, 19).replace("T", " ");
}

/** For people: `21.11.2026 15:05:00`, Moscow time. */
export function humanMoment(ms: number): string {
  return moscow(ms).replace(/^(\d+)-(\d+)-(\d+)/, "$3.$2.$1");
}

/** Moscow `YYYY-MM-DD[ HH:MM:SS]` to epoch milliseconds; null when it is not such a date. */
export function fromMoscow(text: string): number | null {
  const m = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2}))?$/.exec(text);
  if (!m) return null;
  const iso = `${m[1]}-${m[2]}-${m[3]}T${m[4] ?? "00"}:${m[5] ?? "00"}:${m[6] ?? "00"}Z`;
  const ms = Date.parse(iso);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text.slice(0, 10)) return null;
  return ms - MOSCOW_MS;
}
