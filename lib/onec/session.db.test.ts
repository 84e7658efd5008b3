import { endOutages } from "@/lib/alerts/end-outages.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { forgetConnections } from "@/lib/testing/fresh-connections.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { forgetCalls } from "./index.ts";
import { fixture } from "./wire/fixtures/read-fixture.ts";

let t: TestContext;
let shop: TestShop;
let onec: ReturnType<typeof onecClient>;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t, { login: "Обмен" });
  onec = onecClient(t, "Обмен");
});
afterAll(() => t.close());

const basic = (login: string, password: string) => `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`;

test("checkauth answers four lines with single LF and none at the end, also for the catalogue (CML-7)", async () => {
  for (const type of ["sale", "catalog"]) {
    const { status, headers, body } = await onec.call(`type=${type}&mode=checkauth`);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
    expect(body).toMatch(/^success\nONECSESSID\n[\w-]{43}\nsessid=[\w-]{43}$/);
  }
  const stored = await t.ctx.database.sql<{ cookieHash: string }[]>`select cookie_hash from onec_sessions`;
  expect(stored.map((row) => row.cookieHash)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
});

test("the journal of calls forgets the old ones; the last call of a base at each door stays, and says how long it has been silent", async () => {
  const mine = await aShop(t, { login: "old-calls" });
  const { sql } = t.ctx.database;
  const call = (at: string, type: string, connectionId: string | null = mine.onecId) => sql`
    insert into onec_calls (id, connection_id, at, type, mode, answer, summary, duration_ms) values (gen_random_uuid(), ${connectionId}, ${at}::timestamptz, ${type}, 'query', 'xml', 'старый вызов', 1)`;
  for (const day of ["2026-01-01", "2026-01-02", "2026-01-03"]) await call(`${day}T00:00:00Z`, "sale");
  for (const day of ["2026-01-01", "2026-11-20"]) await call(`${day}T00:00:00Z`, "json");
  for (const day of ["2026-01-01", "2026-11-20"]) await call(`${day}T00:00:00Z`, "sale", null);
  expect(await forgetCalls(t.ctx)).toBe(4);
  expect((await sql<{ at: Date; type: string }[]>`select at, type from onec_calls where summary = 'старый вызов' order by at, connection_id nulls last`).map(({ at, type }) => `${at.toISOString().slice(0, 10)} ${type}`)).toEqual(["2026-01-03 sale", "2026-11-20 json", "2026-11-20 sale"]);
  expect(await forgetCalls(t.ctx)).toBe(0);
});

test.each([
  ["no header", null, "Укажите логин и пароль обмена"],
  ["a wrong password", basic("Обмен", "wrong"), "Неверный логин или пароль обмена"],
  ["a wrong login", basic("обмен", "secret"), "Неверный логин или пароль обмена"],
  ["an empty password", basic("Обмен", ""), "Неверный логин или пароль обмена"],
  ["nonsense", "Basic ???", "Неверный логин или пароль обмена"],
  ["another scheme", "Bearer abc", "Неверный логин или пароль обмена"],
])("CML-3: %s is 401 with a challenge and the reason", async (_what, authorization, reason) => {
  const answer = await onec.call("type=sale&mode=checkauth", { authorization });
  expect(answer.status).toBe(401);
  expect(answer.headers["www-authenticate"]).toBe('Basic realm="1C"');
  expect(answer.body).toBe(`failure\n${reason}`);
});

test("CML-3: a wrong password does not get in on the cookie of a live session", async () => {
  const session = await onec.open();
  expect((await onec.call("type=sale&mode=init", { session, authorization: basic("Обмен", "wrong") })).status).toBe(401);
});

test("a login in the code page of Windows is understood", async () => {
  // «Обмен» in windows-1251.
  const authorization = `Basic ${Buffer.from([0xce, 0xe1, 0xec, 0xe5, 0xed, 0x3a, ...Buffer.from("secret")]).toString("base64")}`;
  expect((await onec.call("type=sale&mode=checkauth", { authorization })).status).toBe(200);
});

test("a switched-off base does not get in", async () => {
  const off = await aShop(t, { login: "off" });
  await t.ctx.database.sql`update connections set enabled = false where id = ${off.onecId}`;
  expect((await onecClient(t, "off").call("type=sale&mode=checkauth")).status).toBe(401);
});

test("CML-4: cookie, sessid, or the credentials alone carry a session; nothing at all does not", async () => {
  const session = await onec.open();
  const ok = (options: Parameters<typeof onec.call>[1]) => onec.call("type=sale&mode=query", options).then((answer) => answer.status);
  expect(await ok({ session, cookie: null })).toBe(200);
  expect(await ok({ cookie: `a=b; ONECSESSID=${session.cookie}` })).toBe(200);
  expect(await ok({ cookie: `ONECSESSID=${session.cookie}`, authorization: null })).toBe(200);
  expect(await ok({ cookie: null })).toBe(200);
  expect(await ok({ cookie: null, authorization: null })).toBe(401);
  expect(await ok({ cookie: "ONECSESSID=guess", authorization: null })).toBe(401);
  expect((await onec.call("type=sale&mode=query&sessid=", { cookie: `ONECSESSID=${session.cookie}` })).status).toBe(200);
});

test("CML-4: the cookie of a session opens no door that was closed meanwhile", async () => {
  const closing = await aShop(t, { login: "closing" });
  const client = onecClient(t, "closing");
  const session = await client.open();
  const status = async () => (await client.call("type=sale&mode=query", { cookie: `ONECSESSID=${session.cookie}`, authorization: null })).status;
  expect(await status()).toBe(200);
  await t.ctx.database.sql`update connections set settings = settings || '{"doors":["json"]}'::jsonb where id = ${closing.onecId}`;
  forgetConnections();
  expect(await status()).toBe(401);
});

test("a session ends after a day", async () => {
  const session = await onec.open();
  t.clock.advance(25 * 3_600_000);
  expect((await onec.call("type=sale&mode=init", { session, authorization: null })).status).toBe(401);
  expect((await onec.call("type=sale&mode=init", { session })).status).toBe(200);
});

test("CML-9: init is exactly two lines; a client that told its version gets Bitrix's four", async () => {
  const session = await onec.open();
  expect((await onec.call("type=sale&mode=init", { session })).body).toBe("zip=no\nfile_limit=1048576");
  expect((await onec.call("type=catalog&mode=init", { session })).body).toBe("zip=no\nfile_limit=1048576");
  expect((await onec.call("type=sale&mode=init&version=2.09", { session })).body).toBe(`zip=no\nfile_limit=1048576\nsessid=${session.sessid}\nversion=2.09`);
  await aShop(t, { login: "zip", onecSettings: { zip: true, fileLimitBytes: 4000 } });
  expect((await onecClient(t, "zip").call("type=sale&mode=init")).body).toBe("zip=yes\nfile_limit=4000");
});

test("CML-8: the catalogue is accepted and dropped, or refused by setting", async () => {
  const session = await onec.open();
  expect((await onec.call("type=catalog&mode=file&filename=import.xml", { session, body: Buffer.from("<x/>") })).body).toBe("success\nКаталог сайту не нужен, файл пропущен");
  expect((await onec.call("type=catalog&mode=import&filename=import.xml", { session })).body).toBe("success\nКаталог сайту не нужен, файл пропущен");
  expect([...(await t.ctx.database.sql`select 1 from onec_files`)]).toEqual([]);
  await aShop(t, { login: "strict", onecSettings: { catalog: "refuse" } });
  expect((await onecClient(t, "strict").call("type=catalog&mode=import&filename=import.xml")).body).toBe("failure\nКаталог не принимается");
});

test.each([
  ["type=sale&mode=deactivate", "success"],
  ["type=catalog&mode=complete", "success"],
  ["type=sale&mode=success", "success"],
  ["type=sale&mode=dance", "failure\nНеизвестный режим"],
  ["type=catalog&mode=query", "failure\nНеизвестный режим"],
  ["type=reference&mode=init", "failure\nНеизвестный тип обмена"],
])("%s → %s", async (query, body) => {
  expect((await onec.call(query, { session: await onec.open() })).body).toBe(body);
});

test("CML-5: a burst of calls is answered one and all, by GET and by POST", async () => {
  const session = await onec.open();
  const burst = Array.from({ length: 120 }, (_, i) => onec.call("type=sale&mode=import&filename=none.xml", { session, ...(i % 2 && { body: Buffer.from("x") }) }));
  const answers = await Promise.all(burst);
  expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(["200 failure\nФайл none.xml не передавался"]));
  expect((await onec.call("type=sale&mode=query", { session, body: Buffer.from("") })).body).toMatch(/^<\?xml/);
});

