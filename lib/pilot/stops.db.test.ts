/** The kill switch (PIL-05): what it stops at once, what goes on, and who may begin again. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { issueInvoice } from "@/lib/invoices/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { renewLink } from "@/lib/payments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { aDraft } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { openPilotStore } from "@/lib/testing/pilot-store.ts";
import type { PilotStore } from "@/lib/testing/pilot-store.ts";
import { resumePayments, stopPayments } from "./index.ts";

let t: PilotStore;
beforeAll(async () => {
  t = await openPilotStore();
});
afterAll(() => t.close());
beforeEach(() => t.begin());

const sql = () => t.ctx.database.sql;

function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: () => open() };
}

test("PIL-05: the kill switch stops new links, attempts and invoices at once; what began goes on; taking money begins again with links", async () => {
  t.shop = await t.shopIn("live");
  const begun = await t.take();
  const link = (await t.linkOf(begun))!;
  await t.beginAttempt(begun);
  const [attempt] = await sql()<{ state: string }[]>`select state from payment_attempts where order_id = ${begun}`;
  const waiting = await t.take();
  const waitingLink = (await t.linkOf(waiting))!;
  const { stopId } = await stopPayments(t.director.ctx, { storeId: t.shop.storeId, reason: "банк списывает дважды" });
  const stopped = { code: "conflict", message: "Магазин временно остановил приём оплаты. Попробуйте позже", details: { bar: "stopped" } };
  await expect(t.pay(waiting, waitingLink.id)).rejects.toMatchObject(stopped);
  await expect(t.pay(begun, link.id)).rejects.toMatchObject(stopped);
  await expect(renewLink(t.ctx, waiting)).rejects.toMatchObject(stopped);
  await expect(issueInvoice(t.ctx, { orderId: waiting })).rejects.toMatchObject(stopped);
  const late = await t.take();
  expect(await t.linkOf(late)).toBeNull();
  // What had begun was not touched, and is still asked about.
  expect(await sql()`select state from payment_attempts where order_id = ${begun}`).toEqual([attempt]);
  await expect(stopPayments(t.director.ctx, { storeId: t.shop.storeId, reason: "ещё раз" })).rejects.toMatchObject({ code: "conflict" });
  await expect(sql()`update payment_stops set reason = 'другая' where id = ${stopId}`).rejects.toMatchObject({ code: "23001" });
  await resumePayments(t.director.ctx, { stopId, reason: "банк исправил" });
  await drainJobs(t, { only: ["links.offer"] });
  expect(await t.linkOf(late)).not.toBeNull();
  expect(await t.linkOf(waiting)).toEqual(waitingLink);
  await expect(resumePayments(t.director.ctx, { stopId, reason: "ещё раз" })).rejects.toMatchObject({ code: "conflict" });
  const audit = await sql()`select action, reason from audit_log where object_id = ${t.shop.storeId} order by id`;
  expect(audit).toEqual([{ action: "payments.stopped", reason: "банк списывает дважды" }, { action: "payments.resumed", reason: "банк исправил" }]);
  expect(t.hints.filter((hint) => hint === "*").length).toBeGreaterThanOrEqual(2);
});

test("PIL-05: one switch for all stores; who may stop and who may start again", async () => {
  const other = await t.shopIn("live");
  const { stopId } = await stopPayments((await aStaff(t, { role: "accountant" })).ctx, { storeId: null, reason: "утечка ключа банка" });
  expect(await t.linkOf(await t.take(aDraft(), other))).toBeNull();
  for (const role of ["accountant", "operator", "manager"] as const) await expect(resumePayments((await aStaff(t, { role, storeId: other.storeId })).ctx, { stopId, reason: "проверено" })).rejects.toMatchObject({ code: "forbidden" });
  await resumePayments((await aStaff(t, { role: "integrator" })).ctx, { stopId, reason: "ключ заменён" });
  await expect(stopPayments((await aStaff(t, { role: "manager", storeId: other.storeId })).ctx, { storeId: other.storeId, reason: "проверка" })).rejects.toMatchObject({ code: "forbidden" });
  const operator = await aStaff(t, { role: "operator", storeId: other.storeId });
  await expect(stopPayments(operator.ctx, { storeId: null, reason: "проверка" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(stopPayments(operator.ctx, { storeId: t.shop.storeId, reason: "проверка" })).rejects.toMatchObject({ code: "forbidden" });
  const own = await stopPayments(operator.ctx, { storeId: other.storeId, reason: "очередь у кассы" });
  await resumePayments(t.director.ctx, { stopId: own.stopId, reason: "проверено" });
});

test("PIL-05: a stop waits for the links that are being written, and those that come after it see it", async () => {
  t.shop = await t.shopIn("live");
  const orderId = await t.take();
  const [wrote, held] = [gate(), gate()];
  const written = inTransaction(t.ctx, async (tx) => {
    const order = await lockOrder(tx, orderId);
    await tx`update payment_links set state = 'superseded' where order_id = ${orderId}`;
    await tx`insert into payment_links (id, order_id, token, state, revision_no, amount_kopecks, valid_until, created_at) values (${newId()}, ${order.orderId}, ${newId()}, 'active', 1, 1, now(), now())`;
    wrote.open();
    await held.passed;
  });
  await wrote.passed;
  let isStopped = false;
  const stop = stopPayments(t.director.ctx, { storeId: t.shop.storeId, reason: "проверка гонки" }).finally(() => (isStopped = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(isStopped).toBe(false);
  held.open();
  await written;
  const { stopId } = await stop;
  await expect(renewLink(t.ctx, orderId)).rejects.toMatchObject({ code: "conflict" });
  await resumePayments(t.director.ctx, { stopId, reason: "проверено" });
});
