/** The direction of imports (style.md 3): a row imports the rows above it. Read from import lines, so that it cannot be argued with. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..");
const skip = new Set(["node_modules", ".next", ".data", ".git", "migrations", "fixtures", "coverage", "test-results"]);

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skip.has(entry.name)) continue;
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* files(at);
    else if (/\.tsx?$/.test(entry.name)) yield at;
  }
}

const capability = (file: string) => path.relative(root, file).split(path.sep);

/** Rows of the table; a lower number may not import a higher one. */
function rowOf(parts: string[]): number | null {
  const [top, second, third] = parts;
  if (top === "db") return second === "seed.ts" || second === "demo" ? 6 : 1;
  if (top === "app" || top === "components" || top === "scripts" || top === "worker.ts" || top === "proxy.ts" || top?.startsWith("instrumentation")) return 6;
  if (top === "simulator") return 6;
  if (top !== "lib" || second === undefined) return null;
  if (second === "kit") return 0;
  if (["context.ts", "events.ts", "version.ts"].includes(second)) return null; // The contract everybody shares: types only.
  if (["auth", "audit", "ledger", "inbox", "jobs", "connections", "settings", "live", "alerts", "evidence", "onec-messages", "conflicts", "exports"].includes(second)) return 1;
  if (second === "acquirers") return third === "registry.ts" ? 1 : 2;
  if (second === "fiscal") return third === "orange-data" || third === "cash-register.ts" ? 2 : 4;
  if (second === "onec") return third === "wire" ? 2 : third === "json" || third === "inbox" ? 5 : 4;
  if (["orders", "payments", "invoices", "shipments", "refunds", "holds", "disputes", "allocations", "documents", "pilot"].includes(second)) return 3;
  if (second === "letters" || second === "feed" || second === "shops") return 4;
  if (second === "reports" || second === "reconciliation" || second === "rehearsal") return 5;
  return 6;
}

type Import = { from: string[]; to: string[]; typeOnly: boolean; line: string };

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"/gms)].flatMap(([line, type, target]) => {
    const resolved = target!.startsWith("@/") ? path.join(root, target!.slice(2)) : target!.startsWith(".") ? path.resolve(path.dirname(file), target!) : null;
    return resolved ? [{ from: capability(file), to: capability(resolved), typeOnly: Boolean(type), line: `${path.relative(root, file)}: ${line.split("\n").pop()}` }] : [];
  });
}

const isTest = (parts: string[]) => /\.test\.tsx?$/.test(parts.at(-1)!) || parts.includes("testing") || parts.includes("scenarios");
const all = [...files(root)].flatMap(importsOf);

test("imports go from lower rows to upper rows only", () => {
  const wrong = all.filter(({ from, to, typeOnly }) => {
    const [a, b] = [rowOf(from), rowOf(to)];
    if (isTest(from) || typeOnly || a === null || b === null) return false;
    // db/schema may import any states.ts; row 1 folders work together; registries join ports and adapters.
    if (from[0] === "db" && /^(states|kinds|results|roles)\.ts$/.test(to.at(-1)!)) return false;
    if (from[1] === "acquirers" && from[2] === "registry.ts") return false;
    if (from[0] === "db" && to[1] === "jobs") return false;
    return b > a;
  });
  expect(wrong.map((i) => i.line)).toEqual([]);
});

test("adapters and wire formats know only the kit and their port", () => {
  const wrong = all.filter(({ from, to }) => {
    if (rowOf(from) !== 2 || isTest(from)) return false;
    const own = from.slice(0, 3).join("/") === to.slice(0, 3).join("/");
    const port = ["lib/acquirers/acquirer.ts", "lib/fiscal/cash-register.ts"].includes(to.join("/"));
    return !own && !port && rowOf(to) !== 0;
  });
  expect(wrong.map((i) => i.line)).toEqual([]);
});

test("the sandbox and the browser tests are strangers, and nothing imports the sandbox", () => {
  const wrong = all.filter(({ from, to }) => {
    const stranger = from[0] === "sandbox" || from[0] === "e2e";
    return (stranger && to[0] !== from[0] && to[0] !== "scripts") || (to[0] === "sandbox" && from[0] !== "sandbox");
  });
  expect(wrong.map((i) => i.line)).toEqual([]);
});
