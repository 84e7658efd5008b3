import { afterAll, beforeAll, expect, test } from "vitest";
import { actingAs, inTransaction } from "@/lib/context.ts";
import type { Role } from "@/lib/auth/roles.ts";
import { newId } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { aCompany, aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { bookTransfer, recordTransfer } from "./book-transfer.ts";

let t: TestContext;
let shop: TestShop;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
});
afterAll(() => t.close());

const as = (role: Role) => actingAs(t.ctx, { kind: "staff", userId: newId(), role, storeId: null, ip: "192.0.2.1" });
const made = async () => {
  const draft = aDraft({ totalKopecks: 100_000n, buyer: aCompany() });
  const [result] = await upload(t, shop, draft);
  return { draft, orderId: result!.orderId! };
};
const capturedOf = async (orderId: string) => (await t.ctx.database.sql<{ capturedKopecks: bigint }[]>`select captured_kopecks from orders where id = ${orderId}`)[0]!.capturedKopecks;

test("the accountant books a part, then the rest; each with an audit row and the page's sum following", async () => {
  const { orderId } = await made();
  const first = await bookTransfer(as("accountant"), { orderId, amountKopecks: 40_000n, documentNumber: "101", documentDate: "2026-11-20" });
  expect(first).toMatchObject({ dueKopecks: 60_000n, overpaidKopecks: 0n });
  const [link] = await t.ctx.database.sql`select amount_kopecks from payment_links where order_id = ${orderId} and state = 'active'`;
  expect(link).toEqual({ amountKopecks: 60_000n });
  await bookTransfer(as("director"), { orderId, amountKopecks: 60_000n, documentNumber: "102", documentDate: "2026-11-21", note: " второй платёж " });
  const audit = await t.ctx.database.sql`select role, action, reason from audit_log where object_id = ${orderId} order by at, id`;
  expect([...audit]).toEqual([{ role: "accountant", action: "transfer.booked", reason: null }, { role: "director", action: "transfer.booked", reason: "второй платёж" }]);
  const [order] = await t.ctx.database.sql`select payment_status, export_version = exported_version as nothing_to_give from orders where id = ${orderId}`;
  expect(order).toEqual({ paymentStatus: "paid", nothingToGive: true });
});

test("more than due is booked as it came, with an alert (LOST-09)", async () => {
  const { orderId } = await made();
  expect(await bookTransfer(as("accountant"), { orderId, amountKopecks: 150_000n, documentNumber: "7", documentDate: "2026-11-20" })).toMatchObject({ overpaidKopecks: 50_000n });
  const [alert] = await t.ctx.database.sql`select code, amount_kopecks from alerts where order_id = ${orderId}`;
  expect(alert).toEqual({ code: "ALR-04", amountKopecks: 50_000n });
});

test("LOST-02: the same document twice, by hand and by 1C, is one payment", async () => {
  const { draft, orderId } = await made();
  await bookTransfer(as("accountant"), { orderId, amountKopecks: 40_000n, documentNumber: "377", documentDate: "2026-11-20" });
  await expect(bookTransfer(as("accountant"), { orderId, amountKopecks: 40_000n, documentNumber: "№ 000377", documentDate: "2026-11-20" })).rejects.toMatchObject({ code: "conflict", details: { reason: "booked" } });
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000377", dateLocal: "2026-11-20T12:00:00" } } }));
  expect(await capturedOf(orderId)).toBe(40_000n);
  // 1C says all is paid by a document that we know for less: somebody must look.
  const [alert] = await t.ctx.database.sql`select code, amount_kopecks from alerts where order_id = ${orderId}`;
  expect(alert).toEqual({ code: "ALR-16", amountKopecks: 60_000n });
});

type Document = { ref: string; number: string; bank?: string; kopecks: bigint };
const reported = (orderId: string, { ref, number, bank, kopecks }: Document) =>
  inTransaction(t.ctx, async (tx) =>
    recordTransfer(t.ctx, tx, await lockOrder(tx, orderId), {
      amountKopecks: kopecks, method: "bank_transfer", documentKey: ref, documentNumber: number, bankDocumentNumber: bank ?? null, occurredAt: t.ctx.now(), fiscalOwner: "site",
    }),
  );
