/** Files that come in pieces, late, twice at once or never whole: which is loaded, when, and how long it is kept (CML-11, CML-13, CML-24). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConnection } from "@/lib/connections/index.ts";
import { finishIdleFile, forgetSessions } from "@/lib/onec/index.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { manyOrders, openFileUploads } from "@/lib/testing/file-uploads.ts";
import type { FileUploads } from "@/lib/testing/file-uploads.ts";
import { importFile } from "./import-file.ts";
import { fixture } from "./wire/fixtures/read-fixture.ts";

let t: FileUploads;
beforeAll(async () => {
  t = await openFileUploads();
});
afterAll(() => t.close());

test("a piece over the limit and a session over its limit are refused; the bytes are gone, the trace stays", async () => {
  const { onec, ...shop } = await t.aBase({ fileLimitBytes: 2_000, sessionLimitBytes: 5_000 });
  const session = await onec.open();
  const big = await onec.call("type=sale&mode=file&filename=orders-1.xml", { session, body: Buffer.alloc(80_000, 32) });
  expect(big.body).toBe("failure\nЧасть файла больше разрешённых 2000 байт");
  const lying = await onec.call("type=sale&mode=file&filename=orders-1.xml", { session, body: Buffer.alloc(80_000, 32), contentLength: 10 });
  expect(lying.body).toBe("failure\nЧасть файла больше разрешённых 2000 байт");
  expect(await t.filesOf(shop)).toHaveLength(0);
  const said = await onec.send(session, "orders-1.xml", Buffer.alloc(20_000, 32), 2_000);
  expect(said).toMatch(/^failure\nЗа один обмен принимается не больше/);
  expect([...(await t.filesOf(shop))]).toMatchObject([{ state: "failed", failReason: expect.stringContaining("не больше") }]);
  expect([...(await t.ctx.database.sql`select 1 from onec_file_pieces p join onec_files f on f.id = p.file_id where f.connection_id = ${shop.onecId}`)]).toEqual([]);
  expect(await onec.load(session, "orders-1.xml")).toMatch(/^failure\nЗа один обмен/);
  const [call] = await t.ctx.database.sql`select summary from onec_calls where connection_id = ${shop.onecId} and mode = 'file' order by at desc, id desc limit 1`;
  expect(call!["summary"]).toMatch(/^За один обмен принимается не больше/);
});

test("CML-13: import without a file is a failure; a file whose import never comes is loaded when 1C is quiet", async () => {
  const { onec, ...shop } = await t.aBase();
  const session = await onec.open();
  expect(await onec.load(session, "orders-1.xml")).toBe("failure\nФайл orders-1.xml не передавался");
  const bytes = manyOrders(2);
  await onec.send(session, "orders-1.xml", bytes, 3_000);
  const only = { only: ["onec.file"] as const };
  expect(await drainJobs(t, only)).toEqual([]);
  t.clock.advance(11_000);
  expect((await drainJobs(t, only)).length).toBeGreaterThan(0);
  expect(await t.ordersOf(shop)).toHaveLength(2);
  expect([...(await t.filesOf(shop))]).toMatchObject([{ state: "done", documentsDone: 2, ordersTaken: 2 }]);
  expect(await onec.load(session, "orders-1.xml")).toBe("success\nЗагружено заказов: 2");
});

test("CML-13: an incomplete file waits for ever, a complete one of an earlier session is loaded at the next sign-in", async () => {
  const { onec, ...shop } = await t.aBase();
  const bytes = manyOrders(1);
  const session = await onec.open();
  await onec.send(session, "half.xml", bytes.subarray(0, bytes.length - 30));
  await onec.send(session, "whole.xml", bytes);
  await t.ctx.database.sql`update pgboss.job set state = 'completed' where name = 'onec.file'`;
  t.clock.advance(60_000);
  await onec.open();
  await drainJobs(t, { only: ["onec.file"] });
  expect([...(await t.filesOf(shop))]).toMatchObject([{ state: "receiving" }, { state: "done" }]);
  expect(await t.ordersOf(shop)).toHaveLength(1);
});

/** The individual's sample with another sum: what 1C says of the same order later. */
const laterState = () => {
  const text = fixture("orders-ut11-individual.xml").toString("utf8");
  const later = text.replace("<Сумма>3746</Сумма>", "<Сумма>3745</Сумма>");
  expect(later).not.toBe(text);
  return Buffer.from(later);
};

test("CML-13: a whole file whose import never came is loaded before a newer one of its base, never after it", async () => {
  const { onec, ...shop } = await t.aBase();
  await onec.send(await onec.open(), "orders-1.xml", fixture("orders-ut11-individual.xml")); // 1C timed out here.
  const [old] = await t.ctx.database.sql<{ id: string }[]>`select id from onec_files where connection_id = ${shop.onecId}`;
  t.clock.advance(60_000);
  expect(await onec.give(laterState())).toMatch(/^success/);
  const sums = async () => (await t.ordersOf(shop)).map((o) => o["totalKopecks"]);
  expect(await sums()).toContain(3_745_00n);
  t.clock.advance(60_000);
  await finishIdleFile(t.ctx, old!.id);
  expect(await sums()).toContain(3_745_00n);
  expect(await sums()).not.toContain(3_746_00n);
  expect([...(await t.filesOf(shop))]).toMatchObject([{ state: "done" }, { state: "done" }]);
});

