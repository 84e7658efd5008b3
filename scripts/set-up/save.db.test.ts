import selfsigned from "selfsigned";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { signIn } from "@/lib/auth/sign-in.ts";
import { createConnection, loadConnection, markEntrances } from "@/lib/connections/index.ts";
import { createSecretBox } from "@/lib/kit/secret-box.ts";
import { forgetConnections } from "@/lib/testing/fresh-connections.ts";
import { cashRegisterOf } from "@/lib/fiscal/registry.ts";
import { findBaseByCredentials, findBaseByHeader } from "@/lib/onec/authenticate.ts";
import { forgetSessions } from "@/lib/onec/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { newId } from "@/lib/kit/ids.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { anAcquirer } from "@/lib/testing/factories.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { checkSetUp } from "./read-file.ts";
import { saveSetUp } from "./save.ts";

let t: TestContext;
beforeEach(async () => {
  t = await openTestContext();
});
afterEach(() => t.close());

/** Runs a file as the command does, on whatever the database holds. */
async function run(file: Record<string, unknown>) {
  const read = checkSetUp(file);
  if (!read.ok) throw new Error(read.problems.join("; "));
  return saveSetUp(t.ctx, read.setUp);
}
const seller = (inn = "9900000017") => ({
  brandName: "Ромашка", legalName: "ООО «Ромашка»", inn, ...(inn.length === 10 && { kpp: "990101001" }), taxSystem: "osn", address: "Москва, ул. Лесная, 1", phone: "+78005553535", email: "shop@romashka.example", siteUrl: "https://romashka.example",
});
const bankAccount = { bankName: "ПАО СБЕРБАНК", bik: "044525225", account: "40702810938000012345", corrAccount: "30101810400000000225" };
const payKeeper = (given: object = {}) => ({
  provider: "paykeeper", name: "PayKeeper", environment: "live", settings: { baseUrl: "https://shop.server.paykeeper.ru", login: "api" }, secret: { password: "p-1", secretWord: "w-1" }, ...given,
});
const onec = (given: object = {}) => ({ provider: "commerceml", name: "УТ 11.5", environment: "live", settings: { login: "exchange" }, secret: { password: "exchange-1" }, ...given });
const count = async (table: string) => (await t.ctx.database.sql.unsafe<{ n: bigint }[]>(`select count(*) as n from ${table}`))[0]!.n;

test("an empty database gets seller, store, account, bank and the first director, who signs in", async () => {
  const saved = await run({ seller: seller(), store: { name: "Интернет-магазин" }, bankAccount, director: { name: "Анна Соколова", email: "Anna@Romashka.example" }, connection: payKeeper() });
  expect(saved.lines).toEqual([
    "seller ООО «Ромашка» created", "store «Интернет-магазин» created", "bank account 40702810938000012345 created", "connection «PayKeeper» created (live)", "director anna@romashka.example created",
  ]);
  const connection = await loadConnection(t.ctx, saved.connection!.connectionId);
  expect(connection).toMatchObject({ kind: "acquirer", environment: "live", enabled: true, door: saved.connection!.door, secret: { password: "p-1", secretWord: "w-1" } });
  expect(acquirerOf(connection, t.ctx.now).provider).toBe("paykeeper");
  const { userId } = await signIn(t.ctx, { email: "anna@romashka.example", password: saved.directorPassword!, code: null, ip: null, userAgent: null });
  expect(await t.ctx.database.sql`select role from staff_users where id = ${userId}`).toEqual([{ role: "director" }]);
  expect(await t.ctx.database.sql`select is_default from bank_accounts`).toEqual([{ isDefault: true }]);
  expect((await t.ctx.database.sql<{ action: string }[]>`select action from audit_log where action like '%.created' order by action`).map((row) => row.action)).toEqual(
    ["bank_account.created", "connection.created", "seller.created", "staff.created", "store.created"],
  );
});

test("SEC: secrets and passwords stand nowhere in the clear", async () => {
  const saved = await run({ seller: seller(), director: { name: "А", email: "a@romashka.example" }, connection: payKeeper({ secret: { password: "clear-password", secretWord: "clear-word" } }) });
  const { sql } = t.ctx.database;
  const rows = JSON.stringify([await sql`select settings, secret_sealed from connections`, await sql`select after from audit_log`, await sql`select password_hash from staff_users`]);
  for (const secret of ["clear-password", "clear-word", saved.directorPassword!]) expect(rows).not.toContain(secret);
});