test("CML-6: every failure is the word, one LF and one short reason in Russian", async () => {
  const session = await onec.open();
  for (const query of ["type=sale&mode=dance", "type=x&mode=init", "type=sale&mode=import&filename=a.xml", "type=sale&mode=file&filename=../a.xml", `type=sale&mode=import&filename=${"я".repeat(5000)}`, "type=sale&mode=file&filename=a.xml"]) {
    expect((await onec.call(query, { session })).body).toMatch(/^failure\n[А-ЯЁ][^\n\r]{1,249}$/u);
  }
});

test("samples/transcript-ut11.txt: the calls of a УТ session, one by one", async () => {
  await aShop(t, { login: "1c", onecSettings: { fileLimitBytes: 4000, zip: false } });
  const ut = onecClient(t, "1c");
  const four = /^success\nONECSESSID\n[\w-]+\nsessid=[\w-]+$/;
  expect((await ut.call("type=catalog&mode=checkauth")).body).toMatch(four);
  const taking = await ut.open();
  const answer = await ut.call("type=sale&mode=query", { session: taking });
  expect([answer.status, answer.headers["content-type"], answer.body.startsWith("<?xml")]).toEqual([200, "application/xml; charset=utf-8", true]);
  expect((await ut.call("type=sale&mode=success", { session: taking })).body).toBe("success");
  const giving = await ut.open();
  expect((await ut.call("type=sale&mode=init", { session: giving })).body).toBe("zip=no\nfile_limit=4000");
  const bytes = fixture("orders-ut11-legal.xml");
  const name = "orders-11fae7c0-b822-439a-8294-b64383799f95_1.xml";
  for (const from of [0, 4000, 8000]) expect((await ut.call(`type=sale&mode=file&filename=${name}`, { session: giving, body: bytes.subarray(from, from + 4000) })).body).toBe("success");
  expect((await ut.call(`type=sale&mode=import&filename=${name}`, { session: giving })).body).toBe("success\nЗагружено заказов: 2");
  const wrong = await ut.call("type=sale&mode=checkauth", { authorization: basic("1c", "wrong") });
  expect([wrong.status, wrong.headers["www-authenticate"], wrong.body]).toEqual([401, 'Basic realm="1C"', "failure\nНеверный логин или пароль обмена"]);
});

