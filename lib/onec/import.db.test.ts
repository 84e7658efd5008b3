import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { finishIdleFile, forgetSessions } from "@/lib/onec/index.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { importFile } from "./import-file.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { makeZip } from "./wire/fixtures/make-zip.ts";
import { fixture } from "./wire/fixtures/read-fixture.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());

let bases = 0;
/** A base of its own: order numbers are per base. */
async function aBase(onecSettings: Record<string, unknown> = {}): Promise<TestShop & { onec: ReturnType<typeof onecClient> }> {
  const login = `base-${++bases}`;
  return { ...(await aShop(t, { login, onecSettings })), onec: onecClient(t, login) };
}
const ordersOf = (shop: TestShop) =>
  t.ctx.database.sql`select number, total_kopecks, lifecycle, payment_status, is_posted, onec_payment_number, onec_shipment_number, lines_match_total, payer_kind from orders where onec_connection_id = ${shop.onecId} order by number`;
const filesOf = (shop: TestShop) => t.ctx.database.sql`select state, documents_done, orders_taken, fail_reason, piece_count from onec_files where connection_id = ${shop.onecId} order by created_at, id`;

/** `count` orders of the individual's sample, each with its own number and GUIDs. */
function manyOrders(count: number, from = 0): Buffer {
  const text = fixture("orders-ut11-individual.xml").toString("utf8").replace(/^\uFEFF/, "");
  const [start, end] = [text.indexOf("<Документ>"), text.indexOf("</Документ>") + "</Документ>".length];
  const documents = Array.from({ length: count }, (_, i) => text.slice(start, end).replace("c0ffee02", (0x10000000 + from + i).toString(16)).replace("S-10245", `M-${10_000 + from + i}`));
  return Buffer.from(text.slice(0, start) + documents.join("\n\t") + text.slice(end));
}

test("CML-10: a file cut inside a character is put together; the legal sample gives its two orders", async () => {
  const { onec, ...shop } = await aBase();
  const session = await onec.open();
  const bytes = fixture("orders-ut11-legal.xml");
  expect(await onec.send(session, "orders-1.xml", bytes, 4001)).toBe("success");
  expect(await onec.load(session, "orders-1.xml")).toBe("success\nЗагружено заказов: 2");
  expect([...(await ordersOf(shop))]).toMatchObject([
    { number: "B2B-000101", totalKopecks: 92_110_00n, payerKind: "organization", isPosted: true, linesMatchTotal: true },
    { number: "B2B-000102", totalKopecks: 12_200_00n, payerKind: "sole_proprietor" },
  ]);
  // CML-14, CML-20.
  expect(await onec.load(session, "orders-1.xml")).toBe("success\nЗагружено заказов: 2");
  expect(await onec.give(bytes)).toBe("success\nЗагружено заказов: 2");
  const [count] = await t.ctx.database.sql`select count(*)::int as n from order_revisions r join orders o on o.id = r.order_id where o.onec_connection_id = ${shop.onecId}`;
  expect(count!["n"]).toBe(2);
});

test("CML-21, CML-18: the re-upload tells payment, shipment, deletion, unposting and a cancelled line", async () => {
  const { onec, ...shop } = await aBase();
  await onec.give(fixture("orders-ut11-legal.xml"));
  await onec.give(fixture("orders-ut11-individual.xml"));
  expect(await onec.give(fixture("orders-ut11-status-reupload.xml"))).toContain("success\nЗагружено заказов: 3");
  expect([...(await ordersOf(shop))]).toMatchObject([
    { number: "B2B-000101", paymentStatus: "paid", lifecycle: "shipped", onecPaymentNumber: "УТ00-000377", onecShipmentNumber: "УТ00-000590" },
    { number: "B2B-000102", paymentStatus: "not_paid" },
    { number: "S-10245", lifecycle: "deleted", isPosted: false },
    { number: "S-10246", totalKopecks: 1_220_00n, linesMatchTotal: true },
  ]);
  const [lines] = await t.ctx.database.sql`
    select count(*)::int as n, sum(l.sum_kopecks)::bigint as sum from order_lines l join order_revisions r on r.id = l.revision_id join orders o on o.id = r.order_id
     where o.onec_connection_id = ${shop.onecId} and o.number = 'S-10246'`;
  expect(lines).toEqual({ n: 1, sum: 1_220_00n });
});