test("the same file again changes settings and secrets only: no second row, no new address, no new password", async () => {
  const file = { seller: seller(), store: { name: "Склад" }, bankAccount, director: { name: "А", email: "a@romashka.example" }, connection: payKeeper() };
  const first = await run(file);
  const second = await run({ ...file, connection: payKeeper({ secret: { password: "p-2", secretWord: "w-2" }, enabled: false }) });
  expect(second).toMatchObject({ directorPassword: null, connection: { connectionId: first.connection!.connectionId, door: first.connection!.door, done: "changed" } });
  for (const table of ["seller_orgs", "stores", "bank_accounts", "staff_users", "connections"]) expect([table, await count(table)]).toEqual([table, 1n]);
  const [row] = await t.ctx.database.sql<{ enabled: boolean; secretSealed: string; secretKeyId: string }[]>`select enabled, secret_sealed, secret_key_id from connections`;
  expect(row!.enabled).toBe(false);
  expect(JSON.parse(t.ctx.secrets.open(row!.secretSealed, row!.secretKeyId))).toEqual({ password: "p-2", secretWord: "w-2" });
});

test("a file that does not fit is refused whole", async () => {
  await expect(run({ connection: payKeeper() })).rejects.toThrow("seller: is missing, and there is none yet");
  await expect(run({ seller: seller(), connection: onec() })).rejects.toThrow("store: is missing, and there is none yet");
  expect(await count("seller_orgs")).toBe(0n);
  await run({ seller: seller(), store: { name: "Невский" }, connection: payKeeper() });
  await expect(run({ connection: payKeeper({ name: "Второй" }) })).rejects.toThrow("«PayKeeper» does this work already");
  await expect(run({ connection: payKeeper({ sellerInn: "990000000299" }) })).rejects.toThrow("no seller has this INN yet");
  await run({ seller: seller("990000000299") });
  await expect(run({ connection: payKeeper({ name: "Второй" }) })).rejects.toThrow("connection.sellerInn: is missing, there are several sellers");
  await expect(run({ connection: payKeeper({ sellerInn: "990000000299" }) })).rejects.toThrow("stands at a connection of another seller or store");
  expect(await count("connections")).toBe(1n);
});

test("CML-3: a 1C base signs in with what the file said, and two bases have two logins", async () => {
  const { connection } = await run({ seller: seller(), store: { name: "Невский" }, connection: onec() });
  expect((await findBaseByCredentials(t.ctx, { login: "exchange", password: "exchange-1" }))?.id).toBe(connection!.connectionId);
  expect(await findBaseByCredentials(t.ctx, { login: "exchange", password: "exchange-2" })).toBeNull();
  await expect(run({ connection: onec({ name: "Розница" }) })).rejects.toThrow("another 1C base signs in with it");
  const { sql } = t.ctx.database;
  // A new password ends what the old one had opened; the same file again does not.
  const live = async () => (await sql`select 1 from onec_sessions where connection_id = ${connection!.connectionId} and last_seen_at > ${t.ctx.now()}::timestamptz - interval '1 day'`).length;
  await sql`insert into onec_sessions (id, connection_id, cookie_hash, sessid_hash, created_at, last_seen_at) values (${newId()}, ${connection!.connectionId}, 'a', 'b', ${t.ctx.now()}, ${t.ctx.now()})`;
  await run({ connection: onec() });
  expect(await live()).toBe(1);
  await run({ connection: onec({ secret: { password: "exchange-3" } }) });
  expect(await live()).toBe(0);
  // The janitor must not take the whole files that they left before the jobs have loaded them.
  await sql`
    insert into onec_files (id, session_id, connection_id, name, size_bytes, piece_count, state, notes, created_at, touched_at)
    select ${newId()}, id, connection_id, 'orders-1.xml', 0, 0, 'processing', '[]', ${t.ctx.now()}, ${t.ctx.now()} from onec_sessions where connection_id = ${connection!.connectionId}`;
  t.clock.advance(60_000);
  await forgetSessions(t.ctx);
  expect(await sql`select 1 from onec_files where connection_id = ${connection!.connectionId}`).toHaveLength(1);
});

