// `npm test`: types, lint, unit, database, contract, scenario and browser tests. Each step's time is printed; the first
// failure ends the run with its exit code.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { findChromium } from "./lib/chromium.mjs";
import { fail, root } from "./lib/environment.mjs";

process.chdir(root);
const only = process.argv[2] ?? null;
const bin = (name) => path.join(root, "node_modules/.bin", name);

// Found first: a machine without a browser should say so at once, not after ten minutes.
let browser = null;
if (only === null || only === "e2e") {
  try {
    browser = await findChromium();
  } catch (error) {
    fail(error.message);
  }
}

const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
const steps = [
  { name: "types", command: bin("tsc"), args: ["--noEmit", "-p", "."] },
  { name: "lint", command: bin("oxlint"), args: ["--type-aware", "--deny-warnings"] },
  { name: "vitest", command: bin("vitest"), args: ["run"] },
  {
    name: "e2e",
    command: bin("playwright"),
    args: ["test"],
    env: browser && { E2E_CHROMIUM: browser.executable, E2E_CHROMIUM_ENV: JSON.stringify(browser.env) },
  },
];

// Next writes its route types at the first build; type checking needs the file that names them.
spawnSync(process.execPath, [path.join(root, "node_modules/next/dist/bin/next"), "typegen"], { stdio: "ignore", env });

for (const step of steps) {
  if (only !== null && only !== step.name) continue;
  const started = Date.now();
  console.log(`\n— ${step.name}`);
  const done = spawnSync(step.command, step.args, { stdio: "inherit", env: { ...env, ...step.env }, shell: process.platform === "win32" });
  console.log(`— ${step.name}: ${done.status === 0 ? "passed" : "FAILED"} in ${Math.round((Date.now() - started) / 1000)} s`);
  if (done.status !== 0) process.exit(done.status ?? 1);
}
