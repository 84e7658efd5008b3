import { createHmac, randomBytes } from "node:crypto";
import { same } from "../core/http.ts";
import type { BaseSecrets } from "../core/secrets.ts";
import type { World } from "../core/world.ts";
import { KEPT, PRODUCT_SUM, product, type ShopOrder, type ShopState } from "./state.ts";

const LIMIT_MS = 20_000;
const TRIES = 2;

/** A tiny internet shop: it makes an order, sends its buyer to pay and hears of the payment. */
export type Shop = {
  state: ShopState;
  world: World;
  webhookUrl(): string;
  returnUrl(): string;
  secrets(): { apiKey: string; signingSecret: string };
  touch(): void;
  buy(buyer: { name: string; email: string }): Promise<ShopOrder>;
  /** Why a signed return cannot be believed, or null. */
  distrustReturn(query: URLSearchParams): string | null;
  forget(): void;
};

export function createShop(world: World, state: ShopState, base: () => BaseSecrets, touch: () => void): Shop {
  const secrets = () => ({ apiKey: state.settings.apiKey || base().password, signingSecret: base().service.signingSecret });

  const shop: Shop = {
    state,
    world,
    secrets,
    touch,
    webhookUrl: () => `${world.baseUrl}/shop/hook`,
    returnUrl: () => `${world.baseUrl}/shop/thanks/`,
    async buy({ name, email }) {
      const order: ShopOrder = {
        id: randomBytes(8).toString("hex"), number: `М-${++state.counter}`, at: world.clock.now(), name, email, amount: PRODUCT_SUM, items: product, key: randomBytes(16).toString("hex"),
        orderId: "", payUrl: "", problem: "", paid: false, paidBy: "",
      };
      state.orders = [order, ...state.orders].slice(0, KEPT);
      // A lost answer is asked for again under the same key: that can never make a second order.
      for (let i = 0; i < TRIES && order.orderId === ""; i++) await place(order);
      world.log("shop", "order", { number: order.number, orderId: order.orderId, problem: order.problem });
      touch();
      return order;
    },
    distrustReturn(query) {
      const field = (name: string) => query.get(`kp_${name}`) ?? "";
      if (field("signature") === "") return "подписи нет";
      const key = Buffer.from(secrets().signingSecret.replace(/^whsec_/, ""), "base64");
      const expected = createHmac("sha256", key).update(["order", "status", "amount", "time"].map(field).join(".")).digest("base64url");
      if (!same(field("signature"), expected)) return "подпись не сошлась";
      const age = Math.abs(Date.now() / 1000 - Number(field("time")));
      return age > 3600 ? "ссылка возврата старше часа" : null;
    },
    forget() {
      state.orders = [];
      state.hooks = [];
      touch();
    },
  };

  async function place(order: ShopOrder): Promise<void> {
    const { apiUrl } = state.settings;
    try {
      if (apiUrl === "") throw new Error("адрес сервиса оплаты не задан");
      const answer = await fetch(`${apiUrl}/api/shop/v1/orders`, {
        method: "POST",
        redirect: "error",
        headers: { "content-type": "application/json", authorization: `Bearer ${secrets().apiKey}`, "idempotency-key": order.key },
        body: JSON.stringify({ number: order.number, amount: order.amount, customer: { type: "person", name: order.name, email: order.email }, items: order.items, returnUrl: `${shop.returnUrl()}?order=${order.id}` }),
        signal: AbortSignal.any([world.closing, AbortSignal.timeout(LIMIT_MS)]),
      });
      const said = (await answer.json()) as { orderId?: string; payUrl?: string; error?: { message?: string } };
      if (answer.status !== 201 || !said.orderId || !said.payUrl) throw new Error(`${answer.status} ${said.error?.message ?? "ответ без orderId"}`);
      Object.assign(order, { orderId: said.orderId, payUrl: said.payUrl, problem: "" });
    } catch (error) {
      order.problem = error instanceof Error ? error.message : String(error);
    }
  }
  return shop;
}
