/** A base of 1C whose code was written for PayKeeper, over real HTTP: bills as it asks for them, for tests of that door (API-1 … API-13). */
import { expect } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { payKeeperRoute } from "@/lib/onec/paykeeper/index.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aShop } from "./factories.ts";
import type { TestShop } from "./factories.ts";
import { forgetConnections } from "./fresh-connections.ts";
import { openDoor } from "./open-door.ts";
import type { OpenDoor } from "./open-door.ts";
import { basic, previewRequest, sendRequest, speak, tokenRequest } from "./paykeeper-code.ts";
import type { CodeAnswer, CodeBill } from "./paykeeper-code.ts";

export type Said = Record<string, string> & { result?: string; msg?: string };
type BilledOrder = { id: string; totalKopecks: bigint; contact: string; buyerName: string; lifecycle: string; revisionNo: number; payUntil: Date | null; paymentStatus: string };

/** Basic of the base's login. */
export const auth = basic("user", "secret");
/** What staff chose for its bills: the rate and the subject. */
export const paykeeper = { vatRate: "vat22", subject: "service" };

export type BillsWorld = TestContext & {
  shop: TestShop;
  door: OpenDoor;
  /** One request as it is; the answer is JSON with the headers of every answer (API-8). */
  say(request: { head: string[]; body: string | Buffer }): Promise<CodeAnswer & { json: Said }>;
  tokenOf(): Promise<string>;
  /** `/change/invoice/preview/` with this token, or a fresh one. */
  preview(bill: CodeBill, token?: string): Promise<Said>;
  send(id: string): Promise<Said>;
  get(path: string): Promise<Said>;
  /** `/change/invoice/<what>` of a bill. */
  change(what: string, id: string): Promise<Said>;
  orderOf(number: string): Promise<BilledOrder>;
  /** Changes settings of the base; put them back yourself. */
  settings(value: Record<string, unknown>): Promise<void>;
};

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openBillsWorld(): Promise<BillsWorld> {
  const t = await openTestContext();
  const { sql } = t.ctx.database;
  const shop = await aShop(t, { login: "user", onecSettings: { doors: ["paykeeper", "commerceml"], moneyChannel: "paykeeper", paykeeper } });
  await createConnection(t.ctx, { kind: "mail", provider: "smtp", name: "Почта", sellerOrgId: null, environment: "test", settings: { host: "127.0.0.1", port: 9, secure: false, from: "kassa@shop.test" }, secret: {} });
  const door = await openDoor((request) => payKeeperRoute(t.ctx, request));
  const say: BillsWorld["say"] = async (request) => {
    const answer = await speak(door.url, request);
    expect(answer.headers).toMatchObject({ "content-type": "application/json; charset=utf-8", "cache-control": "no-store, no-transform", "content-length": String(Buffer.byteLength(answer.body)) });
    return { ...answer, json: JSON.parse(answer.body) as Said };
  };
  const tokenOf = async () => (await say(tokenRequest(auth))).json["token"]!;
  return {
    ...t,
    shop,
    door,
    say,
    tokenOf,
    preview: async (bill, token) => (await say(previewRequest(auth, token ?? (await tokenOf()), bill))).json,
    send: async (id) => (await say(sendRequest(auth, await tokenOf(), id, null))).json,
    get: async (path) => (await say({ head: [`GET ${path} HTTP/1.1`, `Authorization: ${auth}`], body: "" })).json,
    change: async (what, id) => (await say({ head: [`POST /change/invoice/${what} HTTP/1.1`, `Authorization: ${auth}`], body: `token=${await tokenOf()}&id=${id}` })).json,
    async orderOf(number) {
      const [order] = await sql<BilledOrder[]>`
        select id, total_kopecks, contact, buyer_name, lifecycle, revision_no, pay_until, payment_status from orders where number = ${number} and onec_connection_id = ${shop.onecId}`;
      return order!;
    },
    async settings(value) {
      await sql`update connections set settings = settings || ${JSON.stringify(value)}::text::jsonb where id = ${shop.onecId}`;
      forgetConnections();
    },
    async close() {
      await door.close();
      await t.close();
    },
  };
}

let counter = 100;
export const aBill = (given: Partial<CodeBill> = {}): CodeBill => ({
  clientid: "Иванов Иван Иванович", orderid: `123-${++counter}`, service_name: "Тестовая услуга", client_email: "test@yourdomain.com", client_phone: "+79876543210", expiry: "2026-12-31", pay_amount: "100.03", ...given,
});
