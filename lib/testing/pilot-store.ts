/** Stores in a mode, their orders and batches, for tests of the pilot (PIL-01 … PIL-06). */
import { expect } from "vitest";
import type { Ctx } from "@/lib/context.ts";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { createAttempt } from "@/lib/payments/create-attempt.ts";
import { openAttempt } from "@/lib/payments/index.ts";
import { changeStoreMode, makeBatch } from "@/lib/pilot/index.ts";
import type { NewBatch, StoreMode } from "@/lib/pilot/index.ts";
import { aStaff } from "./a-staff.ts";
import type { MadeStaff } from "./a-staff.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aDraft, upload } from "./drafts.ts";
import { aOnecBase, aRegister, aSeller, aStore, anAcquirer } from "./factories.ts";
import type { TestShop } from "./factories.ts";

export type PilotStore = TestContext & {
  director: MadeStaff;
  /** Of this test: in mode `pilot` from `begin` on; a test may put another in its place. */
  shop: TestShop;
  /** Call in `beforeEach`. */
  begin(): Promise<void>;
  /** A store of its own in the given mode, with a bank, a register and a 1C base of the test world. */
  shopIn(mode: StoreMode): Promise<TestShop>;
  /** The director (or whoever `ctx` is) changes the mode of this test's store. */
  move(to: StoreMode, of?: TestShop, ctx?: Ctx): ReturnType<typeof changeStoreMode>;
  batch(given?: Partial<NewBatch>): ReturnType<typeof makeBatch>;
  linkOf(orderId: string): Promise<{ id: string; token: string } | null>;
  batchOf(orderId: string): Promise<string | null>;
  /** 1C uploads a new order. */
  take(draft?: ReturnType<typeof aDraft>, of?: TestShop): Promise<string>;
  /** The buyer presses «Оплатить» at a link, or at one that is not there. */
  pay(orderId: string, linkId: string | null): ReturnType<typeof openAttempt>;
  /** An attempt as the verb leaves it before the bank hears of it. */
  beginAttempt(orderId: string): Promise<void>;
};

/** What the buyer and staff hear of an order that cannot be paid yet. */
export const refusal = { code: "conflict", message: "Оплата пока недоступна", details: { reason: "not_payable" } };

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openPilotStore(): Promise<PilotStore> {
  const t = await openTestContext();
  const { sql } = t.ctx.database;
  const director = await aStaff(t);
  const attempt = (orderId: string, linkId: string) => ({ linkId, orderId, method: "card" as const, contact: "a@b.ru", amountSeenKopecks: 122_000n, formKey: newId(), returnUrl: "https://pay.test/x" });
  const store: PilotStore = {
    ...t,
    director,
    shop: { sellerOrgId: "", storeId: "", onecId: "" },
    async begin() {
      store.shop = await store.shopIn("pilot");
    },
    async shopIn(mode) {
      const { sellerOrgId } = await aSeller(t);
      const { storeId } = await aStore(t, { sellerOrgId, mode });
      const { connectionId: onecId } = await aOnecBase(t, { storeId, login: newId() });
      await anAcquirer(t, { sellerOrgId });
      await aRegister(t, { sellerOrgId });
      return { sellerOrgId, storeId, onecId };
    },
    move: (to, of = store.shop, ctx = director.ctx) => changeStoreMode(ctx, { storeId: of.storeId, to, reason: "проверка режима", isTest: true }),
    batch: (given = {}) => makeBatch(director.ctx, { storeId: store.shop.storeId, isTest: true, kind: "rule", maxOrders: 50, endsOn: "2026-12-31", ...given }),
    linkOf: async (orderId) => (await sql<{ id: string; token: string }[]>`select id, token from payment_links where order_id = ${orderId} and state = 'active'`)[0] ?? null,
    batchOf: async (orderId) => (await sql<{ id: string | null }[]>`select pilot_batch_id as id from orders where id = ${orderId}`)[0]!.id,
    async take(draft = aDraft(), of = store.shop) {
      const [result] = await upload(t, of, draft);
      expect(result).toMatchObject({ outcome: "created" });
      return result!.orderId!;
    },
    pay: (orderId, linkId) => openAttempt(t.ctx, attempt(orderId, linkId ?? newId())),
    async beginAttempt(orderId) {
      const { id } = (await store.linkOf(orderId))!;
      await inTransaction(t.ctx, (tx) => createAttempt(t.ctx, tx, attempt(orderId, id), "a@b.ru"));
    },
  };
  return store;
}
