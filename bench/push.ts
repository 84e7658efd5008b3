/**
 * How long after money is recorded a 1C HTTP-сервис hears of it: real notifications at an even pace, web and worker as they run in production, a server in this
 * process as 1C. Floor of the same run: a bare POST of the same size to the same server.
 */
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { newWebhookSecret } from "@/lib/kit/webhook-signature.ts";
import { openDatabase } from "@/db/index.ts";
import { machine, startBenchApp } from "./harness.ts";
import { waitingAttempts } from "./waiting-attempts.ts";

const PAYMENTS = 300;
const EVERY_MS = 100;
const WARM = 20;

export async function benchPush(): Promise<void> {
  const heard = new Map<string, number>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const event = JSON.parse(Buffer.concat(parts).toString("utf8")) as { type?: string; order?: { number: string } };
      if (event.type === "payment.succeeded") heard.set(event.order!.number, performance.now());
      response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true,"number":"УТ00-1"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hs/kopeyka/events`;
  const app = await startBenchApp();
  const worker = spawn(process.execPath, ["--import", "tsx", "worker.ts"], { env: app.env as NodeJS.ProcessEnv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  try {
    const prepared = await waitingAttempts(app, PAYMENTS + WARM, { settings: { login: "json", doors: ["json"], push: { url, login: "site" } }, secret: { password: "bench-password", pushPassword: "p", pushSecret: newWebhookSecret() } });
    await new Promise<void>((resolve) => worker.once("message", () => resolve()));
    const recorded = new Map<string, number>();
    const send = async (i: number) => {
      const answer = await fetch(`${app.webUrl}${prepared.path}`, { method: "POST", body: prepared.body(i), headers: { "content-type": "application/x-www-form-urlencoded" } });
      if (!(await answer.text()).startsWith("OK ")) throw new Error("a notification was not taken");
      recorded.set(`B${i}`, performance.now());
    };
    for (let i = 1; i <= WARM; i++) await send(i);
    const sending: Promise<void>[] = [];
    for (let i = WARM + 1; i <= WARM + PAYMENTS; i++) {
      sending.push(send(i));
      await pause(EVERY_MS);
    }
    await Promise.all(sending);
    for (let waited = 0; heard.size < recorded.size && waited < 30_000; waited += 200) await pause(200);
    if (heard.size !== recorded.size) throw new Error(`${recorded.size - heard.size} payments were not pushed`);
    const delays = [...recorded].filter(([number]) => Number(number.slice(1)) > WARM).map(([number, at]) => heard.get(number)! - at).toSorted((a, b) => a - b);
    const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))]!.toFixed(0);
    const database = openDatabase(app.databaseUrl, { maxConnections: 1 });
    const [confirmed] = await database.sql<{ count: number }[]>`select count(*)::int as count from export_messages where state = 'confirmed'`;
    await database.close();
    console.log(`\npush fact → 1C (${machine()}), ${PAYMENTS} payments, one every ${EVERY_MS} ms`);
    console.log(`  median ${at(0.5)} ms (target 1000), p95 ${at(0.95)} ms, slowest ${at(1)} ms; a bare POST to the same server: ${(await barePost(url)).toFixed(1)} ms; «Учтено в 1С»: ${confirmed!.count} of ${recorded.size}`);
  } finally {
    worker.kill("SIGKILL");
    await app.stop();
    server.closeAllConnections();
    server.close();
  }
}

/** Median of 100. */
async function barePost(url: string): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < 100; i++) {
    const started = performance.now();
    await (await fetch(url, { method: "POST", body: JSON.stringify({ filler: "x".repeat(1_500) }) })).text();
    took.push(performance.now() - started);
  }
  return took.toSorted((a, b) => a - b)[50]!;
}