test("CML-13: the idle jobs of two whole files in any order end with the newer one's state", async () => {
  const { onec, ...shop } = await t.aBase();
  await onec.send(await onec.open(), "orders-1.xml", fixture("orders-ut11-individual.xml"));
  t.clock.advance(1_000);
  await onec.send(await onec.open(), "orders-1.xml", laterState());
  const files = await t.ctx.database.sql<{ id: string }[]>`select id from onec_files where connection_id = ${shop.onecId} order by created_at desc`;
  t.clock.advance(60_000);
  for (const { id } of files) await finishIdleFile(t.ctx, id);
  expect((await t.ordersOf(shop)).map((o) => o["totalKopecks"])).toContain(3_745_00n);
});

test.each([["was loaded", ""], ["broke off, its first order taken", "</Документ>"]])("CML-13: a file that becomes whole after a newer one %s is refused, and staff are told", async (_what, end) => {
  const { onec, ...shop } = await t.aBase();
  const slow = await onec.open();
  const bytes = fixture("orders-ut11-individual.xml");
  await onec.send(slow, "orders-1.xml", bytes.subarray(0, 2_000));
  t.clock.advance(1_000);
  const later = laterState();
  expect(await onec.give(end ? later.subarray(0, later.indexOf(end) + Buffer.byteLength(end)) : later)).toMatch(end ? /^failure\nФайл обрывается/ : /^success/);
  await onec.send(slow, "orders-1.xml", bytes.subarray(2_000));
  expect(await onec.load(slow, "orders-1.xml")).toBe("failure\nФайл старее уже загруженного: повторите обмен");
  expect((await t.ordersOf(shop)).map((o) => o["totalKopecks"])).toContain(3_745_00n);
  const [alert] = await t.ctx.database.sql`select code from alerts where object_key = ${`connection:${shop.onecId}:import`} and state = 'firing'`;
  expect(alert).toEqual({ code: "ALR-15" });
});

test("import goes on where it stopped; a process that died in between loses only time", async () => {
  const { onec, ...shop } = await t.aBase();
  const session = await onec.open();
  await onec.send(session, "orders-1.xml", manyOrders(600, 5_000));
  const [file] = await t.ctx.database.sql<{ id: string }[]>`select id from onec_files where session_id = (select id from onec_sessions where connection_id = ${shop.onecId} limit 1)`;
  const base = await loadConnection(t.ctx, shop.onecId);
  expect(await importFile(t.ctx, base, file!.id, 0)).toEqual({ kind: "progress", documentsDone: 250 });
  expect(await importFile(t.ctx, base, file!.id, 0)).toEqual({ kind: "progress", documentsDone: 500 });
  // Died holding the file, after it had written orders that its mark does not know.
  await t.ctx.database.sql`update onec_files set claimed_until = ${new Date(t.ctx.now().getTime() + 30_000)}, documents_done = 250, orders_taken = 250 where id = ${file!.id}`;
  expect(await importFile(t.ctx, base, file!.id, 1_000)).toMatchObject({ kind: "progress" });
  t.clock.advance(31_000);
  expect(await onec.load(session, "orders-1.xml")).toBe("success\nЗагружено заказов: 600");
  expect(await t.ordersOf(shop)).toHaveLength(600);
  const [count] = await t.ctx.database.sql`select count(*)::int as n from order_revisions r join orders o on o.id = r.order_id where o.onec_connection_id = ${shop.onecId}`;
  expect(count!["n"]).toBe(600);
});

test("CML-24: one file asked for by several calls and the idle job at once, and two sessions with the same orders, end right", async () => {
  const { onec, ...shop } = await t.aBase();
  const bytes = manyOrders(400, 9_000);
  const [one, two] = [await onec.open(), await onec.open()];
  await Promise.all([onec.send(one, "a.xml", bytes), onec.send(two, "a.xml", bytes)]);
  const files = await t.ctx.database.sql<{ id: string }[]>`select id from onec_files where connection_id = ${shop.onecId}`;
  expect(files).toHaveLength(2);
  t.clock.advance(20_000);
  const said = await Promise.all([onec.load(one, "a.xml"), onec.load(one, "a.xml"), onec.load(two, "a.xml"), ...files.map(({ id }) => finishIdleFile(t.ctx, id))]);
  expect(said.slice(0, 3)).toEqual(Array(3).fill("success\nЗагружено заказов: 400"));
  expect(await t.ordersOf(shop)).toHaveLength(400);
});

test("CML-11, CML-13: a day-old session goes, but not while a whole file of it waits to be loaded; half a file goes", async () => {
  const { onec, ...shop } = await t.aBase();
  await onec.give(manyOrders(1, 700));
  await onec.send(await onec.open(), "whole.xml", manyOrders(1, 701));
  const half = manyOrders(1, 702);
  await onec.send(await onec.open(), "half.xml", half.subarray(0, half.length - 30));
  t.clock.advance(25 * 3_600_000);
  await forgetSessions(t.ctx);
  await forgetSessions(t.ctx);
  const [whole, ...others] = await t.ctx.database.sql<{ id: string; name: string }[]>`select id, name from onec_files where connection_id = ${shop.onecId}`;
  expect([whole!.name, others]).toEqual(["whole.xml", []]);
  const sessions = () => t.ctx.database.sql`select 1 from onec_sessions where connection_id = ${shop.onecId}`;
  expect(await sessions()).toHaveLength(1);
  await finishIdleFile(t.ctx, whole!.id);
  expect((await t.ordersOf(shop)).map((o) => o["number"])).toEqual(["M-10700", "M-10701"]);
  await forgetSessions(t.ctx);
  expect(await sessions()).toHaveLength(0);
});

test("CML-11: a whole file that nothing can load is not kept for ever", async () => {
  const { onec, ...shop } = await t.aBase();
  await onec.send(await onec.open(), "whole.xml", manyOrders(1, 710));
  t.clock.advance(8 * 24 * 3_600_000);
  await forgetSessions(t.ctx);
  expect(await t.filesOf(shop)).toHaveLength(0);
});
