// Finds a Chromium that really starts (stack.md 8): named by the environment, bundled in npm, installed, Playwright's own.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { root } from "./environment.mjs";

const require = createRequire(import.meta.url);
const installed = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const works = (executable, env = {}) =>
  Boolean(executable) && fs.existsSync(executable) && spawnSync(executable, ["--version"], { env: { ...process.env, ...env }, timeout: 15_000 }).status === 0;

/** @sparticuz/chromium unpacks into the temp folder and trusts what lies there: it gets a folder of ours. */
async function bundled() {
  if (process.platform !== "linux" || process.arch !== "x64") return null;
  const folder = path.join(root, "node_modules/.cache/chromium");
  fs.mkdirSync(folder, { recursive: true });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const { default: chromium, inflate } = await import("@sparticuz/chromium");
    const executable = await chromium.executablePath();
    if (works(executable)) return { executable, env: {} };
    // System libraries are missing: the package brings them too.
    await inflate(path.join(path.dirname(require.resolve("@sparticuz/chromium")), "../bin/al2023.tar.br"));
    const env = { LD_LIBRARY_PATH: path.join(folder, "al2023/lib"), FONTCONFIG_PATH: path.join(folder, "fonts") };
    return works(executable, env) ? { executable, env } : null;
  } catch (error) {
    console.error(`bundled Chromium: ${error.message}`);
    return null;
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/** { executable, env }. Throws with the command to run when there is none: browser tests are never skipped. */
export async function findChromium() {
  if (process.env.E2E_CHROMIUM) return { executable: process.env.E2E_CHROMIUM, env: {} };
  const own = await bundled();
  if (own) return own;
  for (const executable of installed) if (works(executable)) return { executable, env: {} };
  const { chromium } = await import("@playwright/test");
  if (works(chromium.executablePath())) return { executable: chromium.executablePath(), env: {} };
  throw new Error("no browser for the browser tests: run `apt-get install -y chromium`, or set E2E_CHROMIUM to an installed one");
}
