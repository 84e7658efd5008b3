/** The site of a shop over HTTP: it makes orders at our door and is told of them by webhooks. */
import { expect } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { newWebhookSecret } from "@/lib/kit/webhook-signature.ts";
import { shopRoute } from "@/lib/shops/index.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aShop } from "./factories.ts";
import type { TestShop } from "./factories.ts";
import { openDoor } from "./open-door.ts";

/** Key and signing secret of the shop. */
export const KEY = "shop-key-0123456789abcdef0123456789";
export const SECRET = newWebhookSecret();

type View = { orderId: string; number: string; shopNumber: string; status: string; payUrl: string; paid: string; due: string; payments: { id: string; amount: string }[]; error?: { code: string; message: string; field: string } };
type Reply = { status: number; headers: Headers; json: View };
type OrderRow = { id: string; isPosted: boolean; onecGuid: string | null; exportVersion: number; shopConnectionId: string; onecConnectionId: string; isTest: boolean; lifecycle: string };

export type ShopSite = TestContext & {
  /** The store with the 1C base that gets its orders, by JSON. */
  onec: TestShop;
  shopId: string;
  /** Webhooks that came since `begin`. */
  came: { headers: Headers; body: string }[];
  /** What the site answers to them; 200 from `begin` on. */
  hookStatus: number;
  /** Call in `beforeEach`: Saturday noon. */
  begin(): void;
  /** One call; `auth` null sends none, a string body goes as it is. */
  call(method: string, at: string, options?: { body?: unknown; key?: string | null; auth?: string | null }): Promise<Reply>;
  /** POST /orders with `body(given)`. */
  make(given?: Record<string, unknown>, key?: string | null): Promise<Reply>;
  orders(number: string): Promise<OrderRow[]>;
};

let counter = 0;
/** A fresh Idempotency-Key. */
export const nextKey = () => `key-${++counter}`;
/** An order of 6 631.00 as the site sends it. */
export const body = (given: Record<string, unknown> = {}) => ({
  amount: "6631.00",
  customer: { type: "person", name: "Иванова Мария", email: "ivanova@mail.example", phone: "8 921 123-45-67" },
  items: [
    { sku: "ЧЗ-12", name: "Чайник «Ладога»", quantity: 1, price: 5490, amount: 4990, vatRate: "22" },
    { sku: "КР-01", name: "Книга", quantity: "2", price: "645.50", amount: "1291.00", vatRate: 10 },
    { name: "Доставка", quantity: "1", amount: "350,00", vatRate: "22%", subject: "service" },
  ],
  returnUrl: "https://shop.example/thanks?order=15",
  ...given,
});

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openShopSite(): Promise<ShopSite> {
  const t = await openTestContext();
  const onec = await aShop(t, { onecSettings: { doors: ["json"], moneyChannel: "json" } });
  const hooks = await openDoor(async (request) => {
    site.came.push({ headers: request.headers, body: await request.text() });
    return new Response(site.hookStatus === 204 ? null : "ok", { status: site.hookStatus });
  });
  const { connectionId: shopId } = await createConnection(t.ctx, {
    kind: "shop", provider: "shop", name: "Витрина", sellerOrgId: null, storeId: onec.storeId, environment: "test",
    settings: { onecConnectionId: onec.onecId, returnUrls: ["https://shop.example/thanks"], push: { url: `${hooks.url}/kopeyka` } }, secret: { apiKey: KEY, pushSecret: SECRET },
  });
  const door = await openDoor((request) => shopRoute(t.ctx, request));
  const site: ShopSite = {
    ...t,
    onec,
    shopId,
    came: [],
    hookStatus: 200,
    begin() {
      site.came = [];
      site.hookStatus = 200;
      t.clock.set("2026-11-21T09:00:00Z");
    },
    async call(method, at, options = {}) {
      const answer = await fetch(`${door.url}/api/shop/v1${at}`, {
        method,
        redirect: "manual",
        headers: { ...(options.auth !== null && { authorization: options.auth ?? `Bearer ${KEY}` }), ...(options.key && { "idempotency-key": options.key }) },
        ...(options.body !== undefined && { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) }),
      });
      const text = await answer.text();
      expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(answer.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
      return { status: answer.status, headers: answer.headers, json: JSON.parse(text) as View };
    },
    make: (given = {}, key = nextKey()) => site.call("POST", "/orders", { body: body(given), key }),
    orders: async (number) => [...(await t.ctx.database.sql<OrderRow[]>`select id, is_posted, onec_guid, export_version, shop_connection_id, onec_connection_id, is_test, lifecycle from orders where number = ${number}`)],
    async close() {
      await door.close();
      await hooks.close();
      await t.close();
    },
  };
  return site;
}
