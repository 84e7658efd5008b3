/** Files of orders as configurations of 1C write them: what is loaded, what is refused and said (CML-10 … CML-12, CML-17 … CML-23, CML-31). */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manyOrders, openFileUploads } from "@/lib/testing/file-uploads.ts";
import type { FileUploads } from "@/lib/testing/file-uploads.ts";
import { makeZip } from "./wire/fixtures/make-zip.ts";
import { fixture } from "./wire/fixtures/read-fixture.ts";

let t: FileUploads;
beforeAll(async () => {
  t = await openFileUploads();
});
afterAll(() => t.close());

test("CML-10: a file cut inside a character is put together; the legal sample gives its two orders", async () => {
  const { onec, ...shop } = await t.aBase();
  const session = await onec.open();
  const bytes = fixture("orders-ut11-legal.xml");
  expect(await onec.send(session, "orders-1.xml", bytes, 4001)).toBe("success");
  expect(await onec.load(session, "orders-1.xml")).toBe("success\nЗагружено заказов: 2");
  expect([...(await t.ordersOf(shop))]).toMatchObject([
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
  const { onec, ...shop } = await t.aBase();
  await onec.give(fixture("orders-ut11-legal.xml"));
  await onec.give(fixture("orders-ut11-individual.xml"));
  expect(await onec.give(fixture("orders-ut11-status-reupload.xml"))).toContain("success\nЗагружено заказов: 3");
  expect([...(await t.ordersOf(shop))]).toMatchObject([
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
  const { onec, ...shop } = await t.aBase();
  const text = fixture("orders-ut11-individual.xml").toString("utf8");
  await onec.give(Buffer.from(text.replace("c0ffee02-c2d4-11f1-8f10-0050568b1a01", "7d30c1aa-0b11-11f1-9a4d-001e6734f0c1").replace("S-10245", "S-10240")));
  const said = await onec.give(fixture("orders-ut103-short-1251.xml"));
  expect(said).toBe("success\nЗагружено заказов: 1\nS-10241: заказа нет на сайте, а в документе нет товаров");
  expect([...(await t.ordersOf(shop))]).toMatchObject([{ number: "S-10240", totalKopecks: 3_746_00n, onecPaymentNumber: "ТД000001877", paymentStatus: "not_paid" }]);
});

test("УНФ: a part paid at the bank is booked from its subordinate document", async () => {
  const { onec, ...shop } = await t.aBase();
  expect(await onec.give(fixture("orders-unf-subordinate.xml"))).toBe("success\nЗагружено заказов: 1");
  expect([...(await t.ordersOf(shop))]).toMatchObject([{ number: "B2B-000110", paymentStatus: "partially_paid" }]);
  const [link] = await t.ctx.database.sql`select amount_kopecks from payment_links l join orders o on o.id = l.order_id where o.onec_connection_id = ${shop.onecId} and l.state = 'active'`;
  expect(link).toEqual({ amountKopecks: 14_400_00n });
});

test("УНФ: a part paid in another currency is not booked as roubles: the order is taken, staff are told", async () => {
  const { onec, ...shop } = await t.aBase();
  const text = fixture("orders-unf-subordinate.xml").toString("utf8").replace(/(<ПодчиненныйДокумент>[\s\S]*?<Валюта>)[^<]*</, "$1USD<");
  expect(await onec.give(Buffer.from(text))).toMatch(/^success\nЗагружено заказов: 1\nB2B-000110: Выплата безналичных денег: валюта USD не поддерживается/);
  expect([...(await t.ordersOf(shop))]).toMatchObject([{ number: "B2B-000110", paymentStatus: "not_paid" }]);
  const alerts = await t.ctx.database.sql<{ title: string }[]>`select title from alerts a join orders o on o.id = a.order_id where o.onec_connection_id = ${shop.onecId} and a.state = 'firing'`;
  expect(alerts.map(({ title }) => title.replaceAll("\u00A0", " "))).toEqual([expect.stringMatching(/^«Выплата безналичных денег» \S+ из 1С по заказу № B2B-000110 не учтён: сумма не в рублях или не читается$/)]);
});

test("a payment with «Основание» that stands in the file before its order, which is new, belongs to it", async () => {
  const { onec, ...shop } = await t.aBase();
  const text = fixture("orders-unf-subordinate.xml").toString("utf8");
  const [wrapped, payment] = /<ПодчиненныеДокументы>\s*<ПодчиненныйДокумент>([\s\S]*?)<\/ПодчиненныйДокумент>\s*<\/ПодчиненныеДокументы>/.exec(text)!;
  const apart = text.replace(wrapped, "").replace("<Документ>", `<Документ>${payment}<Основание>B2B-000110</Основание></Документ>\n<Документ>`);
  expect(await onec.give(Buffer.from(apart))).toBe("success\nЗагружено заказов: 2");
  expect([...(await t.ordersOf(shop))]).toMatchObject([{ number: "B2B-000110", paymentStatus: "partially_paid" }]);
});

test("an upload without documents is a success", async () => {
  const { onec } = await t.aBase();
  expect(await onec.give(fixture("orders-ut11-changed-0.xml"))).toBe("success\nЗагружено заказов: 0");
});

test("CML-12: an archive is loaded when a file inside it is asked for; a name that is not in it is unknown", async () => {
  const { onec, ...shop } = await t.aBase({ zip: true });
  const session = await onec.open();
  const zip = makeZip([{ name: "orders-1.xml", content: fixture("orders-ut11-legal.xml") }, { name: "import_files/1.jpg", content: Buffer.from("jpg") }, { name: "orders-2.xml", content: fixture("orders-ut11-individual.xml") }]);
  expect(await onec.send(session, "v8_4F2A.zip", zip, 1500)).toBe("success");
  expect(await onec.load(session, "orders-1.xml")).toBe("success\nЗагружено заказов: 3");
  expect(await onec.load(session, "orders-2.xml")).toBe("success\nЗагружено заказов: 3");
  expect(await onec.load(session, "orders-3.xml")).toMatch(/^failure\nФайл orders-3.xml не передавался/);
  expect(await t.ordersOf(shop)).toHaveLength(3);
});

test("CML-12: a zip bomb, a lying archive and a path out of the folder are refused and traced", async () => {
  const cases: [Buffer, RegExp][] = [
    [makeZip([{ name: "orders-1.xml", content: Buffer.from(`<КоммерческаяИнформация>${"<aaaaaaaaaaaaaaaaaaaaaa/>".repeat(400_000)}</КоммерческаяИнформация>`) }]), /сжатый архив/],
    [makeZip([{ name: "orders-1.xml", content: Buffer.alloc(3000, 32), claimedSize: 10 }]), /повреждён/],
    [makeZip([{ name: "../../etc/orders-1.xml", content: Buffer.from("<x/>") }]), /недопустимым именем/],
  ];
  for (const [zip, reason] of cases) {
    const { onec, ...shop } = await t.aBase();
    const session = await onec.open();
    await onec.send(session, "a.zip", zip);
    const said = await onec.load(session, "orders-1.xml");
    expect(said).toMatch(/^failure\n[^\n]+$/);
    expect(said).toMatch(reason);
    expect([...(await t.filesOf(shop))]).toMatchObject([{ state: "failed", failReason: expect.stringMatching(reason) }]);
  }
});

test.each([
  ["a bomb of entities", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><КоммерческаяИнформация>&a;</КоммерческаяИнформация>', /DOCTYPE/],
  ["another format", "<html><body>404</body></html>", /не файл CommerceML/],
  ["no XML at all", "ой", /разметка|пуст|обрывается/],
])("CML-17: %s is a failure with a reason, no 5xx and no orders", async (_what, content, reason) => {
  const { onec, ...shop } = await t.aBase();
  const said = await onec.give(Buffer.from(content));
  expect(said).toMatch(/^failure\n/);
  expect(said).toMatch(reason);
  expect(await t.ordersOf(shop)).toHaveLength(0);
});

test("CML-23: a file that breaks off keeps its good orders and says why it failed", async () => {
  const { onec, ...shop } = await t.aBase();
  const bytes = manyOrders(3);
  const said = await onec.give(bytes.subarray(0, bytes.lastIndexOf("<Товары>")));
  expect(said).toMatch(/^failure\nФайл обрывается/);
  expect(await t.ordersOf(shop)).toHaveLength(2);
  expect(await onec.give(bytes)).toBe("success\nЗагружено заказов: 3");
});

test("CML-23: one bad document is named in the failure, the others are taken, staff are told until an upload is clean", async () => {
  const { onec, ...shop } = await t.aBase();
  const bytes = manyOrders(3).toString("utf8");
  // The second document loses its currency.
  const at = bytes.indexOf("<Валюта>", bytes.indexOf("M-10001"));
  const bad = Buffer.from(bytes.slice(0, at) + bytes.slice(bytes.indexOf("</Валюта>", at) + "</Валюта>".length));
  const said = await onec.give(bad);
  expect(said).toBe("failure\nЗаказ M-10001: не указана валюта");
  expect((await t.ordersOf(shop)).map((o) => o["number"])).toEqual(["M-10000", "M-10002"]);
  const alert = () => t.ctx.database.sql`select state, title from alerts where object_key = ${`connection:${shop.onecId}:import`}`;
  expect([...(await alert())]).toEqual([{ state: "firing", title: "Из «УТ 11.5» не загружено: 1\u00A0заказ" }]);
  expect(await onec.give(Buffer.from(bytes))).toBe("success\nЗагружено заказов: 3");
  expect([...(await alert())]).toMatchObject([{ state: "resolved" }]);
});

test.each(["../up.xml", "a\u0000b.xml", "/etc/passwd.xml", "C:\\orders.xml", ""])("CML-11: the name «%s» is refused", async (name) => {
  const { onec, ...shop } = await t.aBase();
  const session = await onec.open();
  const answer = await onec.call(`type=sale&mode=file&filename=${encodeURIComponent(name)}`, { session, body: Buffer.from("<x/>") });
  expect(answer.body).toBe("failure\nНедопустимое имя файла");
  expect(await t.filesOf(shop)).toHaveLength(0);
});

test("CML-23: a document refused behind hundreds of warnings, and one in the midst of hundreds of refusals, still fail the upload", async () => {
  const { onec, ...shop } = await t.aBase();
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
  expect([...(await t.filesOf(shop))].at(-1)).toMatchObject({ state: "done", ordersTaken: 0 });
});

test("CML-11: harmless folders are stripped; pictures are passed over", async () => {
  const { onec, ...shop } = await t.aBase();
  const session = await onec.open();
  expect(await onec.send(session, "webdata/orders-1.xml", fixture("orders-ut11-changed-0.xml"))).toBe("success");
  expect(await onec.send(session, "import_files/ab/1.jpg", Buffer.from("jpg"))).toBe("success");
  expect(await onec.load(session, "orders-1.xml")).toMatch(/^success/);
  expect(await t.filesOf(shop)).toHaveLength(1);
});

test("migration 0018: a file of before that refused orders does not answer success when it is asked for again", async () => {
  const { onec } = await t.aBase();
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
