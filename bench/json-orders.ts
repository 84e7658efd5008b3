/**
 * Orders of five lines in packages of 200 by the JSON exchange, as 1C code sends them: one package after another, then four at once.
 * Floor of the same run: COPY of one row an order and one a line into a table without keys.
 */
import { openDatabase } from "@/db/index.ts";
import { bareCopy } from "./bare-copy.ts";
import { machine, peakRssMb, share, startBenchApp } from "./harness.ts";
import type { BenchApp } from "./harness.ts";
import { prepareBase } from "./prepare-base.ts";

const [LOGIN, PASSWORD] = ["1c", "bench"];
const PACKAGE = 200;
const ORDERS = 10_000;

const order = (i: number) => ({
  id: `c0ffee00-0000-4000-8000-${String(i).padStart(12, "0")}`, version: 1, number: `УТ00-${String(i).padStart(6, "0")}`, date: "2026-11-21T12:00:00", currency: "RUB", vatIncluded: true, amount: 6100, state: { posted: true },
  customer: { id: `5a1f0c70-0000-4000-8000-${String(i % 2_000).padStart(12, "0")}`, type: "person", name: `Иванова Мария ${i % 2_000}`, email: `buyer${i % 2_000}@example.ru` },
  items: Array.from({ length: 5 }, (_, n) => ({ line: n + 1, id: `10000011-aaaa-11ee-8f10-${String((i * 5 + n) % 5_000).padStart(12, "0")}`, sku: `КР-${n}`, name: `Краска акриловая для стен и потолков, ${n} л`, quantity: 1, price: 1220, amount: 1220, vatRate: "22", vatAmount: 220 })),
});

const packages = (from: number, count: number): string[] =>
  Array.from({ length: count / PACKAGE }, (_, p) => JSON.stringify({ orders: Array.from({ length: PACKAGE }, (_none, i) => order(from + p * PACKAGE + i)) }));

/** Seconds for all packages, `atOnce` at a time. Fails when an order is not answered as it should be. */
async function send(app: BenchApp, bodies: readonly string[], atOnce: number, status: "created" | "unchanged"): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${LOGIN}:${PASSWORD}`).toString("base64")}`;
  const waiting = [...bodies];
  const started = performance.now();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
      const answer = await fetch(`${app.webUrl}/api/1c/v1/orders`, { method: "POST", headers: { authorization, "content-type": "application/json" }, body });
      const { results, msg } = (await answer.json()) as { results?: { status: string; msg: string }[]; msg?: string };
      const odd = results?.find((result) => result.status !== status);
      if (!results || odd) throw new Error(`orders: ${answer.status} ${odd ? `${odd.status} ${odd.msg}` : msg}`);
    }
  }));
  return (performance.now() - started) / 1_000;
}

export async function benchJsonOrders(): Promise<void> {
  const app = await startBenchApp();
  try {
    await prepareBase(app, { settings: { login: LOGIN, doors: ["json"], callsPerMinute: 1_000_000 }, secret: { password: PASSWORD } });
    await send(app, packages(1_000_000, 2 * PACKAGE), 1, "created");
    const bodies = packages(0, ORDERS);
    const one = await send(app, bodies, 1, "created");
    const four = await send(app, packages(ORDERS, ORDERS), 4, "created");
    const again = await send(app, bodies, 1, "unchanged");
    const copy = await bareCopy(app, ORDERS);
    const database = openDatabase(app.databaseUrl, { maxConnections: 1 });
    const [made] = await database.sql<{ orders: number; lines: number }[]>`select (select count(*)::int from orders) as orders, (select count(*)::int from order_lines) as lines`;
    await database.close();
    if (made!.orders !== 2 * ORDERS + 2 * PACKAGE || made!.lines !== 5 * made!.orders) throw new Error(`${made!.orders} orders and ${made!.lines} lines were made`);
    console.log(`\nJSON: ${ORDERS} orders of five lines in packages of ${PACKAGE}, ${(Buffer.byteLength(bodies.join("")) / 1e6).toFixed(0)} MB (${machine()})`);
    console.log(`  one after another ${Math.round(ORDERS / one)} orders/s, four at once ${Math.round(ORDERS / four)} orders/s, the same again ${Math.round(ORDERS / again)} orders/s`);
    console.log(`  COPY of as many rows ${Math.round(ORDERS / copy)} orders/s: ratio ${share(copy, one)}, four at once ${share(copy, four)}; peak RSS of the web process ${peakRssMb(app.webPid)} MB`);
  } finally {
    await app.stop();
  }
}
