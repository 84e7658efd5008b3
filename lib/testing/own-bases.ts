import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aOnecBase, aShop, aStore, anAcquirer } from "./factories.ts";
import type { TestShop } from "./factories.ts";

export type OwnBases = {
  t: TestContext;
  seller: TestShop;
  bankId: string;
  /** One more base of 1C of this seller, with a store and a login of its own: what it sends meets nothing of another test. */
  newBase(settings?: Record<string, unknown>): Promise<{ connectionId: string; storeId: string; login: string }>;
};

/** A seller with a bank, for files in which each test has a base of its own; `at` sets the clock first. */
export async function openOwnBases(prefix: string, { at, settings: common = {} }: { at?: string; settings?: Record<string, unknown> } = {}): Promise<OwnBases> {
  const t = await openTestContext();
  if (at) t.clock.set(at);
  const seller = await aShop(t, { login: "first" });
  const { connectionId: bankId } = await anAcquirer(t, seller);
  let bases = 0;
  return {
    t, seller, bankId,
    async newBase(settings = {}) {
      const login = `${prefix}-${++bases}`;
      const { storeId } = await aStore(t, { sellerOrgId: seller.sellerOrgId, name: `Магазин ${bases}` });
      const { connectionId } = await aOnecBase(t, { storeId, login, settings: { ...common, ...settings } });
      return { connectionId, storeId, login };
    },
  };
}
