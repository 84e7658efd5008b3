import { createClock, moscow, type Clock } from "./clock.ts";
import { createFaults, type Faults } from "./faults.ts";
import type { Secrets } from "./secrets.ts";

export type LogEntry = { at: string; side: string; event: string; detail: Record<string, unknown> };

/** What every side of the sandbox shares. */
export type World = {
  dataDir: string;
  clock: Clock;
  faults: Faults;
  secrets: Secrets;
  /** Base address of the plain HTTP port, known once it listens. */
  baseUrl: string;
  /** Aborted on close: outgoing calls stop. */
  closing: AbortSignal;
  log(side: string, event: string, detail?: Record<string, unknown>): void;
  entries(): LogEntry[];
  clearLog(): void;
};

const LOG_LENGTH = 500;

export function createWorld(dataDir: string, secrets: Secrets, closing: AbortSignal): World {
  const clock = createClock();
  let log: LogEntry[] = [];
  return {
    dataDir,
    clock,
    faults: createFaults(clock.now),
    secrets,
    baseUrl: "",
    closing,
    log(side, event, detail = {}) {
      log.push({ at: moscow(clock.now()), side, event, detail });
      if (log.length > LOG_LENGTH) log = log.slice(-LOG_LENGTH);
    },
    entries: () => log,
    clearLog: () => {
      log = [];
    },
  };
}
