import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import { anOrder, orderE } from "@/lib/testing/an-order.ts";
import type { GivenOrder, MadeOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { findInvoice, issueInvoice, readInvoicePdf } from "./index.ts";
import type { StoredInvoiceContent } from "./index.ts";

let t: TestContext;
let shop: TestShop;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  await t.ctx.database.sql`
    insert into bank_accounts (id, seller_org_id, bank_name, bik, account, corr_account, is_default)
    values (${newId()}, ${shop.sellerOrgId}, 'ПАО СБЕРБАНК', '044525225', '40702810938000012345', '30101810400000000225', true)`;
});
afterAll(() => t.close());

let order: MadeOrder;
const make = (given: Partial<GivenOrder> = {}) => anOrder(t, { ...shop, onecId: shop.onecId, payerKind: "organization", inn: "7707083893", ...given });
beforeEach(async () => {
  order = await make();
});

const typed = { inn: "7707 083 893", kpp: "770701001", name: "ООО «Вектор»", address: "" };
const stored = async (invoiceId: string) =>
  (await t.ctx.database.sql<{ state: string; version: number; totalKopecks: bigint; content: StoredInvoiceContent }[]>`select state, version, total_kopecks, content from invoices where id = ${invoiceId}`)[0]!;

/** A changed upload: the last line costs more. */
async function revise(orderId: string, sumKopecks: bigint): Promise<void> {
  const { sql } = t.ctx.database;
  const revisionId = newId();
  await sql`update orders set revision_no = 2, total_kopecks = ${sumKopecks} where id = ${orderId}`;
  await sql`insert into order_revisions (id, order_id, no, total_kopecks, content_hash, source, received_at) values (${revisionId}, ${orderId}, 2, ${sumKopecks}, 'r2', '{}', ${t.ctx.now()})`;
  await sql`
    insert into order_lines (id, revision_id, line_no, name, kind, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks)
    values (${newId()}, ${revisionId}, 1, 'Чайник', 'goods', '1', ${sumKopecks}, ${sumKopecks}, 'vat22', ${vatFromGross(sumKopecks, "vat22")})`;
}

test("INV-1, INV-3: the number of the order, the buyer of 1C, the whole sum; asked for twice it is one invoice", async () => {
  const first = await issueInvoice(t.ctx, { orderId: order.orderId });
  const again = await issueInvoice(t.ctx, { orderId: order.orderId });
  expect(again).toEqual(first);
  expect(first).toMatchObject({ number: order.number, version: 1 });
  const { content, totalKopecks } = await stored(first.invoiceId);
  expect(totalKopecks).toBe(663_100n);
  expect(content.buyer).toMatchObject({ name: "ООО «Вектор»", inn: "7707083893" });
  expect(content.totalRubles).toBe("6631.00");
  expect(content.validUntil).toBe("2026-12-05");
  expect(content.lines).toHaveLength(orderE.length);
});

test("B2B-15: a changed order cancels the invoice and makes the next version; the old link leads to it", async () => {
  const first = await issueInvoice(t.ctx, { orderId: order.orderId });
  await revise(order.orderId, 700_000n);
  const second = await issueInvoice(t.ctx, { orderId: order.orderId });
  expect(second).toMatchObject({ number: first.number, version: 2 });
  expect((await stored(first.invoiceId)).state).toBe("cancelled");
  expect(await findInvoice(t.ctx, first.token)).toEqual({ orderId: order.orderId, currentToken: second.token });
  expect((await stored(second.invoiceId)).content.title).toContain("редакция");
});

test("two requests at once make one version", async () => {
  const issued = await Promise.all([1, 2, 3].map(() => issueInvoice(t.ctx, { orderId: order.orderId })));
  expect(new Set(issued.map((each) => each.invoiceId)).size).toBe(1);
});

test("LOST-08: after a part is paid the invoice asks for the rest, shared over the VAT rates", async () => {
  await t.ctx.database.sql`update orders set captured_kopecks = 163100, payment_status = 'partially_paid' where id = ${order.orderId}`;
  const { content } = await stored((await issueInvoice(t.ctx, { orderId: order.orderId })).invoiceId);
  expect(content.totalRubles).toBe("5000.00");
  // 5340.00 at 22 % and 1291.00 at 10 % of 6631.00.
  expect(content.lines.map((line) => line.sum.replace(/\s/gu, ""))).toEqual(["4026,54", "973,46"]);
});

test("INV-12: typed requisites are checked; a sole trader has no КПП", async () => {
  const { orderId } = await make({ payerKind: "individual" });
  const refused = (buyer: Partial<typeof typed>) => expect(issueInvoice(t.ctx, { orderId, buyer: { ...typed, ...buyer } })).rejects;
  await expect(issueInvoice(t.ctx, { orderId })).rejects.toMatchObject({ code: "conflict", details: { reason: "buyer_unknown" } });
  await refused({ inn: "7707083894" }).toMatchObject({ code: "invalid", details: { field: "inn" } });
  await refused({ inn: "77070838" }).toMatchObject({ details: { field: "inn" }, message: "В ИНН 10 цифр у организации и 12 у ИП" });
  await refused({ name: " " }).toMatchObject({ details: { field: "name" } });
  await refused({ kpp: "12" }).toMatchObject({ details: { field: "kpp" } });
  const issued = await issueInvoice(t.ctx, { orderId, buyer: { ...typed, inn: "500100732259", kpp: "12" } });
  expect((await stored(issued.invoiceId)).content.buyer).toMatchObject({ inn: "500100732259", kpp: null });
});

test("1C's buyer is not changed by what a visitor types", async () => {
  const { content } = await stored((await issueInvoice(t.ctx, { orderId: order.orderId, buyer: { ...typed, inn: "500100732259", name: "Чужая" } })).invoiceId);
  expect(content.buyer.inn).toBe("7707083893");
});

test("nothing is invoiced that may not be paid", async () => {
  const { sql } = t.ctx.database;
  const refused = (orderId: string, reason: string) => expect(issueInvoice(t.ctx, { orderId })).rejects.toMatchObject({ code: "conflict", details: { reason } });
  await sql`update orders set captured_kopecks = total_kopecks where id = ${order.orderId}`;
  await refused(order.orderId, "paid");
  await refused((await make({ lifecycle: "cancelled" })).orderId, "not_payable");
  await refused((await make({ isPosted: false })).orderId, "not_payable");
  // CML-18: lines that do not make the total would print a wrong VAT.
  await refused((await make({ linesMatchTotal: false })).orderId, "not_payable");
});

test("INV-4: the job draws the PDF once and the page learns of it", async () => {
  const issued = await issueInvoice(t.ctx, { orderId: order.orderId });
  expect(await readInvoicePdf(t.ctx, issued.token)).toMatchObject({ pdf: null, number: order.number, date: "2026-11-21" });
  await drainJobs(t, { only: ["invoice.render"] });
  const { pdf } = (await readInvoicePdf(t.ctx, issued.token))!;
  expect(pdf!.subarray(0, 5).toString()).toBe("%PDF-");
  expect(t.hints).toContain(order.orderId);
});
