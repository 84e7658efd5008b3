/** A base on the stock exchange and the staff who look into its journal and decide (A9). */
import type { Ctx } from "@/lib/context.ts";
import { aStaff } from "./a-staff.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aShop } from "./factories.ts";
import type { TestShop } from "./factories.ts";

export type InboxWorld = TestContext & {
  /** Its base comes under the login `inbox`. */
  shop: TestShop;
  accountant: Ctx;
  /** Of this store. */
  manager: Ctx;
  integrator: Ctx;
};

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openInboxWorld(): Promise<InboxWorld> {
  const t = await openTestContext();
  const shop = await aShop(t, { login: "inbox" });
  const { ctx: accountant } = await aStaff(t, { role: "accountant", storeId: null });
  const { ctx: manager } = await aStaff(t, { role: "manager", storeId: shop.storeId });
  const { ctx: integrator } = await aStaff(t, { role: "integrator", storeId: null });
  return { ...t, shop, accountant, manager, integrator };
}
