import { afterAll, beforeAll, expect, test } from "vitest";
import { openClient } from "@/db/open-client.ts";
import { inTransaction } from "@/lib/context.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { waitingJobs } from "./drain-jobs.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());

test("a test file has the whole schema in a database of its own", async () => {
  const [row] = await t.ctx.database.sql<{ name: string; n: bigint }[]>`select current_database() as name, (select count(*) from orders) as n`;
  expect(row!.name).toMatch(/^t_/);
  expect(row!.n).toBe(0n);
});

test("the server of this machine is asked through its file socket, and by the network as well", async () => {
  const address = new URL(t.ctx.database.url);
  const byNetwork = openClient(address.href.replace(/\?.*$/, ""), { max: 1 });
  // The other forms that PostgreSQL knows: no host before the folder's, the port behind it.
  const { host, port } = { host: address.searchParams.get("host") ?? "", port: address.port };
  const byFile = openClient(`postgres://${address.username}:${address.password}@${host === "" ? `127.0.0.1:${port}` : ""}${address.pathname}${host === "" ? "" : `?host=${host}&port=${port}`}`, { max: 1 });
  const asked = async (sql: { unsafe(text: string): PromiseLike<unknown> }) => ((await sql.unsafe("select inet_client_addr() is null as by_file")) as Record<string, boolean>[])[0];
  try {
    expect(Object.values((await asked(t.ctx.database.sql))!)).toEqual([address.searchParams.has("host")]);
    expect(Object.values((await asked(byNetwork))!)).toEqual([false]);
    expect(Object.values((await asked(byFile))!)).toEqual([host !== ""]);
  } finally {
    await Promise.all([byNetwork.end(), byFile.end()]);
  }
});

test("a job waits by the test's clock, and is gone when its transaction is", async () => {
  await inTransaction(t.ctx, (tx) => t.ctx.enqueue(tx, "janitor.sweep", {}));
  await expect(
    inTransaction(t.ctx, async (tx) => {
      await t.ctx.enqueue(tx, "alerts.watch", {});
      throw new Error("rolled back");
    }),
  ).rejects.toThrow("rolled back");
  expect(await waitingJobs(t)).toEqual([{ queue: "janitor.sweep", at: t.clock.now() }]);
});
