/** Bases of 1C that fetch their feed by JSON, for tests of what they read and acknowledge (json-api.md 4). */
import { readChanges } from "@/lib/feed/index.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aShop, anAcquirer } from "./factories.ts";
import type { TestShop } from "./factories.ts";

type Page = Awaited<ReturnType<typeof readChanges>>;
type ToldMoney = { state: string; onecDocumentNumber: string | null; rejectedReason: string | null };

export type JsonFeed = TestContext & {
  /** A shop of its own with its bank, whose base fetches. */
  aJsonBase(): Promise<TestShop & { bankId: string }>;
  /** `changes` of a shop's base: after `since`, or after what it acknowledged. */
  read(shop: TestShop, since?: string | null, limit?: number): Promise<Page>;
  /** How the money of an order stands with 1C, oldest first. */
  exportsOf(orderId: string): Promise<ToldMoney[]>;
};

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openJsonFeed(): Promise<JsonFeed> {
  const t = await openTestContext();
  return {
    ...t,
    async aJsonBase() {
      const shop = await aShop(t, { onecSettings: { doors: ["json"] } });
      return { ...shop, bankId: (await anAcquirer(t, { sellerOrgId: shop.sellerOrgId })).connectionId };
    },
    read: (shop, since = null, limit = 100) => readChanges(t.ctx, shop.onecId, { since, limit }),
    exportsOf: async (orderId) => [...(await t.ctx.database.sql<ToldMoney[]>`select state, onec_document_number, rejected_reason from export_messages where order_id = ${orderId} order by seq`)],
  };
}

export const keysOf = ({ items }: Page): string[] => items.map((item) => item.key);
