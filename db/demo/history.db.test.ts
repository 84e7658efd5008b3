import { expect, test } from "vitest";
import { findBreaks } from "@/lib/invariants/index.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { SandboxCredentials } from "./connections.ts";
import { seedConnections } from "./connections.ts";
import { seedHistory } from "./history.ts";
import { seedCalendar, seedParties } from "./parties.ts";
import { seedReconciliation } from "./reconciliation.ts";
import { seedStaff } from "./staff.ts";

/** Nothing is called while history is made: addresses that nobody listens at. */
const nowhere = "http://127.0.0.1:9";
const secret = (fill: number) => `whsec_${Buffer.alloc(32, fill).toString("base64")}`;
const sandbox: SandboxCredentials = {
  baseUrl: nowhere,
  paykeeper: { baseUrl: nowhere, login: "paykeeper", password: "p", secretWord: "w" },
  orange: { clientCertPem: "c", clientKeyPem: "k", caPem: "a", signingPrivateKeyPem: "s", baseUrl: nowhere, receiptBaseUrl: nowhere, group: "Main", organizations: [] },
  mail: { smtpHost: "127.0.0.1", smtpPort: 9 },
  onec: { login: "ut", password: "p" },
  unf: { login: "unf", password: "p" },
  bases: { retail: { login: "retail", password: "p", serviceUrl: nowhere, service: { login: "service", password: "p", signingSecret: secret(1) } } },
  bills: { login: "bills", password: "p" },
  shop: { apiKey: "k".repeat(40), signingSecret: secret(2), webhookUrl: nowhere, returnUrl: nowhere },
};

// Begun about one o'clock at night the seed once failed: two draws of «today at ten» fell on two days.
test.each([
  ["five minutes into the day", "2026-11-27T21:05:00Z"],
  ["an hour after midnight", "2026-11-27T22:02:00Z"],
  ["noon", "2026-11-28T09:03:00Z"],
])("README 12: the demo begun at %s is sound, and nothing in it comes before its order or after now", async (_name, now) => {
  const t = await openTestContext();
  try {
    t.clock.set(now);
    const { sql } = t.ctx.database;
    await seedCalendar(t.ctx);
    const parties = await seedParties(t.ctx);
    const connections = await seedConnections(t.ctx, parties, sandbox);
    await seedStaff(t.ctx, parties.onlineStoreId, (role) => `password-of-${role}`);
    await seedHistory(t.ctx, parties, connections);
    await seedReconciliation(t.ctx, connections.acquirerId);

    const [made] = await sql<{ orders: bigint; facts: bigint }[]>`select (select count(*) from orders) as orders, (select count(*) from money_facts) as facts`;
    expect(made!.orders).toBeGreaterThan(50n);
    expect(made!.facts).toBeGreaterThan(40n);
    expect(await sql`select o.number from payment_attempts a join orders o on o.id = a.order_id where a.created_at < o.created_at or a.created_at > ${t.clock.now()}`).toEqual([]);
    expect(await sql`select id from money_facts where occurred_at > ${t.clock.now()} or recorded_at > ${t.clock.now()}`).toEqual([]);
    expect((await findBreaks(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
  } finally {
    await t.close();
  }
});
