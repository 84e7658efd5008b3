/** M4 on a real database: registered receipts beside our facts. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { HOUR_MS, MINUTE_MS } from "@/lib/kit/time.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { reconcile } from "./index.ts";

let t: TestContext;
let shop: TestShop;
let bankId: string;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());
beforeEach(async () => {
  t.clock.set("2026-11-20T09:00:00Z");
  shop = await aShop(t);
  bankId = (await anAcquirer(t, { sellerOrgId: shop.sellerOrgId })).connectionId;
  await t.ctx.database.sql`update connections set enabled = false where id = ${bankId}`;
});

const rows = (orderId: string, scope: "light" | "full" = "light") =>
  reconcile(t.ctx, scope).then(() => t.ctx.database.sql<{ class: string; state: string; severity: string; ours: bigint | null; theirs: bigint | null }[]>`
    select class, state, severity, ours_kopecks as ours, theirs_kopecks as theirs from discrepancies where order_id = ${orderId} order by class, found_at`);
const classes = async (orderId: string, scope: "light" | "full" = "light") => (await rows(orderId, scope)).map((row) => `${row.class} ${row.state}`);

type Receipt = { orderId: string; factId: string | null; state: string; kopecks: bigint; shipmentId?: string; failCode?: string; purpose?: string; kind?: string; lineKopecks?: bigint; corrects?: string };
let fd = 0;
async function receipt(given: Receipt): Promise<string> {
  const id = newId();
  const isDone = given.state === "registered";
  await t.ctx.database.sql`
    insert into receipts (id, fact_id, shipment_id, order_id, corrects_receipt_id, purpose, kind, state, total_kopecks, due_at, planned_at, registered_at, fn_number, fd_number, fiscal_sign, fail_code, is_test)
    values (${id}, ${given.factId}, ${given.shipmentId ?? null}, ${given.orderId}, ${given.corrects ?? null}, ${given.purpose ?? "prepayment"}, ${given.kind ?? "income"}, ${given.state}, ${given.kopecks}, ${t.ctx.now()}, ${t.ctx.now()},
      ${isDone ? t.ctx.now() : null}, ${isDone ? "9999078900000001" : null}, ${isDone ? String(++fd) : null}, ${isDone ? "1" : null}, ${given.failCode ?? null}, true)`;
  await t.ctx.database.sql`
    insert into receipt_lines (receipt_id, line_no, name, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks, method, subject)
    values (${id}, 1, 'Чайник', '1', ${given.lineKopecks ?? given.kopecks}, ${given.lineKopecks ?? given.kopecks}, 'vat22', 0, 1, 1)`;
  return id;
}
const siteMoney = (orderId: string, kopecks: bigint) => putMoney(t, { orderId, kopecks, fiscalOwner: "site" });

test("RECEIPT_MISSING: no receipt after 15 minutes, planned or not; registered or not required ends it", async () => {
  const order = await anOrder(t, shop);
  const [none, waiting] = [await siteMoney(order.orderId, 100n), await siteMoney(order.orderId, 200n)];
  const id = await receipt({ orderId: order.orderId, factId: waiting, state: "failed_final", kopecks: 200n });
  expect(await classes(order.orderId)).toEqual([]);
  t.clock.advance(15 * MINUTE_MS);
  expect(await rows(order.orderId)).toMatchObject([{ class: "RECEIPT_MISSING", state: "open", severity: "P1" }, { class: "RECEIPT_MISSING" }]);
  await t.ctx.database.sql`update receipts set state = 'not_required', reason_code = 'closed_by_staff' where id = ${id}`;
  await receipt({ orderId: order.orderId, factId: none, state: "registered", kopecks: 100n });
  expect(await classes(order.orderId)).toEqual(["RECEIPT_MISSING auto_resolved", "RECEIPT_MISSING auto_resolved"]);
});

test("RECEIPT_AMOUNT_MISMATCH: another sum, a wrong sign, lines that do not add up; a registered correction ends it (FISC-32)", async () => {
  const [sum, sign, lines] = [await anOrder(t, shop), await anOrder(t, shop), await anOrder(t, shop)];
  const wrong = await receipt({ orderId: sum.orderId, factId: await siteMoney(sum.orderId, 100n), state: "registered", kopecks: 90n });
  await receipt({ orderId: sign.orderId, factId: await siteMoney(sign.orderId, 100n), state: "registered", kopecks: 100n, kind: "income_return" });
  await receipt({ orderId: lines.orderId, factId: await siteMoney(lines.orderId, 100n), state: "registered", kopecks: 100n, lineKopecks: 99n });
  for (const { orderId } of [sum, sign, lines]) expect(await classes(orderId)).toEqual(["RECEIPT_AMOUNT_MISMATCH open"]);
  await receipt({ orderId: sum.orderId, factId: null, corrects: wrong, purpose: "reversal", kind: "income_return", state: "registered", kopecks: 90n });
  expect(await classes(sum.orderId)).toEqual(["RECEIPT_AMOUNT_MISMATCH auto_resolved"]);
});

test("RECEIPT_ORPHAN and RECEIPT_DUPLICATE: a receipt without a settlement, and one document for two; a registered reversal or a person's closing ends each", async () => {
  const order = await anOrder(t, shop);
  const orphan = await receipt({ orderId: order.orderId, factId: null, state: "registered", kopecks: 100n });
  const stopped = await receipt({ orderId: order.orderId, factId: await siteMoney(order.orderId, 200n), state: "failed_final", failCode: "RECEIPT_DUPLICATE", kopecks: 200n });
  t.clock.advance(15 * MINUTE_MS);
  expect(await classes(order.orderId)).toEqual(["RECEIPT_DUPLICATE open", "RECEIPT_ORPHAN open"]);
  await receipt({ orderId: order.orderId, factId: null, corrects: orphan, purpose: "reversal", kind: "income_return", state: "registered", kopecks: 100n });
  await t.ctx.database.sql`update receipts set state = 'not_required', reason_code = 'closed_by_staff', fail_code = null where id = ${stopped}`;
  expect(await classes(order.orderId)).toEqual(["RECEIPT_DUPLICATE auto_resolved", "RECEIPT_ORPHAN auto_resolved"]);
});

test("ADVANCE_NOT_CLOSED: shipped and no closing receipt within the hour; Σ 1215 short of the prepayment once the order is closed", async () => {
  const order = await anOrder(t, shop);
  await receipt({ orderId: order.orderId, factId: await siteMoney(order.orderId, 663_100n), state: "registered", kopecks: 663_100n });
  const shipmentId = newId();
  await t.ctx.database.sql`
    insert into shipments (id, order_id, document_key, shipped_at, business_date, total_kopecks, source, recorded_at, is_test) values (${shipmentId}, ${order.orderId}, 'ship', ${t.ctx.now()}, '2026-11-20', 663100, 'onec_document', ${t.ctx.now()}, true)`;
  expect(await classes(order.orderId)).toEqual([]);
  t.clock.advance(HOUR_MS);
  expect(await classes(order.orderId)).toEqual(["ADVANCE_NOT_CLOSED open"]);
  await receipt({ orderId: order.orderId, factId: null, shipmentId, purpose: "closing", state: "registered", kopecks: 663_100n });
  expect(await classes(order.orderId)).toEqual(["ADVANCE_NOT_CLOSED auto_resolved"]);
  // Listed by the moment they were found.
  t.clock.advance(MINUTE_MS);
  await t.ctx.database.sql`update orders set lifecycle = 'completed', updated_at = ${t.ctx.now()} where id = ${order.orderId}`;
  expect((await rows(order.orderId)).at(-1)).toMatchObject({ class: "ADVANCE_NOT_CLOSED", state: "open", theirs: 0n });
});

test("REC-04: the hourly run, which looks three days back, leaves older differences as they stand", async () => {
  const order = await anOrder(t, shop);
  const { factId } = await cardMoney(t, order.orderId, 100n, bankId);
  await t.ctx.database.sql`update export_messages set state = 'confirmed', confirmed_at = ${t.ctx.now()}, onec_document_number = '1' where fact_id = ${factId}`;
  const { onecId: secondBase } = await aShop(t);
  await t.ctx.database.sql`
    insert into export_messages (id, connection_id, order_id, fact_id, amount_kopecks, seq, order_version, state, created_at, confirmed_at, onec_document_number, is_test)
    values (${newId()}, ${secondBase}, ${order.orderId}, ${factId}, 100, 2, 1, 'confirmed', ${t.ctx.now()}, ${t.ctx.now()}, '2', true)`;
  const advance = await anOrder(t, shop);
  const paid = await siteMoney(advance.orderId, 663_100n);
  await receipt({ orderId: advance.orderId, factId: paid, state: "registered", kopecks: 663_100n });
  await t.ctx.database.sql`
    insert into shipments (id, order_id, document_key, shipped_at, business_date, total_kopecks, source, recorded_at, is_test) values (${newId()}, ${advance.orderId}, ${newId()}, ${t.ctx.now()}, '2026-11-20', 0, 'onec_document', ${t.ctx.now()}, true)`;
  await t.ctx.database.sql`update orders set lifecycle = 'completed', updated_at = ${t.ctx.now()} where id = ${advance.orderId}`;
  const standing = async () => [...(await classes(order.orderId)), ...(await classes(advance.orderId))];
  expect(await standing()).toEqual(["DUPLICATE_IN_1C open", "ADVANCE_NOT_CLOSED open"]);
  t.clock.advance(5 * 24 * HOUR_MS);
  expect(await standing()).toEqual(["DUPLICATE_IN_1C open", "ADVANCE_NOT_CLOSED open"]);
  t.clock.advance(30 * 24 * HOUR_MS);
  await reconcile(t.ctx, "full");
  expect(await standing()).toEqual(["DUPLICATE_IN_1C open", "ADVANCE_NOT_CLOSED open"]);
});
