/** Documents for the buyer by JSON, 1C's own invoice among them (json-api.md 3, invoice.md 8). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPayPage } from "@/lib/orders/pay-page-query.ts";
import { newId } from "@/lib/kit/ids.ts";
import { anOrder, boards, openJsonBases, stateOf } from "@/lib/testing/json-orders.ts";
import type { JsonBases } from "@/lib/testing/json-orders.ts";

let t: JsonBases["t"];
let seller: JsonBases["seller"];
let aBase: JsonBases["aBase"];
beforeAll(async () => {
  ({ t, seller, aBase } = await openJsonBases());
});
afterAll(() => t.close());

test("documents: put, replaced, hidden and shown again; the buyer sees his own only; the history stays (INV-13, INV-14, INV-16)", async () => {
  const base = await aBase();
  const order = await anOrder(base, { customer: { id: newId(), name: "ООО Север", inn: "9900000024", email: "buyer@example.ru" } });
  const other = await anOrder(base);
  const guid = newId();
  const pdf = (text: string) => Buffer.from(`%PDF-1.7\n${text}`);
  const put = (query: string, bytes: Uint8Array, type = "application/pdf", id = guid) => base.call("PUT", `/documents/${id}?${query}`, { bytes, headers: { "content-type": type } });
  const words = `kind=upd&number=${encodeURIComponent("УТ00-000590")}&date=2026-11-21&order=${order.id}&amount=${encodeURIComponent("2 300,03")}`;
  expect(await put(words, pdf("первая"))).toMatchObject({ status: 200, json: { id: guid, status: "created", kind: "upd", number: "УТ00-000590", amount: "2300.03", orderId: order.id, visibleToBuyer: true, version: 1, warnings: [] } });
  expect((await put(words, pdf("первая"))).json).toMatchObject({ status: "unchanged", version: 1 });
  const [letter] = await t.ctx.database.sql<{ template: string; recipient: string; params: { token: string } }[]>`select template, recipient, params from letters where order_id = ${order.siteId}`;
  expect(letter).toMatchObject({ template: "document", recipient: "buyer@example.ru" });
  // No Content-Type of its own, a map of headers of the request before.
  expect((await put(words, pdf("вторая"), "application/json")).json).toMatchObject({ status: "updated", version: 2, versions: [{ version: 2 }, { version: 1 }] });
  const { token } = (await t.ctx.database.sql<{ token: string }[]>`select token from payment_links where order_id = ${order.siteId}`)[0]!;
  const page = async () => (await readPayPage(t.ctx, { payToken: token }, null))!.documents;
  const [seen] = await page();
  expect(seen).toMatchObject({ kind: "upd", number: "УТ00-000590", mime: "application/pdf" });
  const { giveBuyerFile } = await import("@/lib/documents/give-buyer-file.ts");
  const file = await giveBuyerFile(t.ctx, { payToken: token }, seen!.documentId, null);
  expect([file.status, await file.text()]).toEqual([200, pdf("вторая").toString()]);
  expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="UPD_UT00-000590_2026-11-21\.pdf"; filename\*=UTF-8''/);
  expect([file.headers.get("x-content-type-options"), file.headers.get("content-security-policy")]).toEqual(["nosniff", "sandbox; default-src 'none'"]);
  const stranger = (await t.ctx.database.sql<{ token: string }[]>`select token from payment_links where order_id = ${other.siteId}`)[0]!.token;
  expect((await giveBuyerFile(t.ctx, { payToken: stranger }, seen!.documentId, null)).status).toBe(404);
  expect((await giveBuyerFile(t.ctx, { letterToken: letter!.params.token }, null, null)).status).toBe(200);
  const now = t.ctx.now();
  t.clock.advance(31 * 86_400_000);
  expect((await giveBuyerFile(t.ctx, { letterToken: letter!.params.token }, null, null)).status).toBe(404);
  t.clock.set(now);
  expect((await base.call("DELETE", `/documents/${guid}`)).json).toMatchObject({ status: "hidden", visibleToBuyer: false });
  expect((await base.call("DELETE", `/documents/${guid}`)).json).toMatchObject({ status: "unchanged" });
  expect(await page()).toEqual([]);
  expect((await giveBuyerFile(t.ctx, { payToken: token }, seen!.documentId, null)).status).toBe(404);
  const old = await base.raw("GET", `/documents/${guid}/file?version=1`);
  expect([old.headers.get("content-type"), await old.text()]).toEqual(["application/pdf", pdf("первая").toString()]);
  expect((await put(words, pdf("вторая"))).json).toMatchObject({ status: "updated", version: 2, visibleToBuyer: true });
  expect(await page()).toHaveLength(1);
  const kinds = await t.ctx.database.sql<{ kind: string }[]>`select kind from order_events where order_id = ${order.siteId} and kind like 'document.%' order by at, id`;
  expect(kinds.map(({ kind }) => kind)).toEqual(["document.received", "document.received", "document.hidden"]);
  await expect(t.ctx.database.sql`delete from documents where onec_guid = ${guid}`).rejects.toThrow();
  await expect(t.ctx.database.sql`update document_versions set sha256 = ''`).rejects.toThrow();
});

test("INV-14: what is no PDF, PNG or plain XML is refused, whatever its type says", async () => {
  const base = await aBase();
  const put = async (bytes: Uint8Array, type = "application/pdf") => (await base.call("PUT", `/documents/${newId()}?kind=other`, { bytes, headers: { "content-type": type } })).status;
  const xml = (text: string) => Buffer.from(`\uFEFF<?xml version="1.0" encoding="windows-1251"?>\n<!-- печать -->${text}`);
  expect(await put(xml('<Файл ИдФайл="ON_NSCHFDOPPR"/>'), "text/xml")).toBe(200);
  expect(await put(Buffer.from("\u0089PNG\r\n\u001a\nрисунок", "latin1"), "image/png")).toBe(200);
  for (const [bytes, type] of [
    [Buffer.from("<html><script>alert(1)</script>"), "application/pdf"], [xml("<svg onload='alert(1)'/>"), "application/xml"], [xml("<x:html xmlns:x='http://www.w3.org/1999/xhtml'/>"), "application/xml"],
    [xml("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), "application/xml"], [Buffer.from("%PDF-1.4"), "image/png"], [Buffer.alloc(0), "application/pdf"], [Buffer.from("MZ\u0090"), "application/octet-stream"],
  ] as const) expect([type, bytes.toString().slice(0, 40), await put(bytes, type)]).toEqual([type, bytes.toString().slice(0, 40), 422]);
  expect(await put(Buffer.concat([Buffer.from("%PDF-1.4"), Buffer.alloc(10 * 1024 * 1024)]))).toBe(413);
  for (const query of ["kind=receipt", "date=вчера", "amount=сто", "counterparty=12"]) expect((await base.call("PUT", `/documents/${newId()}?${encodeURI(query)}`, { bytes: Buffer.from("%PDF-1.4") })).status).toBe(422);
  expect((await base.call("PUT", "/documents/12345", { bytes: Buffer.from("%PDF-1.4") })).status).toBe(422);
});

test("a document that came before its order is bound to it when it comes; one file sent twice at once is one version", async () => {
  const base = await aBase();
  const guid = newId();
  const put = () => base.call("PUT", `/documents/${guid}?kind=act&order=${encodeURIComponent("БУД-1")}`, { bytes: Buffer.from("%PDF-1.4 акт") });
  const both = await Promise.all([put(), put()]);
  expect(both.map(({ json }) => String(json["status"])).toSorted((a, b) => a.localeCompare(b))).toEqual(["created", "unchanged"]);
  expect(both[0]!.json).toMatchObject({ orderRef: "БУД-1", orderId: "", visibleToBuyer: false, warnings: [expect.stringContaining("заказа пока нет")] });
  const order = await anOrder(base, { number: "БУД-1" });
  expect((await base.get(`/documents/${guid}`)).json).toMatchObject({ status: "stored", orderId: order.id, orderNumber: "БУД-1", visibleToBuyer: true, version: 1 });
  expect(await stateOf(base, order.id)).toMatchObject({ documents: [{ id: guid, kind: "act", version: 1, hidden: false }] });
});

test("INV-16: a document named by a number that two orders have goes to neither, whatever comes of them; its GUID says whose it is", async () => {
  const base = await aBase();
  const buyer = { type: "person", email: "a@example.ru" };
  const [a, b] = [await anOrder(base, { customer: buyer }), await anOrder(base, { customer: buyer })];
  const { sql } = t.ctx.database;
  // Both were born under another number, 1C's own is the same in two years.
  await sql`update orders set onec_number = 'УТ00-000005' where id in (${a.siteId}, ${b.siteId})`;
  const [vague, later] = [newId(), newId()];
  const put = (id: string, order: string) => base.call("PUT", `/documents/${id}?kind=upd&number=5&order=${encodeURIComponent(order)}`, { bytes: Buffer.from("%PDF-1.4"), headers: { "content-type": "application/pdf" } });
  const boundTo = async (guid: string) => (await sql<{ orderId: string | null }[]>`select order_id from documents where onec_guid = ${guid}`)[0]!.orderId;
  const alerts = async () => (await sql<{ state: string }[]>`select a.state from alerts a join documents d on a.object_key = 'document:' || d.id || ':order' where d.onec_guid in (${vague}, ${later}) order by d.onec_guid = ${later}`).map(({ state }) => state);
  expect((await put(vague, "УТ00-000005")).json).toMatchObject({ orderNumber: "", visibleToBuyer: false, warnings: [expect.stringContaining("у нескольких заказов")] });
  await base.post("/orders", { orders: [{ id: a.id, comment: "звонили" }, { id: b.id, comment: "звонили" }] });
  expect([await boundTo(vague), await alerts()]).toEqual([null, ["firing"]]);
  // It came before one of the two had got the number.
  await put(later, "УТ00-000006");
  await sql`update orders set onec_number = 'УТ00-000006' where id in (${a.siteId}, ${b.siteId})`;
  await base.post("/orders", { orders: [{ id: a.id, comment: "ещё раз" }] });
  expect([await boundTo(later), await alerts()]).toEqual([null, ["firing", "firing"]]);
  expect([...await sql`select 1 from letters where order_id in (${a.siteId}, ${b.siteId}) and template = 'document'`]).toEqual([]);
  for (const guid of [vague, later]) expect((await put(guid, b.id)).json).toMatchObject({ orderId: b.id, visibleToBuyer: true, warnings: [] });
  expect(await alerts()).toEqual(["resolved", "resolved"]);
});

test("INV-15: 1C's own invoice is what the buyer downloads; another sum or number warns staff until it is right; a changed order falls back to ours", async () => {
  const base = await aBase();
  const customer = { id: newId(), type: "legal", name: "ООО Север", inn: "9900000024", kpp: "990101001" };
  const order = await anOrder(base, { customer });
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, corr_account, is_default) select ${newId()}, ${seller.sellerOrgId}, 'Банк', '044525225', '40702810938000012345', '30101810400000000225', true where not exists (select 1 from bank_accounts)`;
  const { issueInvoice } = await import("@/lib/invoices/index.ts");
  const { onecInvoiceFile } = await import("@/lib/documents/index.ts");
  const ours = await issueInvoice(t.ctx, { orderId: order.siteId });
  const guid = newId();
  const put = (query: string, text = "счёт") => base.call("PUT", `/documents/${guid}?kind=invoice&order=${order.id}&${query}`, { bytes: Buffer.from(`%PDF-1.4 ${text}`) });
  const warned = async () => [...(await t.ctx.database.sql<{ title: string }[]>`select title from alerts where order_id = ${order.siteId} and code = 'ALR-15' and state <> 'resolved'`)].map(({ title }) => title);
  await put("amount=1&number=1");
  expect(await warned()).toEqual([expect.stringContaining("в нём 1,00")]);
  expect((await onecInvoiceFile(t.ctx, ours.token))?.bytes.toString()).toBe("%PDF-1.4 счёт");
  await put("amount=2300.03&number=999");
  expect(await warned()).toEqual([expect.stringContaining("номер не совпадает")]);
  await put(`amount=2300.03&number=${encodeURIComponent(order.number)}`, "верный");
  expect(await warned()).toEqual([]);
  expect((await onecInvoiceFile(t.ctx, ours.token))?.bytes.toString()).toBe("%PDF-1.4 верный");
  t.clock.advance(1_000);
  await base.post("/orders", { orders: [{ id: order.id, amount: 2000, items: [{ id: boards, name: "Доска", quantity: 4, price: 500, amount: 2000, vatRate: "22" }] }] });
  expect(await warned()).toEqual([expect.stringContaining("в заказе 2")]);
  const next = await issueInvoice(t.ctx, { orderId: order.siteId });
  expect(await onecInvoiceFile(t.ctx, next.token)).toBeNull();
  await base.call("DELETE", `/documents/${guid}`);
  expect(await warned()).toEqual([]);
});
