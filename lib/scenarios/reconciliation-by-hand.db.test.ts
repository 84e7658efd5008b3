/** What an accountant does on the screen of reconciliation when the machine alone did not get through to the bank. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { localDate } from "@/lib/kit/time.ts";
import { mendDiscrepancy, reconcile, requestRegistry, uploadRegistry } from "@/lib/reconciliation/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { registryFile } from "@/lib/testing/registry-lines.ts";

let t: MoneyWorld;
let accountant: MadeStaff;
beforeAll(async () => {
  t = await openMoneyWorld();
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const today = () => localDate(t.ctx.now(), t.ctx.zone);

/** Money at the bank of which nobody told us; the attempt is forgotten. */
async function unheard() {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: 1 });
  const bill = await t.bankId(attempt.attemptId);
  await t.sandbox.control(`pay/${bill}`, { outcome: "success" });
  await t.ctx.database.sql`update payment_attempts set next_poll_at = null, state = 'expired', finished_at = ${t.ctx.now()} where id = ${attempt.attemptId}`;
  const { payments } = await t.sandbox.read<{ payments: { id: string; invoiceId: string | null }[] }>("paykeeper/state");
  return { order, paymentId: payments.find((payment) => payment.invoiceId === bill)!.id };
}

test("LOST-20 by hand: the file names money that the bank's door hid from us; «Перечитать у банка» books it to its order once the door answers", async () => {
  const { order, paymentId } = await unheard();
  await uploadRegistry(accountant.ctx, { connectionId: t.acquirer.connectionId, fileName: "r.csv", bytes: registryFile([{ id: paymentId, kopecks: 663_100n, day: today() }]) });
  await t.sandbox.control("fault", { target: "paykeeper", fault: "502_before", times: 50 });
  await reconcile(t.ctx, "full");
  const state = async () => (await t.ctx.database.sql<{ id: string; state: string }[]>`select id, state from discrepancies where class = 'MISSING_IN_LEDGER' and detail->>'providerPaymentId' = ${paymentId}`)[0]!;
  expect((await state()).state).toBe("open");
  await expect(mendDiscrepancy(accountant.ctx, { discrepancyId: (await state()).id })).rejects.toMatchObject({ code: "unavailable" });
  expect((await moneyOf(t, order.orderId)).status).not.toBe("paid");
  await t.disarmFaults();
  expect(await mendDiscrepancy(accountant.ctx, { discrepancyId: (await state()).id })).toBe("auto_resolved");
  const money = await moneyOf(t, order.orderId);
  expect([money.status, money.facts]).toEqual(["paid", [{ kind: "payment_captured", amountKopecks: 663_100n }]]);
  await expect(mendDiscrepancy(accountant.ctx, { discrepancyId: (await state()).id })).rejects.toMatchObject({ code: "conflict" });
  expect(await t.ctx.database.sql`select action from audit_log where action = 'discrepancy.mended'`).toHaveLength(1);
});

test("a registry asked for by hand: the day is covered, the money it names is found, who asked is audited; a bank that is down says so", async () => {
  const { paymentId } = await unheard();
  await t.sandbox.control("fault", { target: "paykeeper", fault: "502_before", times: 50 });
  await expect(requestRegistry(accountant.ctx, { connectionId: t.acquirer.connectionId, day: today() })).rejects.toMatchObject({ code: "unavailable" });
  await t.disarmFaults();
  const registry = await requestRegistry(accountant.ctx, { connectionId: t.acquirer.connectionId, day: today() });
  expect(registry).toMatchObject({ dayFrom: today(), dayTo: today() });
  expect(await t.ctx.database.sql`select amount_kopecks from registry_entries where provider_payment_id = ${paymentId}`).toEqual([{ amountKopecks: 663_100n }]);
  expect(await t.ctx.database.sql`select 1 from audit_log where action = 'registry.requested'`).toHaveLength(1);
  await expect(requestRegistry(accountant.ctx, { connectionId: t.acquirer.connectionId, day: "2099-01-01" })).rejects.toMatchObject({ code: "invalid" });
});
