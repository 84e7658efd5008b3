import { afterAll, beforeAll, expect, test } from "vitest";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aRegister, aShop } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { closeReceipt } from "./close-receipt.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());

test("A5: a director or an accountant ends a receipt that waits for a decision, with a note, once, audited; others and other states are refused", async () => {
  const { sql } = t.ctx.database;
  const shop = await aShop(t);
  const paid = async () => {
    const order = await anOrder(t, shop);
    await putMoney(t, { orderId: order.orderId, kopecks: 663_100n, fiscalOwner: "site", announced: true });
    return (await sql<{ id: string; state: string }[]>`select id, state from receipts where order_id = ${order.orderId}`)[0]!;
  };
  const failed = await paid();
  expect(failed.state).toBe("failed_final");
  await aRegister(t, { sellerOrgId: shop.sellerOrgId });
  const planned = await paid();
  const accountant = await aStaff(t, { role: "accountant" });
  const integrator = await aStaff(t, { role: "integrator" });
  const note = "Пробит в кассе магазина, ФД 17";

  await expect(closeReceipt(integrator.ctx, { receiptId: failed.id, note })).rejects.toMatchObject({ code: "forbidden" });
  await expect(closeReceipt(t.ctx, { receiptId: failed.id, note })).rejects.toMatchObject({ code: "forbidden" });
  await expect(closeReceipt(accountant.ctx, { receiptId: failed.id, note: "  " })).rejects.toMatchObject({ code: "invalid" });
  await expect(closeReceipt(accountant.ctx, { receiptId: planned.id, note })).rejects.toMatchObject({ code: "conflict" });
  await closeReceipt(accountant.ctx, { receiptId: failed.id, note });
  expect(await sql`select state, reason_code from receipts where id = ${failed.id}`).toMatchObject([{ state: "not_required", reasonCode: "closed_by_staff" }]);
  expect(await sql`select after from audit_log where action = 'receipt.closed' and object_id = ${failed.id}`).toMatchObject([{ after: { note } }]);
  await expect(closeReceipt(accountant.ctx, { receiptId: failed.id, note })).rejects.toMatchObject({ code: "conflict" });
});
