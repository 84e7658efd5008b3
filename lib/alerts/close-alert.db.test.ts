import { afterAll, beforeAll, expect, test } from "vitest";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { closeAlert } from "./close-alert.ts";
import { raiseAlert } from "./raise-alert.ts";

let t: TestContext;
let accountant: MadeStaff;
beforeAll(async () => {
  t = await openTestContext();
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(() => t.close());

async function anAlert(code: string, objectKey: string): Promise<string> {
  await raiseAlert(t.ctx, t.ctx.database.sql, { code, objectKey, severity: "P2", title: "Что-то случилось", advice: "Разберитесь" });
  const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from alerts where code = ${code} and object_key = ${objectKey} and state <> 'resolved'`;
  return row!.id;
}
const stateOf = async (alertId: string) => (await t.ctx.database.sql<{ state: string; detail: Record<string, unknown> }[]>`select state, detail from alerts where id = ${alertId}`)[0]!;

test("SEC-14: news that no watcher ends is closed by a person with a reason, and stays written down", async () => {
  const alertId = await anAlert("ALR-16", "attempt:1:amount");
  await expect(closeAlert(accountant.ctx, { alertId, reason: " " })).rejects.toMatchObject({ code: "invalid", details: { field: "reason" } });
  await closeAlert(accountant.ctx, { alertId, reason: "Сумма сверена с банком, письмо 21.11" });
  expect(await stateOf(alertId)).toEqual({ state: "resolved", detail: { closedBecause: "Сумма сверена с банком, письмо 21.11" } });
  await expect(closeAlert(accountant.ctx, { alertId, reason: "ещё раз закрыть" })).rejects.toMatchObject({ code: "conflict" });
  expect(await t.ctx.database.sql`select action, reason from audit_log where object_id = ${alertId}`).toEqual([{ action: "alert.closed", reason: "Сумма сверена с банком, письмо 21.11" }]);
});

test("an alert whose cause still stands is not hidden, and only who decides about money closes one", async () => {
  for (const [code, key] of [["ALR-16", "discrepancy:1"], ["ALR-16", "payment:c:1"], ["ALR-06", "receipt:1"], ["ALR-08", "receipt:1"]] as const) {
    await expect(closeAlert(accountant.ctx, { alertId: await anAlert(code, key), reason: "хочу закрыть" })).rejects.toMatchObject({ code: "conflict" });
  }
  const manager = await aStaff(t, { role: "manager" });
  await expect(closeAlert(manager.ctx, { alertId: await anAlert("ALR-23", "refund:1"), reason: "хочу закрыть" })).rejects.toMatchObject({ code: "forbidden" });
});