test("a person's browser gets a page, no login prompt", async () => {
  const answer = await onec.call("", { authorization: null });
  expect(answer.status).toBe(400);
  expect(answer.headers["content-type"]).toContain("text/html");
  expect(answer.body).toContain("обмена с 1С");
  expect(answer.headers["www-authenticate"]).toBeUndefined();
});

test("info lists pay methods and statuses for the mapping tables", async () => {
  const { body, headers } = await onec.call("type=sale&mode=info", { session: await onec.open() });
  expect(headers["content-type"]).toBe("application/xml; charset=utf-8");
  expect(body.startsWith("<?xml")).toBe(true);
  expect(body).toContain("<Ид>sbp</Ид>");
});

test("each call leaves one line for staff, and the base is seen; guessing leaves few", async () => {
  const { sql } = t.ctx.database;
  t.clock.advance(60_000);
  const since = t.ctx.now();
  const session = await onec.open();
  await onec.call("type=sale&mode=init", { session });
  await Promise.all([1, 2, 3].map(() => onec.call("type=sale&mode=checkauth", { authorization: basic("x", "y") })));
  const calls = await sql`select mode, answer, summary, connection_id is null as stranger from onec_calls where at >= ${since} order by id`;
  expect(calls.filter((call) => !call["stranger"])).toMatchObject([{ mode: "checkauth", answer: "success" }, { mode: "init", answer: "zip=no" }]);
  expect(calls.every((call) => /^[А-ЯЁ1]/.test(String(call["summary"])))).toBe(true);
  expect(calls.filter((call) => call["stranger"]).length).toBeLessThanOrEqual(3);
  await onec.call("type=sale&mode=checkauth", { authorization: basic("x", "y") });
  const [guesses] = await sql`select count(*)::int as n from onec_calls where connection_id is null and at >= ${since}`;
  expect(guesses!["n"]).toBeLessThanOrEqual(3);
  const [base] = await sql<{ lastSeenAt: Date }[]>`select last_seen_at from connections where id = ${shop.onecId}`;
  expect(base!.lastSeenAt).toEqual(since);
});

test("CML-3, CML-6: zero bytes in an address change no answer: an unknown mode, an unknown file, a wrong password is 401", async () => {
  const session = await onec.open();
  expect((await onec.call("type=sale&mode=%00x", { session })).body).toBe("failure\nНеизвестный режим");
  expect((await onec.call("type=sale&mode=import&filename=a%00b.xml", { session })).body).toBe("failure\nФайл a b.xml не передавался");
  expect((await onec.call("type=sale&mode=%00", { authorization: basic("Обмен", "wrong") })).status).toBe(401);
});

test("ALR-22: a series of wrong logins is an alert, right ones are never held up, and it ends when nobody tries any more", async () => {
  const alerts = async () => [...(await t.ctx.database.sql`select severity, state, title from alerts where code = 'ALR-22' and object_key = 'onec:refused-logins'`)];
  await t.ctx.database.sql`delete from throttles where key = 'onec:refused'`;
  const wrong = () => onec.call("type=sale&mode=checkauth", { authorization: basic("Обмен", "wrong") });
  await Promise.all(Array.from({ length: 19 }, wrong));
  expect(await alerts()).toEqual([]);
  await wrong();
  expect(await alerts()).toEqual([{ severity: "P2", state: "firing", title: expect.stringMatching(/^Обмен с 1С: 20\sневерных входов/u) }]);
  expect((await onec.call("type=sale&mode=checkauth")).status).toBe(200);
  t.clock.advance(11 * 60_000);
  await endOutages(t.ctx);
  expect(await alerts()).toMatchObject([{ state: "resolved" }]);
});
