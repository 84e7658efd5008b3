/** What the pages ask about statements: whose a credit may be (LOST-23), which credits stand beside a payout (M2). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer, anInn } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { registryFile, statementFile } from "@/lib/testing/registry-lines.ts";
import { findBankLineTarget } from "./bank-line-target.ts";
import { listPayoutCredits } from "./list-payout-credits.ts";
import { listUnidentified } from "./list-unidentified.ts";
import { reconcile } from "./run-reconciliation.ts";
import { uploadBankStatement } from "./upload-bank-statement.ts";
import { uploadRegistry } from "./upload-registry.ts";

const account = "40702810900000030001";
let t: TestContext;
let accountant: MadeStaff;
let shop: TestShop;
beforeAll(async () => {
  t = await openTestContext();
  t.clock.set("2026-11-20T08:00:00Z");
  accountant = await aStaff(t, { role: "accountant" });
  shop = await aShop(t);
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${newId()}, ${shop.sellerOrgId}, 'Банк', '044525225', ${account}, true)`;
});
afterAll(() => t.close());

const statement = (...credits: { number: string; kopecks: bigint; purpose: string; payerInn?: string; payerAccount?: string }[]) =>
  uploadBankStatement(accountant.ctx, { fileName: "kl.txt", bytes: statementFile(account, credits.map((credit) => ({ day: "2026-11-19", ...credit }))), isTest: true });

test("LOST-23: a named order or payer is found, and what is not found is told beside its field", async () => {
  const inn = anInn();
  const order = await anOrder(t, { ...shop, payerKind: "organization", inn });
  const [{ number }] = (await t.ctx.database.sql<{ number: string }[]>`select number from orders where id = ${order.orderId}`) as unknown as [{ number: string }];
  await statement({ number: "1", kopecks: 663_100n, purpose: "За поставку", payerInn: anInn(), payerAccount: "40702810210000054321" });
  const line = (await listUnidentified(t.ctx, true)).find((each) => each.account === account)!;
  const find = (orderNumber: string, payerInn: string, bankLineId = line.bankLineId) => findBankLineTarget(t.ctx, { bankLineId, orderNumber, inn: payerInn });
  expect(await find(`№ ${number}`, "")).toMatchObject({ line: { amountKopecks: 663_100n, receivedOn: "2026-11-19" }, to: { kind: "order", orderId: order.orderId, payerKind: "organization" } });
  expect(await find("", inn)).toMatchObject({ to: { kind: "counterparty" } });
  await expect(find("999-000", "")).rejects.toMatchObject({ code: "invalid", details: { field: "orderNumber" } });
  await expect(find("", "7707083893")).rejects.toMatchObject({ code: "invalid", details: { field: "inn" } });
  await expect(find("", "")).rejects.toMatchObject({ code: "invalid", details: { field: "orderNumber" } });
  await expect(find(number, inn)).rejects.toMatchObject({ code: "invalid", details: { field: "inn" } });
  await expect(find(number, "", newId())).rejects.toMatchObject({ code: "not_found" });
});

test("M2: beside a payout stand the credits bound to it, then the free ones, the nearest sum first; another seller's are left out", async () => {
  const { connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId });
  await uploadRegistry(accountant.ctx, { connectionId, fileName: "r.csv", bytes: registryFile([{ id: "p1", kopecks: 100_000n, feeKopecks: 0n, day: "2026-11-18", payoutId: "660001", payoutDay: "2026-11-19" }]) });
  await statement(
    { number: "11", kopecks: 60_000n, purpose: "Возмещение по эквайрингу, реестр 660001" }, { number: "12", kopecks: 90_000n, purpose: "Возмещение по эквайрингу" }, { number: "13", kopecks: 40_000n, purpose: "Возмещение по эквайрингу" },
  );
  await reconcile(t.ctx, "full");
  const [payout] = await t.ctx.database.sql<{ id: string }[]>`select id from settlements where connection_id = ${connectionId}`;
  const shown = (await listPayoutCredits(t.ctx, { settlementIds: [payout!.id], isTest: true })).filter((credit) => credit.amountKopecks < 600_000n);
  expect(shown.map((credit) => [credit.number, credit.isBound])).toEqual([["11", true], ["13", false], ["12", false]]);
  expect(await listPayoutCredits(t.ctx, { settlementIds: [payout!.id], isTest: false })).toEqual([]);
  expect(await listPayoutCredits(t.ctx, { settlementIds: [], isTest: true })).toEqual([]);
  const other = await aShop(t);
  const foreign = (await anAcquirer(t, { sellerOrgId: other.sellerOrgId })).connectionId;
  await uploadRegistry(accountant.ctx, { connectionId: foreign, fileName: "f.csv", bytes: registryFile([{ id: "f1", kopecks: 90_000n, day: "2026-11-18", payoutId: "660002", payoutDay: "2026-11-19" }]) });
  await reconcile(t.ctx, "full");
  const [theirs] = await t.ctx.database.sql<{ id: string }[]>`select id from settlements where connection_id = ${foreign}`;
  expect(await listPayoutCredits(t.ctx, { settlementIds: [theirs!.id], isTest: true })).toEqual([]);
});
