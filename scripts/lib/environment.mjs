// Where this copy runs: ports, folders, keys. Shared by start, test, bench and commands.
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

export function fail(text) {
  console.error(`kopeyka: ${text}`);
  process.exit(1);
}

function whole(name, fallback, what, max) {
  const value = Number(process.env[name] ?? fallback);
  if (!Number.isInteger(value) || value < 1 || value > max) fail(`${name} must be ${what}, not «${process.env[name]}»`);
  return value;
}
const port = (name, fallback) => whole(name, fallback, "a port number", 65_533);

/** Settings of this copy. The sandbox takes three ports in a row: HTTP, SMTP, cash register over TLS. */
export function readSettings() {
  const webPort = port("PORT", 3000);
  const sandboxPort = port("SANDBOX_PORT", 4000);
  return {
    webPort,
    sandboxPort,
    dataDir: path.resolve(root, process.env.DATA_DIR ?? ".data"),
    databaseUrl: process.env.DATABASE_URL ?? null,
    publicUrl: (process.env.PUBLIC_URL ?? `http://127.0.0.1:${webPort}`).replace(/\/+$/, ""),
    isDemo: (process.env.KOPEYKA_DEMO ?? "on") !== "off",
  };
}

/**
 * Memory of the web process. Node lets its heap grow with the memory of the machine before it collects: a large order file took
 * 397 MB; told that there is less, some 230 MB for the same file (bench W2). WEB_HEAP_MB is the hard limit of the old space. The young
 * generation holds a batch of orders: at 4 MB each was copied twice before it died, and collecting took twice as long.
 */
export const webNodeFlags = [`--max-old-space-size=${whole("WEB_HEAP_MB", 640, "a number of megabytes", 1_000_000)}`, "--max-semi-space-size=16"];

/** Keys of this copy: from the environment, else made once and kept in the data folder (mode 0600). */
export function readKeys(dataDir) {
  const file = path.join(dataDir, "keys.json");
  let kept = {};
  try {
    kept = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") fail(`${file} cannot be read: ${error.message}`);
  }
  const made = { KOPEYKA_SECRET_KEYS: `k1:${randomBytes(32).toString("base64")}`, NEXTAUTH_SECRET: randomBytes(32).toString("base64") };
  // A key that the environment gives is the owner's to keep: only our own are written down.
  const own = Object.fromEntries(Object.entries(made).filter(([name]) => process.env[name] === undefined));
  const fresh = { ...own, ...kept };
  const keys = Object.fromEntries(Object.keys(made).map((name) => [name, process.env[name] ?? fresh[name]]));
  if (JSON.stringify(fresh) !== JSON.stringify(kept)) {
    try {
      fs.mkdirSync(dataDir, { recursive: true });
      fs.writeFileSync(file, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
    } catch (error) {
      fail(error.code === "ENOSPC" ? "no space left on the disk" : `cannot write to ${dataDir}: ${error.message}`);
    }
  }
  return keys;
}

/** Ends the program with one line when somebody listens there already. */
export async function requireFreePort(number, variable) {
  const taken = await new Promise((resolve) => {
    const probe = net.createServer().once("error", (error) => resolve(error.code));
    probe.listen({ port: number, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(null)));
  });
  if (taken) fail(`port ${number} is ${taken === "EADDRINUSE" ? "taken" : `not available (${taken})`}; set ${variable} to another one`);
}

/** Ends the program with one line when the disk is nearly full. */
export function requireSpace(folder, wantedBytes = 300 * 1024 * 1024) {
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize < wantedBytes) fail(`less than ${Math.round(wantedBytes / 1024 / 1024)} MB free on the disk of ${folder}`);
}
