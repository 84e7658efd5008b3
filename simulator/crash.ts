/** Our process dies between any two steps: the next await after the chosen one never happens, and neither does any later one. */
import type { Database, Sql, Tx } from "@/db/index.ts";

/** Thrown in place of the step that was never done. Verbs may catch it as they would any error; a dead process does nothing more. */
export class ProcessCrash extends Error {
  constructor() {
    super("the simulated process died here");
    this.name = "ProcessCrash";
  }
}

export type Crashes = {
  /** The process dies at its n-th next step; null = it lives. */
  arm(steps: number | null): void;
  /** A step: throws when it is the last one or the process is dead. */
  step(): void;
  isDead(): boolean;
};

export function createCrashes(): Crashes {
  let left: number | null = null;
  let dead = false;
  return {
    arm(steps) {
      left = steps;
      dead = false;
    },
    step() {
      if (!dead && left !== null && --left <= 0) dead = true;
      if (dead) throw new ProcessCrash();
    },
    isDead: () => dead,
  };
}

/** The database as a process sees it that may die before any statement, at a commit, or right after it. */
export function mortalDatabase(database: Database, crashes: Crashes): Database {
  return { ...database, sql: mortal(database.sql, crashes), doorSql: mortal(database.doorSql, crashes) };
}

function survives(crashes: Crashes): boolean {
  try {
    crashes.step();
    return true;
  } catch {
    return false;
  }
}

/** A statement of a dead process. It fails when somebody waits for it, and not before: a throw at once would leave other promises of the same line alone. */
const neverSent = {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what a statement of postgres.js is
  then: (_done: unknown, failed?: (error: unknown) => unknown) => Promise.reject(new ProcessCrash()).then(undefined, failed),
  catch: (failed: (error: unknown) => unknown) => Promise.reject(new ProcessCrash()).catch(failed),
  finally: (last: () => void) => Promise.reject(new ProcessCrash()).finally(last),
};

function mortal<T extends Sql | Tx>(client: T, crashes: Crashes): T {
  return new Proxy(client, {
    apply(target, self, given: unknown[]) {
      // Only a template is a statement; sql("name") quotes an identifier.
      if (Array.isArray(given[0]) && "raw" in given[0] && !survives(crashes)) return neverSent;
      return Reflect.apply(target as unknown as (...args: unknown[]) => unknown, self, given);
    },
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key !== "begin" || typeof value !== "function") return value;
      return async (...given: unknown[]) => {
        const work = given.pop() as (tx: Tx) => Promise<unknown>;
        const begin = value as (...args: unknown[]) => Promise<unknown>;
        const result = await begin(...given, async (tx: Tx) => {
          const done = await work(mortal(tx, crashes));
          crashes.step();
          return done;
        });
        crashes.step();
        return result;
      };
    },
  });
}
