// A supervised child process: started, restarted when it dies by itself, stopped with a limit.
import { spawn } from "node:child_process";

const STOP_LIMIT_MS = 12_000;
const RESTART_PAUSES_MS = [200, 500, 1_000, 2_000, 5_000];
const STEADY_MS = 30_000;

/**
 * Runs a Node process. It has an IPC channel: when this supervisor is killed, the channel breaks and the child ends itself.
 * `onDeath(code)` is called for each death that we did not ask for.
 */
export function startChild({ name, args, env, onDeath = () => undefined, restart = true }) {
  let child;
  let stopping = false;
  let deaths = 0;

  function launch() {
    const startedAt = Date.now();
    child = spawn(process.execPath, args, { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    child.on("exit", (code, signal) => {
      if (stopping) return;
      if (Date.now() - startedAt > STEADY_MS) deaths = 0;
      onDeath(code);
      if (!restart) return;
      const pause = RESTART_PAUSES_MS[Math.min(deaths++, RESTART_PAUSES_MS.length - 1)];
      console.error(`kopeyka: ${name} ended (${signal ?? code}), starting it again`);
      setTimeout(() => !stopping && launch(), pause);
    });
  }
  launch();

  return {
    get pid() {
      return child.pid;
    },
    /** From now on its death is wanted: a signal to the whole group may reach it before us. */
    expectDeath() {
      stopping = true;
    },
    /** SIGTERM, then SIGKILL when it does not end in time. */
    stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
      return new Promise((resolve) => {
        const killer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
        child.once("exit", () => {
          clearTimeout(killer);
          resolve();
        });
        child.kill("SIGTERM");
      });
    },
  };
}
