/** What the web process does beside Next: exact lengths of answers, and a clean end (`next start` itself never exits while a live stream is open, stack.md 1.5). */
import diagnostics from "node:diagnostics_channel";
import type { Server } from "node:http";
import { keepLengths } from "@/lib/kit/keep-lengths.ts";
import { closeStreams } from "@/lib/live/streams.ts";
import { closeContext } from "@/lib/runtime.ts";

const STOP_LIMIT_MS = 8_000;
const REQUEST_CHANNEL = "http.server.request.start";

export function start(): void {
  keepLengths();
  if (process.env["NEXT_MANUAL_SIG_HANDLE"] !== "1") return;
  const server = firstServer();
  let stopping = false;

  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    // Whatever hangs, the process is gone in time; money is safe, because every verb is one transaction.
    setTimeout(() => process.exit(0), STOP_LIMIT_MS);
    closeStreams();
    await finishRequests(server.found);
    await closeContext();
    process.exit(0);
  }

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void stop());
  // The supervisor was killed: without it nobody would ever stop us.
  if (process.connected) process.on("disconnect", () => void stop());
}

/** Next gives no handle of its server; the first request shows it. */
function firstServer(): { found: Server | null } {
  const seen: { found: Server | null } = { found: null };
  const listener = (message: unknown) => {
    seen.found = (message as { server: Server }).server;
    diagnostics.unsubscribe(REQUEST_CHANNEL, listener);
  };
  diagnostics.subscribe(REQUEST_CHANNEL, listener);
  return seen;
}

/** Takes no new connections and waits for the requests that run. */
function finishRequests(server: Server | null): Promise<void> {
  if (!server?.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