test("SEC: one token or key belongs to one base or shop: the set-up says whose it is, the database refuses it whoever writes, what was saved before marks is found all the same", async () => {
  const token = "token-0123456789abcdef0123456789";
  const base = (name: string, login: string, given: string) => onec({ name, settings: { login, doors: ["json"] }, secret: { password: `${login}-password`, token: given } });
  const first = await run({ seller: seller(), store: { name: "Интернет-магазин" }, connection: base("УТ 11.5", "one", token) });
  await expect(run({ seller: seller("9900000024"), store: { name: "Розница" }, connection: base("Розница", "two", token) })).rejects.toThrow("connection.secret.token: «УТ 11.5» signs in with it");
  expect([await count("seller_orgs"), await count("stores")]).toEqual([1n, 1n]);
  const second = await run({ connection: base("Розница", "two", `${token}-2`) });
  await expect(run({ connection: base("Розница", "two", token) })).rejects.toThrow("«УТ 11.5» signs in with it");
  const bearer = (given: string) => `Bearer ${given}`;
  const who = async (given: string) => (await findBaseByHeader(t.ctx, bearer(given)))?.id ?? null;
  expect([await who(token), await who(`${token}-2`), await who(`${token}-3`)]).toEqual([first.connection!.connectionId, second.connection!.connectionId, null]);
  const [stored] = await t.ctx.database.sql<{ entranceMark: string }[]>`select entrance_mark from connections where id = ${first.connection!.connectionId}`;
  expect(stored!.entranceMark).toMatch(/^test:[0-9a-f]{64}$/);
  // Whoever writes it.
  const { storeId } = await loadConnection(t.ctx, first.connection!.connectionId);
  const another = { kind: "onec" as const, provider: "commerceml", name: "Третья", sellerOrgId: null, storeId, environment: "live" as const, settings: { login: "three" } };
  await expect(createConnection(t.ctx, { ...another, secret: { token } })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("у каждой базы 1С") });
  // Saved before marks were: entered as ever, and marked by it; the janitor marks the others. Two of before with one token: the older enters.
  const { sql } = t.ctx.database;
  await sql`update connections set entrance_mark = null`;
  expect(await who(token)).toBe(first.connection!.connectionId);
  const twin = await createConnection(t.ctx, { ...another, secret: { token: `${token}-4` } });
  const { sealed, keyId } = t.ctx.secrets.seal(JSON.stringify({ token }));
  await sql`update connections set secret_sealed = ${sealed}, secret_key_id = ${keyId}, entrance_mark = null where id = ${twin.connectionId}`;
  forgetConnections();
  for (const _ of [1, 2]) await markEntrances(t.ctx);
  expect([...(await sql`select name, entrance_mark is null as is_bare from connections order by created_at, id`)]).toEqual([{ name: "УТ 11.5", isBare: false }, { name: "Розница", isBare: false }, { name: "Третья", isBare: true }]);
  expect(await who(token)).toBe(first.connection!.connectionId);
  const alerts = async () => [...(await sql`select code, count, state from alerts where object_key like 'connection:%:entrance'`)];
  expect(await alerts()).toEqual([{ code: "ALR-22", count: 1, state: "firing" }]);
  // The advice is followed: the alert ends.
  await run({ connection: base("Третья", "three", `${token}-9`) });
  forgetConnections();
  await markEntrances(t.ctx);
  expect(await alerts()).toEqual([{ code: "ALR-22", count: 1, state: "resolved" }]);
  expect(await who(`${token}-9`)).toBe(twin.connectionId);
  // The mark of a secret that was written past us, as a process of the version before does during an update.
  const fresh = t.ctx.secrets.seal(JSON.stringify({ token: `${token}-5` }));
  await sql`update connections set secret_sealed = ${fresh.sealed}, secret_key_id = ${fresh.keyId} where id = ${second.connection!.connectionId}`;
  await sql`update connections set enabled = false where id = ${twin.connectionId}`;
  forgetConnections();
  expect([await who(`${token}-5`), await who(`${token}-2`)]).toEqual([second.connection!.connectionId, null]);
  // A new key in front of the old one: both marks are known until the new one is written.
  const rotated = { ...t.ctx, secrets: createSecretBox(`next:${Buffer.alloc(32, 9).toString("base64")},test:${Buffer.alloc(32, 7).toString("base64")}`) };
  expect((await findBaseByHeader(rotated, bearer(token)))!.id).toBe(first.connection!.connectionId);
  await markEntrances(rotated);
  expect([...(await sql`select entrance_mark from connections where enabled and entrance_mark not like 'next:%'`)]).toEqual([]);
  expect((await findBaseByHeader(rotated, bearer(token)))!.id).toBe(first.connection!.connectionId);
  // Every key gone: the janitor leaves such secrets and goes on.
  forgetConnections();
  const lost = { ...t.ctx, secrets: createSecretBox(`lost:${Buffer.alloc(32, 5).toString("base64")}`) };
  await expect(markEntrances(lost)).resolves.toBeUndefined();
  // Nor does it turn a wrong token into an error of ours.
  expect(await findBaseByHeader(lost, bearer(`${token}-wrong`))).toBeNull();
});