test("CML-31: windows-1251 short documents of УТ 10.3 change states of orders that we have", async () => {
  const { onec, ...shop } = await aBase();
  const text = fixture("orders-ut11-individual.xml").toString("utf8");
  await onec.give(Buffer.from(text.replace("c0ffee02-c2d4-11f1-8f10-0050568b1a01", "7d30c1aa-0b11-11f1-9a4d-001e6734f0c1").replace("S-10245", "S-10240")));
  const said = await onec.give(fixture("orders-ut103-short-1251.xml"));
  expect(said).toBe("success\nЗагружено заказов: 1\nS-10241: заказа нет на сайте, а в документе нет товаров");
  expect([...(await ordersOf(shop))]).toMatchObject([{ number: "S-10240", totalKopecks: 3_746_00n, onecPaymentNumber: "ТД000001877", paymentStatus: "not_paid" }]);
});

test("УНФ: a part paid at the bank is booked from its subordinate document", async () => {
  const { onec, ...shop } = await aBase();
  expect(await onec.give(fixture("orders-unf-subordinate.xml"))).toBe("success\nЗагружено заказов: 1");
  expect([...(await ordersOf(shop))]).toMatchObject([{ number: "B2B-000110", paymentStatus: "partially_paid" }]);
  const [link] = await t.ctx.database.sql`select amount_kopecks from payment_links l join orders o on o.id = l.order_id where o.onec_connection_id = ${shop.onecId} and l.state = 'active'`;
  expect(link).toEqual({ amountKopecks: 14_400_00n });
});

test("an upload without documents is a success", async () => {
  const { onec } = await aBase();
  expect(await onec.give(fixture("orders-ut11-changed-0.xml"))).toBe("success\nЗагружено заказов: 0");
});

test("CML-12: an archive is loaded when a file inside it is asked for; a name that is not in it is unknown", async () => {
  const { onec, ...shop } = await aBase({ zip: true });
  const session = await onec.open();
  const zip = makeZip([{ name: "orders-1.xml", content: fixture("orders-ut11-legal.xml") }, { name: "import_files/1.jpg", content: Buffer.from("jpg") }, { name: "orders-2.xml", content: fixture("orders-ut11-individual.xml") }]);
  expect(await onec.send(session, "v8_4F2A.zip", zip, 1500)).toBe("success");
  expect(await onec.load(session, "orders-1.xml")).toBe("success\nЗагружено заказов: 3");
  expect(await onec.load(session, "orders-2.xml")).toBe("success\nЗагружено заказов: 3");
  expect(await onec.load(session, "orders-3.xml")).toMatch(/^failure\nФайл orders-3.xml не передавался/);
  expect(await ordersOf(shop)).toHaveLength(3);
});

test("CML-12: a zip bomb, a lying archive and a path out of the folder are refused and traced", async () => {
  const cases: [Buffer, RegExp][] = [
    [makeZip([{ name: "orders-1.xml", content: Buffer.from(`<КоммерческаяИнформация>${"<aaaaaaaaaaaaaaaaaaaaaa/>".repeat(400_000)}</КоммерческаяИнформация>`) }]), /сжатый архив/],
    [makeZip([{ name: "orders-1.xml", content: Buffer.alloc(3000, 32), claimedSize: 10 }]), /повреждён/],
    [makeZip([{ name: "../../etc/orders-1.xml", content: Buffer.from("<x/>") }]), /недопустимым именем/],
  ];
  for (const [zip, reason] of cases) {
    const { onec, ...shop } = await aBase();
    const session = await onec.open();
    await onec.send(session, "a.zip", zip);
    const said = await onec.load(session, "orders-1.xml");
    expect(said).toMatch(/^failure\n[^\n]+$/);
    expect(said).toMatch(reason);
    expect([...(await filesOf(shop))]).toMatchObject([{ state: "failed", failReason: expect.stringMatching(reason) }]);
  }
});

