import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openDatabase } from "@/db/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { BenchApp } from "./harness.ts";

/** COPY of one row an order and five lines into a table without keys. Seconds. */
export async function bareCopy(app: BenchApp, orders: number): Promise<number> {
  const database = openDatabase(app.databaseUrl, { maxConnections: 1 });
  await database.sql`create table bench_rows (id uuid, parent uuid, name text, sum bigint, at timestamptz)`;
  const started = performance.now();
  const writable = await database.sql`copy bench_rows from stdin`.writable();
  const rows = function* () {
    for (let i = 0; i < orders; i++) yield `${newId()}\t${newId()}\tИванова Мария\t610000\t2026-11-21 12:00:00+03\n${`${newId()}\t${newId()}\tКраска акриловая для стен\t122000\t2026-11-21 12:00:00+03\n`.repeat(5)}`;
  };
  await pipeline(Readable.from(rows()), writable);
  const took = (performance.now() - started) / 1_000;
  await database.sql`drop table bench_rows`;
  await database.close();
  return took;
}
