// Makes sure that dependencies are installed. Builtin modules only: it runs before anything is.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

const STAMP = "node_modules/.install-stamp";
const LOCK = ".install-lock";

function fail(text) {
  console.error(`kopeyka: ${text}`);
  process.exit(1);
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Node.js 20.19 or newer is needed, this is ${process.version}`);

/** What the installed tree must match: lock, manifest, platform, binary interface of Node. */
const wanted = () =>
  createHash("sha256")
    .update(fs.readFileSync("package-lock.json"))
    .update(fs.readFileSync("package.json"))
    .update(`${process.platform}-${process.arch}-${process.versions.modules}`)
    .digest("hex");

function isFresh() {
  try {
    return fs.readFileSync(STAMP, "utf8") === wanted();
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Two starts at once on a bare clone share one install. A lock whose owner died is cleared. */
function takeLock() {
  for (let round = 0; round < 3600; round++) {
    try {
      fs.mkdirSync(LOCK);
      fs.writeFileSync(`${LOCK}/pid`, String(process.pid));
      return;
    } catch (error) {
      if (error.code === "ENOSPC") fail("no space left on the disk");
      if (error.code !== "EEXIST") fail(`cannot write to ${root}: ${error.code}`);
      let owner = 0;
      try {
        owner = Number(fs.readFileSync(`${LOCK}/pid`, "utf8"));
      } catch {
        // The owner is between the two writes; look again.
      }
      if (round > 5 && (!owner || !isAlive(owner))) fs.rmSync(LOCK, { recursive: true, force: true });
      else pause(500);
    }
  }
  fail(`another install holds ${LOCK} for half an hour; remove it if nothing is running`);
}

function install() {
  const viaNode = process.env.npm_execpath && /\.c?js$/.test(process.env.npm_execpath);
  const [command, first] = viaNode ? [process.execPath, [process.env.npm_execpath]] : [process.platform === "win32" ? "npm.cmd" : "npm", []];
  // Tests and the build use development tools of the same tree, whatever NODE_ENV says outside.
  const env = { ...process.env, NODE_ENV: "development" };
  const run = (args) =>
    spawnSync(command, [...first, ...args, "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"], {
      stdio: "inherit",
      env,
      shell: process.platform === "win32",
    }).status === 0;
  const started = Date.now();
  console.log("Installing dependencies (once)…");
  // An incomplete lock stops `npm ci`; plain install goes on and leaves the lock as it was (stack.md 12).
  if (!run(["ci"]) && !run(["install", "--no-save"])) fail("dependencies could not be installed: see the lines above (network, disk space)");
  fs.writeFileSync(STAMP, wanted());
  console.log(`Installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

if (!isFresh()) {
  takeLock();
  try {
    if (!isFresh()) install();
  } finally {
    fs.rmSync(LOCK, { recursive: true, force: true });
  }
}
