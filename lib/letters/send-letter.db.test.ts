/** A letter is sent once, tried for a day, and ends (ux 7). The mail server is a socket that speaks as much SMTP as a letter needs. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { DAY_MS, MINUTE_MS } from "@/lib/kit/time.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { sendLetter } from "./send-letter.ts";

let t: TestContext;
let shop: TestShop;
const inbox: string[] = [];
let recipientAnswer = "250 ok";
const server = createServer((socket) => {
  let isData = false;
  let text = "";
  const answer = (line: string) => socket.write(`${line}\r\n`);
  answer("220 test");
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    text += chunk.toString("utf8");
    for (let end = text.indexOf("\r\n"); end !== -1; end = text.indexOf("\r\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      if (isData && line === ".") {
        isData = false;
        answer("250 taken");
      } else if (isData) inbox.push(line);
      else if (line.startsWith("RCPT")) answer(recipientAnswer);
      else if (line === "DATA") {
        isData = true;
        answer("354 go");
      } else answer(line === "QUIT" ? "221 bye" : "250 ok");
    }
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t = await openTestContext();
  shop = await aShop(t);
  const { port } = server.address() as AddressInfo;
  await createConnection(t.ctx, { kind: "mail", provider: "smtp", name: "Почта", sellerOrgId: null, environment: "test", settings: { host: "127.0.0.1", port, secure: false, from: "kassa@ladoga.example" }, secret: {} });
});
beforeEach(() => {
  inbox.length = 0;
  recipientAnswer = "250 ok";
});
afterAll(async () => {
  await t.close();
  server.close();
});

type Row = { id: string; state: string; sendCount: number; nextTryAt: Date | null; failText: string | null };
/** A letter owed because of money; its jobs are taken away. */
async function aLetter(given: { kopecks?: bigint; method?: "card" | "bank_transfer"; payerKind?: "organization" } = {}) {
  const order = await anOrder(t, { ...shop, ...(given.payerKind && { payerKind: given.payerKind }) });
  await putMoney(t, { orderId: order.orderId, kopecks: given.kopecks ?? 663_100n, method: given.method ?? "card", fiscalOwner: "site", announced: true });
  await t.ctx.database.sql`delete from pgboss.job`;
  const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from letters where order_id = ${order.orderId}`;
  return row!.id;
}
const read = async (id: string) => (await t.ctx.database.sql<Row[]>`select id, state, send_count, next_try_at, fail_text from letters where id = ${id}`)[0]!;
const letters = () => inbox.filter((line) => line.startsWith("Message-ID")).length;
const jobsOf = async (id: string) => (await t.ctx.database.sql`select 1 from pgboss.job where name = 'letter.send' and data->>'letterId' = ${id} and state in ('created', 'retry')`).length;

test("ux 7: three jobs of one letter at once send one letter", async () => {
  const id = await aLetter();
  await Promise.all([sendLetter(t.ctx, id), sendLetter(t.ctx, id), sendLetter(t.ctx, id)]);
  expect(letters()).toBe(1);
  expect(await read(id)).toMatchObject({ state: "sent", sendCount: 1, nextTryAt: null });
});

test("ux 7: a busy server is asked again later, by one job; after a day of refusals the letter has failed", async () => {
  recipientAnswer = "451 try later";
  const id = await aLetter();
  await sendLetter(t.ctx, id);
  expect(await read(id)).toMatchObject({ state: "queued", sendCount: 1, failText: expect.stringContaining("451") });
  await sendLetter(t.ctx, id);
  expect(await read(id)).toMatchObject({ sendCount: 1 });
  expect(await jobsOf(id)).toBe(1);
  for (let hour = 0; hour < 30; hour++) {
    t.clock.advance(60 * MINUTE_MS);
    await drainJobs(t, { only: ["letter.send"] });
  }
  expect(await read(id)).toMatchObject({ state: "failed", sendCount: 8, nextTryAt: null });
  expect(await jobsOf(id)).toBe(0);
  expect(letters()).toBe(0);
});

test("ux 7: an address the server refuses for good ends the letter at once", async () => {
  recipientAnswer = "550 no such user";
  const id = await aLetter();
  await sendLetter(t.ctx, id);
  expect(await read(id)).toMatchObject({ state: "failed", sendCount: 1, failText: expect.stringContaining("550") });
  expect(await jobsOf(id)).toBe(0);
});

test("LOST-22: a letter whose job is gone gets one job, not one a minute, and is sent", async () => {
  const id = await aLetter();
  t.clock.advance(DAY_MS);
  for (let minute = 0; minute < 5; minute++) {
    await sweep(t.ctx);
    t.clock.advance(MINUTE_MS);
  }
  expect(await jobsOf(id)).toBe(1);
  await drainJobs(t, { only: ["letter.send"] });
  expect(await read(id)).toMatchObject({ state: "sent" });
  expect(letters()).toBe(1);
});

const plain = () => decode(inbox.join("\n"));
/** Quoted-printable or base64 parts as text. */
const decode = (raw: string) => raw.split(/^--.*$/m).map((part) => {
  const [head, ...body] = part.split("\n\n");
  const text = body.join("\n\n");
  if (/base64/i.test(head!)) return Buffer.from(text, "base64").toString("utf8");
  return Buffer.from(text.replaceAll("=\n", "").replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))), "latin1").toString("utf8");
}).join("\n");

test("ux 7, FISC-01: a company's transfer is promised no receipt", async () => {
  await sendLetter(t.ctx, await aLetter({ method: "bank_transfer", payerKind: "organization" }));
  expect(plain()).toContain("оплачен");
  expect(plain()).not.toContain("Чек");
});

test("ux 7: a part of the price is not called the price", async () => {
  await sendLetter(t.ctx, await aLetter({ kopecks: 63_100n }));
  expect(plain()).toContain("Получена оплата по заказу");
  expect(plain()).toContain("Осталось оплатить 6\u202F000");
  expect(plain()).not.toContain("оплачен");
  expect(plain()).toContain("Чек придёт отдельным письмом");
});