test.each([
  ["a bomb of entities", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><КоммерческаяИнформация>&a;</КоммерческаяИнформация>', /DOCTYPE/],
  ["another format", "<html><body>404</body></html>", /не файл CommerceML/],
  ["no XML at all", "ой", /разметка|пуст|обрывается/],
])("CML-17: %s is a failure with a reason, no 5xx and no orders", async (_what, content, reason) => {
  const { onec, ...shop } = await aBase();
  const said = await onec.give(Buffer.from(content));
  expect(said).toMatch(/^failure\n/);
  expect(said).toMatch(reason);
  expect(await ordersOf(shop)).toHaveLength(0);
});

test("CML-23: a file that breaks off keeps its good orders and says why it failed", async () => {
  const { onec, ...shop } = await aBase();
  const bytes = manyOrders(3);
  const said = await onec.give(bytes.subarray(0, bytes.lastIndexOf("<Товары>")));
  expect(said).toMatch(/^failure\nФайл обрывается/);
  expect(await ordersOf(shop)).toHaveLength(2);
  expect(await onec.give(bytes)).toBe("success\nЗагружено заказов: 3");
});

test("CML-23: one bad document is named in the failure, the others are taken, staff are told until an upload is clean", async () => {
  const { onec, ...shop } = await aBase();
  const bytes = manyOrders(3).toString("utf8");
  // The second document loses its currency.
  const at = bytes.indexOf("<Валюта>", bytes.indexOf("M-10001"));
  const bad = Buffer.from(bytes.slice(0, at) + bytes.slice(bytes.indexOf("</Валюта>", at) + "</Валюта>".length));
  const said = await onec.give(bad);
  expect(said).toBe("failure\nЗаказ M-10001: не указана валюта");
  expect((await ordersOf(shop)).map((o) => o["number"])).toEqual(["M-10000", "M-10002"]);
  const alert = () => t.ctx.database.sql`select state, title from alerts where object_key = ${`connection:${shop.onecId}:import`}`;
  expect([...(await alert())]).toEqual([{ state: "firing", title: "Из «УТ 11.5» не загружено: 1\u00A0заказ" }]);
  expect(await onec.give(Buffer.from(bytes))).toBe("success\nЗагружено заказов: 3");
  expect([...(await alert())]).toMatchObject([{ state: "resolved" }]);
});

test.each(["../up.xml", "a\u0000b.xml", "/etc/passwd.xml", "C:\\orders.xml", ""])("CML-11: the name «%s» is refused", async (name) => {
  const { onec, ...shop } = await aBase();
  const session = await onec.open();
  const answer = await onec.call(`type=sale&mode=file&filename=${encodeURIComponent(name)}`, { session, body: Buffer.from("<x/>") });
  expect(answer.body).toBe("failure\nНедопустимое имя файла");
  expect(await filesOf(shop)).toHaveLength(0);
});

test("CML-23: a document refused behind hundreds of warnings, and one in the midst of hundreds of refusals, still fail the upload", async () => {
  const { onec, ...shop } = await aBase();
  const currencies = (text: string, isBad: (at: number) => boolean) => {
    let at = 0;
    return Buffer.from(text.replaceAll(/<Валюта>[^<]*<\/Валюта>/g, (same) => (isBad(at++) ? "<Валюта>840</Валюта>" : same)));
  };
  const warned = manyOrders(320).toString("utf8").replaceAll("<Роль>Покупатель</Роль>", "<ИНН>7707083890</ИНН><КПП>12</КПП><Роль>Покупатель</Роль>");
  expect(await onec.give(currencies(warned, (at) => at === 319))).toMatch(/^failure\nЗаказ M-10319: /);
  const alert = async () => (await t.ctx.database.sql<{ state: string; title: string }[]>`select state, title from alerts where code = 'ALR-15' and object_key = ${`connection:${shop.onecId}:import`} order by first_at desc limit 1`)[0];
  expect(await alert()).toMatchObject({ state: "firing", title: expect.stringMatching(/не загружено: 1\s+заказ$/u) });
  expect(await onec.give(currencies(warned, () => true))).toMatch(/^failure\nЗаказ M-10000: .*; и ещё отказов: 317$/);
  expect(await alert()).toMatchObject({ state: "firing", title: expect.stringMatching(/не загружено: 320\s+заказов$/u) });
  expect([...(await filesOf(shop))].at(-1)).toMatchObject({ state: "done", ordersTaken: 0 });
});

test("CML-11: harmless folders are stripped; pictures are passed over", async () => {
  const { onec, ...shop } = await aBase();
  const session = await onec.open();
  expect(await onec.send(session, "webdata/orders-1.xml", fixture("orders-ut11-changed-0.xml"))).toBe("success");
  expect(await onec.send(session, "import_files/ab/1.jpg", Buffer.from("jpg"))).toBe("success");
  expect(await onec.load(session, "orders-1.xml")).toMatch(/^success/);
  expect(await filesOf(shop)).toHaveLength(1);
});

test("migration 0018: a file of before that refused orders does not answer success when it is asked for again", async () => {
  const { onec } = await aBase();
  const session = await onec.open();
  const broken = Buffer.from(manyOrders(2).toString("utf8").replace("<Валюта>643", "<Валюта>978"));
  await onec.send(session, "orders-1.xml", broken);
  const first = await onec.load(session, "orders-1.xml");
  expect(first).toMatch(/^failure\n/);
  await onec.send(session, "orders-2.xml", manyOrders(1, 5));
  const clean = await onec.load(session, "orders-2.xml");
  // As both stood before the column was there.
  await t.ctx.database.sql`update onec_files set orders_refused = 0`;
  expect(await onec.load(session, "orders-1.xml")).not.toBe(first);
  const backfill = /^update onec_files [^;]+;/m.exec(readFileSync(new URL("../../db/migrations/0018_said_goods_and_refused_orders.sql", import.meta.url), "utf8"))![0];
  await t.ctx.database.sql.unsafe(backfill);
  expect([await onec.load(session, "orders-1.xml"), await onec.load(session, "orders-2.xml")]).toEqual([first, clean]);
});

test("a piece over the limit and a session over its limit are refused; the bytes are gone, the trace stays", async () => {
  const { onec, ...shop } = await aBase({ fileLimitBytes: 2_000, sessionLimitBytes: 5_000 });
  const session = await onec.open();
  const big = await onec.call("type=sale&mode=file&filename=orders-1.xml", { session, body: Buffer.alloc(80_000, 32) });
  expect(big.body).toBe("failure\nЧасть файла больше разрешённых 2000 байт");
  const lying = await onec.call("type=sale&mode=file&filename=orders-1.xml", { session, body: Buffer.alloc(80_000, 32), contentLength: 10 });
  expect(lying.body).toBe("failure\nЧасть файла больше разрешённых 2000 байт");
  expect(await filesOf(shop)).toHaveLength(0);
  const said = await onec.send(session, "orders-1.xml", Buffer.alloc(20_000, 32), 2_000);
  expect(said).toMatch(/^failure\nЗа один обмен принимается не больше/);
  expect([...(await filesOf(shop))]).toMatchObject([{ state: "failed", failReason: expect.stringContaining("не больше") }]);
  expect([...(await t.ctx.database.sql`select 1 from onec_file_pieces p join onec_files f on f.id = p.file_id where f.connection_id = ${shop.onecId}`)]).toEqual([]);
  expect(await onec.load(session, "orders-1.xml")).toMatch(/^failure\nЗа один обмен/);
  const [call] = await t.ctx.database.sql`select summary from onec_calls where connection_id = ${shop.onecId} and mode = 'file' order by at desc, id desc limit 1`;
  expect(call!["summary"]).toMatch(/^За один обмен принимается не больше/);
});

test("CML-13: import without a file is a failure; a file whose import never comes is loaded when 1C is quiet", async () => {
  const { onec, ...shop } = await aBase();
  const session = await onec.open();
  expect(await onec.load(session, "orders-1.xml")).toBe("failure\nФайл orders-1.xml не передавался");
  const bytes = manyOrders(2);
  await onec.send(session, "orders-1.xml", bytes, 3_000);
  const only = { only: ["onec.file"] as const };
  expect(await drainJobs(t, only)).toEqual([]);
  t.clock.advance(11_000);
  expect((await drainJobs(t, only)).length).toBeGreaterThan(0);
  expect(await ordersOf(shop)).toHaveLength(2);
  expect([...(await filesOf(shop))]).toMatchObject([{ state: "done", documentsDone: 2, ordersTaken: 2 }]);
  expect(await onec.load(session, "orders-1.xml")).toBe("success\nЗагружено заказов: 2");
});

test("CML-13: an incomplete file waits for ever, a complete one of an earlier session is loaded at the next sign-in", async () => {
  const { onec, ...shop } = await aBase();
  const bytes = manyOrders(1);
  const session = await onec.open();
  await onec.send(session, "half.xml", bytes.subarray(0, bytes.length - 30));
  await onec.send(session, "whole.xml", bytes);
  await t.ctx.database.sql`update pgboss.job set state = 'completed' where name = 'onec.file'`;
  t.clock.advance(60_000);
  await onec.open();
  await drainJobs(t, { only: ["onec.file"] });
  expect([...(await filesOf(shop))]).toMatchObject([{ state: "receiving" }, { state: "done" }]);
  expect(await ordersOf(shop)).toHaveLength(1);
});

/** The individual's sample with another sum: what 1C says of the same order later. */
const laterState = () => {
  const text = fixture("orders-ut11-individual.xml").toString("utf8");
  const later = text.replace("<Сумма>3746</Сумма>", "<Сумма>3745</Сумма>");
  expect(later).not.toBe(text);
  return Buffer.from(later);
};

test("CML-13: a whole file whose import never came is loaded before a newer one of its base, never after it", async () => {
  const { onec, ...shop } = await aBase();
  await onec.send(await onec.open(), "orders-1.xml", fixture("orders-ut11-individual.xml")); // 1C timed out here.
  const [old] = await t.ctx.database.sql<{ id: string }[]>`select id from onec_files where connection_id = ${shop.onecId}`;
  t.clock.advance(60_000);
  expect(await onec.give(laterState())).toMatch(/^success/);
  const sums = async () => (await ordersOf(shop)).map((o) => o["totalKopecks"]);
  expect(await sums()).toContain(3_745_00n);
  t.clock.advance(60_000);
  await finishIdleFile(t.ctx, old!.id);
  expect(await sums()).toContain(3_745_00n);
  expect(await sums()).not.toContain(3_746_00n);
  expect([...(await filesOf(shop))]).toMatchObject([{ state: "done" }, { state: "done" }]);
});

test("CML-13: the idle jobs of two whole files in any order end with the newer one's state", async () => {
  const { onec, ...shop } = await aBase();
  await onec.send(await onec.open(), "orders-1.xml", fixture("orders-ut11-individual.xml"));
  t.clock.advance(1_000);
  await onec.send(await onec.open(), "orders-1.xml", laterState());
  const files = await t.ctx.database.sql<{ id: string }[]>`select id from onec_files where connection_id = ${shop.onecId} order by created_at desc`;
  t.clock.advance(60_000);
  for (const { id } of files) await finishIdleFile(t.ctx, id);
  expect((await ordersOf(shop)).map((o) => o["totalKopecks"])).toContain(3_745_00n);
});

test("CML-13: a file that becomes whole after a newer one was loaded is refused, and staff are told", async () => {
  const { onec, ...shop } = await aBase();
  const slow = await onec.open();
  const bytes = fixture("orders-ut11-individual.xml");
  await onec.send(slow, "orders-1.xml", bytes.subarray(0, 2_000));
  t.clock.advance(1_000);
  expect(await onec.give(laterState())).toMatch(/^success/);
  await onec.send(slow, "orders-1.xml", bytes.subarray(2_000));
  expect(await onec.load(slow, "orders-1.xml")).toBe("failure\nФайл старее уже загруженного: повторите обмен");
  expect((await ordersOf(shop)).map((o) => o["totalKopecks"])).toContain(3_745_00n);
  const [alert] = await t.ctx.database.sql`select code from alerts where object_key = ${`connection:${shop.onecId}:import`} and state = 'firing'`;
  expect(alert).toEqual({ code: "ALR-15" });
});

test("import goes on where it stopped; a process that died in between loses only time", async () => {
  const { onec, ...shop } = await aBase();
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
  expect(await ordersOf(shop)).toHaveLength(600);
  const [count] = await t.ctx.database.sql`select count(*)::int as n from order_revisions r join orders o on o.id = r.order_id where o.onec_connection_id = ${shop.onecId}`;
  expect(count!["n"]).toBe(600);
});

test("CML-24: one file asked for by several calls and the idle job at once, and two sessions with the same orders, end right", async () => {
  const { onec, ...shop } = await aBase();
  const bytes = manyOrders(400, 9_000);
  const [one, two] = [await onec.open(), await onec.open()];
  await Promise.all([onec.send(one, "a.xml", bytes), onec.send(two, "a.xml", bytes)]);
  const files = await t.ctx.database.sql<{ id: string }[]>`select id from onec_files where connection_id = ${shop.onecId}`;
  expect(files).toHaveLength(2);
  t.clock.advance(20_000);
  const said = await Promise.all([onec.load(one, "a.xml"), onec.load(one, "a.xml"), onec.load(two, "a.xml"), ...files.map(({ id }) => finishIdleFile(t.ctx, id))]);
  expect(said.slice(0, 3)).toEqual(Array(3).fill("success\nЗагружено заказов: 400"));
  expect(await ordersOf(shop)).toHaveLength(400);
});

test("CML-11, CML-13: a day-old session goes, but not while a whole file of it waits to be loaded; half a file goes", async () => {
  const { onec, ...shop } = await aBase();
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
  expect((await ordersOf(shop)).map((o) => o["number"])).toEqual(["M-10700", "M-10701"]);
  await forgetSessions(t.ctx);
  expect(await sessions()).toHaveLength(0);
});

test("CML-11: a whole file that nothing can load is not kept for ever", async () => {
  const { onec, ...shop } = await aBase();
  await onec.send(await onec.open(), "whole.xml", manyOrders(1, 710));
  t.clock.advance(8 * 24 * 3_600_000);
  await forgetSessions(t.ctx);
  expect(await filesOf(shop)).toHaveLength(0);
});
