/** What the database itself refuses (invariants 1, 2, 5; PAY-14; SEC-14). */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordAudit } from "@/lib/audit/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { NewFact } from "@/lib/ledger/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { migrateDatabase } from "./migrate.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";

let t: TestContext;
let shop: Awaited<ReturnType<typeof aShop>>;
let acquirerId: string;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  acquirerId = (await anAcquirer(t, shop)).connectionId;
});
afterAll(() => t.close());

const capture = (orderId: string, over: Partial<NewFact> = {}): NewFact => ({
  kind: "payment_captured", amountKopecks: 100n, method: "card", connectionId: acquirerId, providerPaymentId: newId(), captureNo: 1, occurredAt: t.ctx.now(), fiscalOwner: "none",
  isTest: true, allocations: [{ orderId, counterpartyId: null, amountKopecks: 100n }], ...over,
});
const record = (fact: NewFact) => inTransaction(t.ctx, (tx) => recordFact(t.ctx, tx, fact));

test.each(["money_facts", "allocations", "audit_log", "order_revisions", "order_lines", "order_events"])("invariant 1: %s takes no UPDATE and no DELETE", async (table) => {
  const order = await anOrder(t, shop);
  await record(capture(order.orderId));
  await inTransaction(t.ctx, (tx) => recordAudit(t.ctx, tx, { action: "x", objectType: "y", objectId: "z" }));
  const { sql } = t.ctx.database;
  await expect(sql`update ${sql(table)} set id = id`).rejects.toMatchObject({ code: "23001" });
  await expect(sql`delete from ${sql(table)}`).rejects.toMatchObject({ code: "23001" });
});

test("invariant 1: the ledger cannot be truncated", async () => {
  await expect(t.ctx.database.sql`truncate money_facts cascade`).rejects.toMatchObject({ code: "23001" });
});

test("invariant 2: a fact whose allocations do not add up is refused at commit", async () => {
  const order = await anOrder(t, shop);
  await expect(record(capture(order.orderId, { allocations: [{ orderId: order.orderId, counterpartyId: null, amountKopecks: 99n }] }))).rejects.toMatchObject({ code: "23514" });
  const fact = await record(capture(order.orderId));
  await expect(
    t.ctx.database.sql`insert into allocations (id, fact_id, order_id, amount_kopecks, created_at, actor) values (${newId()}, ${fact!.factId}, ${order.orderId}, 1, now(), 'x')`,
  ).rejects.toMatchObject({ code: "23514" });
});

test("invariant 5: one provider payment is one fact, also when two writers race", async () => {
  const order = await anOrder(t, shop);
  const same = capture(order.orderId);
  const results = await Promise.all(Array.from({ length: 8 }, () => record(same)));
  expect(results.filter(Boolean)).toHaveLength(1);
});

test("sums are positive kopecks", async () => {
  const order = await anOrder(t, shop);
  await expect(record(capture(order.orderId, { amountKopecks: 0n, allocations: [] }))).rejects.toMatchObject({ code: "23514" });
});

test("PAY-14: the database keeps one live attempt per order", async () => {
  const order = await anOrder(t, shop);
  const insert = (reference: string, state: string) => t.ctx.database.sql`
    insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, is_test, created_at)
    values (${newId()}, ${order.orderId}, ${acquirerId}, 'paykeeper', 'card', ${reference}, 1, 100, 'p', 'c', ${state}, ${reference}, true, now())`;
  await insert(`${order.number}-1`, "failed");
  await insert(`${order.number}-2`, "pending");
  await expect(insert(`${order.number}-3`, "created")).rejects.toMatchObject({ code: "23505", constraint_name: "payment_attempts_one_live" });
});

test("PAY-16: the sum of an attempt is frozen", async () => {
  await expect(t.ctx.database.sql`update payment_attempts set amount_kopecks = 1`).rejects.toMatchObject({ code: "23001" });
});

test("README decision 13: a connection stays test or live for ever", async () => {
  await expect(t.ctx.database.sql`update connections set environment = 'live' where id = ${acquirerId}`).rejects.toMatchObject({ code: "23001" });
});

test("SEC-03: evidence of the inbox cannot be rewritten", async () => {
  const { sql } = t.ctx.database;
  const id = newId();
  await sql`insert into inbox_messages (id, source, event_key, received_at, headers, body, body_sha256, result) values (${id}, 's', 'k', now(), '{}', 'b', 'h', 'received')`;
  await sql`update inbox_messages set result = 'applied' where id = ${id}`;
  await expect(sql`update inbox_messages set body = 'other' where id = ${id}`).rejects.toMatchObject({ code: "23001" });
  await expect(sql`delete from inbox_messages where id = ${id}`).rejects.toMatchObject({ code: "23001" });
});

test("README decision 10: secrets are sealed in the table and open with the key only", async () => {
  const { sql } = t.ctx.database;
  const [row] = await sql<{ secretSealed: string; secretKeyId: string }[]>`select secret_sealed, secret_key_id from connections where id = ${acquirerId}`;
  expect(row!.secretSealed).not.toContain("verysecret");
  expect(JSON.parse(t.ctx.secrets.open(row!.secretSealed, row!.secretKeyId))).toMatchObject({ secretWord: "verysecret" });
  expect(() => t.ctx.secrets.open(row!.secretSealed.slice(0, -6) + "AAAA==", row!.secretKeyId)).toThrow();
});

test("a database of an earlier version gets what was added since, once", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kopeyka-migrations-"));
  fs.mkdirSync(path.join(folder, "meta"));
  const when = Date.parse("2100-01-01T00:00:00Z");
  fs.writeFileSync(path.join(folder, "meta/_journal.json"), JSON.stringify({ version: "7", dialect: "postgresql", entries: [{ idx: 0, version: "7", when, tag: "9999_later", breakpoints: true }] }));
  fs.writeFileSync(path.join(folder, "9999_later.sql"), "create table came_later (id int)");
  const { sql, url } = t.ctx.database;
  try {
    await migrateDatabase(url, folder);
    await migrateDatabase(url, folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  expect([...(await sql`select to_regclass('came_later')::text as name`)]).toEqual([{ name: "came_later" }]);
  await sql`drop table came_later`;
  await sql`delete from drizzle.__drizzle_migrations where created_at = ${when}`;
});
