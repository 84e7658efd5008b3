/** A bank's registries and statements beside our money, for tests of what reconciliation finds in them. */
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { uploadBankStatement, uploadRegistry } from "@/lib/reconciliation/index.ts";
import { aStaff } from "./a-staff.ts";
import type { MadeStaff } from "./a-staff.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aShop, anAcquirer } from "./factories.ts";
import type { TestShop } from "./factories.ts";
import { registryFile, statementFile } from "./registry-lines.ts";
import type { GivenRegistryLine } from "./registry-lines.ts";

/** Money of ours; `id` is the bank's payment, `day` its Moscow date (the 19th, Thursday), `parent` the payment of a refund. */
type Money = { id: string; kopecks: bigint; day?: string; kind?: FactKind; operationId?: string; parent?: string; orderId?: string | null; owner?: "site" | "none" };
type Difference = {
  id: string; oursKopecks: bigint | null; theirsKopecks: bigint | null; severity: string; detail: Record<string, unknown>; factId: string | null; settlementId: string | null; resolution: string | null;
};

export type ReconciliationWorld = TestContext & {
  accountant: MadeStaff;
  /** Of this test, as `begin` made them; a test may put a bank of its own in the place of `bank`. */
  shop: TestShop;
  bank: { connectionId: string };
  account: string;
  /** Call in `beforeEach`: a shop, its bank and its account of this test's own; Friday the 20th, noon. */
  begin(): Promise<void>;
  /** Books money of this test's bank and gives the fact's id. */
  fact(money: Money): Promise<string>;
  upload(lines: GivenRegistryLine[], connectionId?: string): ReturnType<typeof uploadRegistry>;
  statement(credits: Parameters<typeof statementFile>[1]): ReturnType<typeof uploadBankStatement>;
  /** Differences of this test's bank, or about rows of it: `class state`, in the order of the alphabet. */
  seen(): Promise<string[]>;
  /** The newest of them of one class. */
  one(name: string): Promise<Difference>;
  /** Open alerts of them: `code severity`. */
  alertsOf(): Promise<string[]>;
  /** To noon of a day. */
  goTo(day: string): void;
  /** A live fact on a test terminal, as a database of before the guards may hold it (PIL-03): today the database refuses it. */
  mixWorlds(): Promise<void>;
};

let no = 0;

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openReconciliationWorld(): Promise<ReconciliationWorld> {
  const t = await openTestContext();
  const { sql } = t.ctx.database;
  const accountant = await aStaff(t, { role: "accountant" });
  const own = () => sql`(d.connection_id = ${world.bank.connectionId} or d.connection_id = ${world.shop.onecId} or d.bank_line_id in (select id from bank_statement_lines where account = ${world.account})
       or d.order_id in (select id from orders where store_id = ${world.shop.storeId}))`;
  const world: ReconciliationWorld = {
    ...t,
    accountant,
    shop: { sellerOrgId: "", storeId: "", onecId: "" },
    bank: { connectionId: "" },
    account: "",
    async begin() {
      t.clock.set("2026-11-20T09:00:00Z");
      await sql`update connections set enabled = false where kind = 'acquirer'`;
      world.shop = await aShop(t);
      t.clock.set("2026-11-01T09:00:00Z");
      world.bank = await anAcquirer(t, { sellerOrgId: world.shop.sellerOrgId, settings: { feePercent: "2.1" } });
      await sql`update connections set enabled = false where id = ${world.bank.connectionId}`;
      t.clock.set("2026-11-20T09:00:00Z");
      world.account = `4070281090000000${String(++no).padStart(4, "0")}`;
      await sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${newId()}, ${world.shop.sellerOrgId}, 'Банк', '044525225', ${world.account}, true)`;
    },
    async fact({ id, kopecks, day = "2026-11-19", kind = "payment_captured", operationId, parent, orderId = null, owner = "none" }) {
      const made = await inTransaction(t.ctx, (tx) =>
        recordFact(t.ctx, tx, {
          kind, amountKopecks: kopecks, method: "card", connectionId: world.bank.connectionId, providerPaymentId: id, captureNo: kind === "payment_captured" ? 1 : null, providerOperationId: operationId ?? null, parentFactId: parent ?? null,
          occurredAt: instantOfLocal(`${day}T12:00:00`)!, fiscalOwner: owner, isTest: true, allocations: [{ orderId, counterpartyId: null, amountKopecks: kopecks }],
        }),
      );
      return made!.factId;
    },
    upload: (lines, connectionId = world.bank.connectionId) => uploadRegistry(accountant.ctx, { connectionId, fileName: "registry.csv", bytes: registryFile(lines) }),
    statement: (credits) => uploadBankStatement(accountant.ctx, { fileName: "kl_to_1c.txt", bytes: statementFile(world.account, credits), isTest: true }),
    async seen() {
      const rows = await sql<{ class: string; state: string }[]>`select d.class, d.state from discrepancies d where ${own()} order by d.class, d.state`;
      return rows.map((row) => `${row.class} ${row.state}`);
    },
    async one(name) {
      const [row] = await sql<Difference[]>`
        select d.id, d.ours_kopecks, d.theirs_kopecks, d.severity, d.detail, d.fact_id, d.settlement_id, d.resolution from discrepancies d where d.class = ${name} and ${own()} order by d.found_at desc limit 1`;
      return row!;
    },
    async alertsOf() {
      const rows = await sql<{ code: string; severity: string }[]>`
        select a.code, a.severity from alerts a join discrepancies d on d.alert_id = a.id where d.connection_id = ${world.bank.connectionId} and a.state <> 'resolved' and a.object_key like 'discrepanc%'`;
      return rows.map((row) => `${row.code} ${row.severity}`);
    },
    goTo: (day) => t.clock.set(`${day}T09:00:00Z`),
    async mixWorlds() {
      await sql.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        const id = newId();
        await tx`
          insert into money_facts (id, kind, amount_kopecks, method, connection_id, provider_payment_id, capture_no, occurred_at, recorded_at, business_date, fiscal_owner, is_test, actor)
          values (${id}, 'payment_captured', 100, 'card', ${world.bank.connectionId}, 'mix', 1, ${t.ctx.now()}, ${t.ctx.now()}, '2026-11-20', 'none', false, 'system')`;
        await tx`insert into allocations (id, fact_id, amount_kopecks, created_at, actor) values (${newId()}, ${id}, 100, ${t.ctx.now()}, 'system')`;
      });
    },
  };
  return world;
}
