/** What people decide about statements: which payout a credit is (M2), and that one is late (ALR-18). */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import { registryFile, statementFile } from "@/lib/testing/registry-lines.ts";
import { setSetting } from "@/lib/testing/settings.ts";
import { bindSettlement } from "./bind-settlement.ts";
import { reconcile } from "./run-reconciliation.ts";
import { uploadBankStatement } from "./upload-bank-statement.ts";
import { uploadRegistry } from "./upload-registry.ts";

let t: TestContext;
let accountant: MadeStaff;
let account: string;
let accountId: string;
let connectionId: string;
beforeAll(async () => {
  t = await openTestContext();
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(() => t.close());
let no = 0;
beforeEach(async () => {
  t.clock.set("2026-11-20T08:00:00Z");
  const { sellerOrgId } = await aShop(t);
  connectionId = (await anAcquirer(t, { sellerOrgId })).connectionId;
  await t.ctx.database.sql`update connections set enabled = false where kind = 'acquirer'`;
  account = `4070281090000002${String(++no).padStart(4, "0")}`;
  accountId = newId();
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${accountId}, ${sellerOrgId}, 'Банк', '044525225', ${account}, true)`;
});

const statement = (day: string, ...credits: [number: string, kopecks: bigint, purpose: string][]) =>
  uploadBankStatement(accountant.ctx, { fileName: "kl.txt", bytes: statementFile(account, credits.map(([number, kopecks, purpose]) => ({ number, day, kopecks, purpose }))), isTest: true });
const registry = (payoutId: string, kopecks: bigint) =>
  uploadRegistry(accountant.ctx, { connectionId, fileName: `${payoutId}.csv`, bytes: registryFile([{ id: `p-${payoutId}`, kopecks, feeKopecks: 0n, day: "2026-11-18", payoutId, payoutDay: "2026-11-19" }]) });
const lines = async () => Object.fromEntries((await t.ctx.database.sql<{ id: string; number: string; payoutId: string | null }[]>`select l.id, l.number, s.payout_id from bank_statement_lines l left join settlements s on s.id = l.settlement_id where l.account = ${account}`).map((row) => [row.number, row]));
const settlementId = async (payoutId: string) => (await t.ctx.database.sql<{ id: string }[]>`select id from settlements where connection_id = ${connectionId} and payout_id = ${payoutId}`)[0]!.id;
const differences = async () => (await t.ctx.database.sql<{ line: string }[]>`
  select d.class || ' ' || d.state as line from discrepancies d where d.class in ('SETTLEMENT_MISMATCH', 'SETTLEMENT_MISSING', 'BANK_UNEXPECTED')
     and (d.connection_id = ${connectionId} or d.bank_line_id in (select id from bank_statement_lines where account = ${account})) order by 1`).map((row) => row.line);

test("M2: a credit that the machine gave to the wrong payout is unbound and bound by hand, stays so, and the differences follow", async () => {
  await registry("880001", 100_000n);
  await registry("880002", 40_000n);
  // The purpose names the first payout, the sum is the second's.
  await statement("2026-11-19", ["1", 40_000n, "Возмещение по реестру 880001"], ["2", 100_000n, "Возмещение без номера"]);
  await reconcile(t.ctx, "full");
  expect((await lines())["1"]!.payoutId).toBe("880001");
  expect(await differences()).toContain("SETTLEMENT_MISMATCH open");
  const { "1": first, "2": second } = await lines();
  await bindSettlement(accountant.ctx, { bankLineId: first!.id, settlementId: null, reason: "банк ошибся в назначении" });
  await reconcile(t.ctx, "full");
  // The machine does not bind again what a person has unbound, and finds the other line's payout by its sum.
  expect((await lines())["1"]!.payoutId).toBeNull();
  expect((await lines())["2"]!.payoutId).toBe("880001");
  expect((await differences()).filter((each) => each.startsWith("SETTLEMENT_MISMATCH"))).toEqual(["SETTLEMENT_MISMATCH auto_resolved"]);
  await bindSettlement(accountant.ctx, { bankLineId: first!.id, settlementId: await settlementId("880002"), reason: "банк ошибся в назначении" });
  await reconcile(t.ctx, "full");
  expect((await lines())["1"]!.payoutId).toBe("880002");
  expect((await differences()).filter((each) => !each.endsWith("auto_resolved"))).toEqual([]);
  expect(await t.ctx.database.sql`select action, reason from audit_log where object_id = ${first!.id} order by at, id`).toEqual([{ action: "settlement.unbound", reason: "банк ошибся в назначении" }, { action: "settlement.bound", reason: "банк ошибся в назначении" }]);
  expect(second!.payoutId).toBeNull();
});

test("bindSettlement: who may, and what is refused", async () => {
  await registry("990001", 1_000n);
  await statement("2026-11-19", ["5", 5_000n, "Возмещение по реестру"]);
  await reconcile(t.ctx, "full");
  const bankLineId = (await lines())["5"]!.id;
  const bind = (given: { bankLineId?: string; settlementId?: string | null; reason?: string }, ctx = accountant.ctx) => bindSettlement(ctx, { bankLineId, settlementId: null, reason: "проверено с банком", ...given });
  await expect(bind({}, (await aStaff(t, { role: "manager" })).ctx)).rejects.toMatchObject({ code: "forbidden" });
  await expect(bind({ reason: "да" })).rejects.toMatchObject({ code: "invalid", details: { field: "reason" } });
  await expect(bind({ bankLineId: newId() })).rejects.toMatchObject({ code: "not_found" });
  await expect(bind({ settlementId: newId() })).rejects.toMatchObject({ code: "not_found" });
  const other = await aShop(t);
  const foreign = (await anAcquirer(t, { sellerOrgId: other.sellerOrgId })).connectionId;
  await uploadRegistry(accountant.ctx, { connectionId: foreign, fileName: "f.csv", bytes: registryFile([{ id: "f1", kopecks: 5_000n, day: "2026-11-18", payoutId: "770001", payoutDay: "2026-11-19" }]) });
  await reconcile(t.ctx, "full");
  const [theirs] = await t.ctx.database.sql<{ id: string }[]>`select id from settlements where connection_id = ${foreign}`;
  await expect(bind({ settlementId: theirs!.id })).rejects.toMatchObject({ code: "conflict" });
});

const late = async () => (await t.ctx.database.sql<{ severity: string; day: string }[]>`select severity, detail->>'day' as day from alerts where code = 'ALR-18' and object_key = ${`statement:${accountId}`} and state <> 'resolved'`)[0] ?? null;

test("ALR-18: an account that has had a statement wants one by noon of the next working day; a weekend is no gap; the statement ends it", async () => {
  await reconcile(t.ctx, "light");
  expect(await late()).toBeNull();
  await statement("2026-11-18", ["1", 100n, "Оплата"]);
  // Friday, 11:00 in Moscow: Thursday's may still come.
  await reconcile(t.ctx, "light");
  expect(await late()).toBeNull();
  t.clock.set("2026-11-20T09:00:00Z");
  await reconcile(t.ctx, "light");
  await reconcile(t.ctx, "light");
  expect(await late()).toEqual({ severity: "P2", day: "2026-11-19" });
  expect(await t.ctx.database.sql`select count from alerts where code = 'ALR-18' and object_key = ${`statement:${accountId}`}`).toEqual([{ count: 1 }]);
  await statement("2026-11-19", ["2", 100n, "Оплата"]);
  await reconcile(t.ctx, "light");
  expect(await late()).toBeNull();
  // Sunday evening, then Monday before noon: Friday's statement is due on Monday at noon.
  t.clock.set("2026-11-23T08:59:00Z");
  await reconcile(t.ctx, "light");
  expect(await late()).toBeNull();
  t.clock.set("2026-11-23T09:00:00Z");
  await reconcile(t.ctx, "light");
  expect(await late()).toEqual({ severity: "P2", day: "2026-11-20" });
});

test("ALR-18: with recon.bankStatements on an account without any statement is late too", async () => {
  await setSetting(t, "recon.bankStatements", true);
  t.clock.set("2026-11-20T09:00:00Z");
  await reconcile(t.ctx, "light");
  expect(await late()).toEqual({ severity: "P2", day: "2026-11-19" });
  await setSetting(t, "recon.bankStatements", false);
  await reconcile(t.ctx, "light");
  expect(await late()).toBeNull();
});
