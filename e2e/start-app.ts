/** Starts a whole copy of Kopeyka as a new user would, on free ports and an empty data folder, and stops it at the end. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const START_LIMIT_MS = 300_000;
const root = path.resolve(import.meta.dirname, "..");

/** Three ports in a row that nobody listens on. */
async function freePorts(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const base = 20_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all([0, 1, 2].map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error("no three free ports in a row");
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => {
      const { port: got } = probe.address() as AddressInfo;
      probe.close(() => resolve(got === port));
    });
  });

export default async function startApp(): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "kopeyka-e2e-"));
  const [web] = [await freePorts()];
  const sandbox = await freePorts();
  const env = { ...process.env, PORT: String(web), SANDBOX_PORT: String(sandbox), DATA_DIR: dataDir, LOG_LEVEL: "error" };
  delete (env as Record<string, string | undefined>)["DATABASE_URL"];
  const app = spawn(process.execPath, ["scripts/start.mjs"], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ended = new Promise<void>((resolve) => app.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the app did not start:\n${said}`)), START_LIMIT_MS);
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-20_000);
      if (!/^ready http/m.test(said)) return;
      clearTimeout(timer);
      resolve();
    };
    app.stdout.on("data", listen);
    app.stderr.on("data", listen);
    app.once("exit", (code) => reject(new Error(`the app ended with ${code}:\n${said}`)));
  });
  process.env["E2E_WEB"] = `http://127.0.0.1:${web}`;
  process.env["E2E_DATA_DIR"] = dataDir;
  process.env["E2E_APP_PID"] = String(app.pid);
  return async () => {
    app.kill("SIGTERM");
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  };
}