const alertsOf = async (orderId: string) => (await t.ctx.database.sql<{ code: string }[]>`select code from alerts where order_id = ${orderId}`).map((a) => a.code);

test("LOST-02, PAY-02: one payment of 1C spread over two orders is booked on both, once on each; the same sum twice is shown", async () => {
  const [a, b, c] = [await made(), await made(), await made()];
  const payment = { ref: newId(), number: "НФНФ-000012", bank: "700" };
  for (let time = 0; time < 2; time++) {
    await reported(a.orderId, { ...payment, kopecks: 1_000n });
    await reported(b.orderId, { ...payment, kopecks: 2_000n });
  }
  expect([await capturedOf(a.orderId), await capturedOf(b.orderId)]).toEqual([1_000n, 2_000n]);
  expect(await alertsOf(b.orderId)).toEqual([]);
  await reported(c.orderId, { ...payment, kopecks: 1_000n });
  expect(await capturedOf(c.orderId)).toBe(1_000n);
  expect(await alertsOf(c.orderId)).toEqual(["ALR-16"]);
});

test("LOST-02: two documents of 1C are two payments, also when the bank's number of one looks like the other's own", async () => {
  const { orderId } = await made();
  await reported(orderId, { ref: newId(), number: "НФНФ-000012", bank: "700", kopecks: 1_000n });
  await reported(orderId, { ref: newId(), number: "НФНФ-000015", bank: "12", kopecks: 3_000n });
  expect(await capturedOf(orderId)).toBe(4_000n);
});

test("LOST-02: a document that the accountant entered by the bank's number is not booked again; with another sum it is shown", async () => {
  const { orderId } = await made();
  await bookTransfer(as("accountant"), { orderId, amountKopecks: 40_000n, documentNumber: "318", documentDate: "2026-11-20" });
  await reported(orderId, { ref: newId(), number: "НФНФ-000012", bank: "318", kopecks: 40_000n });
  expect(await alertsOf(orderId)).toEqual([]);
  await reported(orderId, { ref: newId(), number: "НФНФ-000318", kopecks: 50_000n });
  expect(await capturedOf(orderId)).toBe(40_000n);
  expect(await alertsOf(orderId)).toEqual(["ALR-16"]);
});

test("two clicks at once book once", async () => {
  const { orderId } = await made();
  const click = () => bookTransfer(as("accountant"), { orderId, amountKopecks: 100_000n, documentNumber: "55", documentDate: "2026-11-20" });
  const results = await Promise.allSettled([click(), click(), click()]);
  expect(results.filter((r) => r.status === "fulfilled")).toHaveLength(1);
  expect(await capturedOf(orderId)).toBe(100_000n);
});

test.each(["manager", "operator", "integrator"] as const)("SEC: %s may not book a transfer", async (role) => {
  const { orderId } = await made();
  await expect(bookTransfer(as(role), { orderId, amountKopecks: 1n, documentNumber: "1", documentDate: "2026-11-20" })).rejects.toMatchObject({ code: "forbidden" });
});

test.each([
  [{ documentNumber: " " }, "documentNumber"],
  [{ amountKopecks: 0n }, "amount"],
  [{ amountKopecks: -5n }, "amount"],
  [{ documentDate: "2026-11-22" }, "documentDate"],
  [{ documentDate: "2026-02-30" }, "documentDate"],
  [{ documentDate: "вчера" }, "documentDate"],
])("bad input %o is refused with its field", async (wrong, field) => {
  const { orderId } = await made();
  await expect(bookTransfer(as("accountant"), { orderId, amountKopecks: 1n, documentNumber: "1", documentDate: "2026-11-20", ...wrong })).rejects.toMatchObject({ code: "invalid", details: { field } });
  expect(await capturedOf(orderId)).toBe(0n);
});
