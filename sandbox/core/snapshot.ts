import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const DEBOUNCE_MS = 300;

/** A JSON file that follows in-memory state: written late, replaced atomically, bigint as {"$n":"…"}. */
export type Snapshot<T> = { state: T; touch(): void; flush(): void };

export function openSnapshot<T extends object>(file: string, fresh: () => T): Snapshot<T> {
  const state = { ...fresh(), ...load<T>(file) };
  let timer: NodeJS.Timeout | null = null;
  function flush(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    mkdirSync(dirname(file), { recursive: true });
    const part = `${file}.part`;
    writeFileSync(part, encode(state), { mode: 0o600 });
    renameSync(part, file);
  }
  return {
    state,
    touch() {
      timer ??= setTimeout(() => {
        timer = null;
        try {
          flush();
        } catch (error) {
          process.stderr.write(`sandbox: cannot save ${file}: ${String(error)}\n`);
        }
      }, DEBOUNCE_MS);
    },
    flush,
  };
}

function load<T>(file: string): Partial<T> {
  try {
    return JSON.parse(readFileSync(file, "utf8"), (_key, value: unknown) =>
      typeof value === "object" && value !== null && "$n" in value && typeof value.$n === "string" ? BigInt(value.$n) : value,
    ) as Partial<T>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") process.stderr.write(`sandbox: ${file} is unreadable, starting empty\n`);
    return {};
  }
}

function encode(state: unknown): string {
  return JSON.stringify(state, (_key, value: unknown) => (typeof value === "bigint" ? { $n: value.toString() } : value));
}