test("FISC-10: Orange Data gets the INN of its seller, and the format version of its group", async () => {
  const { cert, private: key } = await selfsigned.generate([{ name: "commonName", value: "x" }], { keySize: 2048 });
  const secret = { clientCertPem: cert, clientKeyPem: key, signingKey: key };
  const register = (group: string) => ({ provider: "orange_data", name: group, environment: "live", settings: { group }, secret });
  const saved = await run({ seller: seller(), connection: register("Main_2") });
  const connection = await loadConnection(t.ctx, saved.connection!.connectionId);
  expect(connection.settings).toMatchObject({ baseUrl: "https://api.orangedata.ru:12003", inn: "9900000017", key: "9900000017", ffd: "1.2" });
  expect(cashRegisterOf(connection).receiptUrl("k1-p1")).toBe("https://cheques-lk.orangedata.ru/9900000017/k1-p1");
  const other = await run({ seller: seller("990000000299"), connection: { ...register("Main"), sellerInn: "990000000299" } });
  expect((await loadConnection(t.ctx, other.connection!.connectionId)).settings).toMatchObject({ inn: "990000000299", ffd: "1.05" });
});

test("a shop finds its 1C base, gets a key and a secret that are shown once, and keeps them when its file comes again", async () => {
  await run({ seller: seller(), store: { name: "Интернет-магазин" }, connection: onec() });
  const shop = (given: object = {}) => ({ connection: { provider: "shop", name: "Сайт", environment: "live", settings: { returnUrls: ["https://romashka.example"], push: { url: "https://romashka.example/hooks" }, ...given } } });
  const first = await run(shop());
  expect(first.madeSecrets).toEqual({ apiKey: expect.stringMatching(/^[\w-]{43}$/), pushSecret: expect.stringMatching(/^whsec_/) });
  const [base] = await t.ctx.database.sql<{ id: string }[]>`select id from connections where kind = 'onec'`;
  expect((await loadConnection(t.ctx, first.connection!.connectionId)).settings).toEqual({ onecConnectionId: base!.id, returnUrls: ["https://romashka.example"], push: { url: "https://romashka.example/hooks" } });
  const again = await run(shop({ returnUrls: [] }));
  expect(again).toMatchObject({ madeSecrets: {}, connection: { connectionId: first.connection!.connectionId, done: "changed" } });
  const [row] = await t.ctx.database.sql<{ secretSealed: string; secretKeyId: string }[]>`select secret_sealed, secret_key_id from connections where kind = 'shop'`;
  expect(JSON.parse(t.ctx.secrets.open(row!.secretSealed, row!.secretKeyId))).toEqual(first.madeSecrets);
  await expect(run(shop({ onec: "Нет такой" }))).rejects.toThrow("connection.settings.onec");
  await expect(run({ connection: { ...shop().connection, environment: "test" } })).rejects.toThrow("there is no enabled 1C base of this environment");
  // SEC: live buyers and webhooks never go in the clear.
  expect(checkSetUp(shop({ push: { url: "http://romashka.example/hooks" } }))).toMatchObject({ ok: false, problems: [expect.stringContaining("settings.push.url")] });
  expect(checkSetUp(shop({ returnUrls: ["http://romashka.example"] }))).toMatchObject({ ok: false, problems: [expect.stringContaining("settings.returnUrls")] });
});

test("a 1C base does not change its channel of money while payments given by the present one have no answer", async () => {
  await run({ seller: seller(), store: { name: "Интернет-магазин" }, connection: onec({ environment: "test" }) });
  const [base] = await t.ctx.database.sql<{ id: string; storeId: string; sellerOrgId: string }[]>`select c.id, c.store_id, s.seller_org_id from connections c join stores s on s.id = c.store_id where c.kind = 'onec'`;
  const { orderId } = await anOrder(t, { sellerOrgId: base!.sellerOrgId, storeId: base!.storeId, onecId: base!.id });
  const { connectionId: bankId } = await anAcquirer(t, { sellerOrgId: base!.sellerOrgId });
  await cardMoney(t, orderId, 663_100n, bankId);
  const client = onecClient(t, "exchange", "exchange-1");
  const session = await client.open();
  expect((await client.call("type=sale&mode=query", { session })).body).toContain("<Документ>");
  const byJson = { connection: onec({ environment: "test", settings: { login: "exchange", doors: ["commerceml", "json"], moneyChannel: "json" } }) };
  await expect(run(byJson)).rejects.toThrow("1C was given 1 payments or new orders by the present channel and has not answered");
  await client.call("type=sale&mode=success", { session });
  expect(await run(byJson)).toMatchObject({ connection: { done: "changed" } });
});
