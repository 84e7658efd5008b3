/** Small worlds for tests: a seller with a store, a bank, a register and a 1C base, all of environment `test`. */
import type { Ctx } from "@/lib/context.ts";
import { createConnection } from "@/lib/connections/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { storeModes, taxSystems } from "@/db/schema/index.ts";

type With = { ctx: Ctx };

let counter = 0;
const next = () => (counter += 1);

/** INN of the 9900… range with a right check digit; not one of those that tests write by hand (99000000…). */
export function anInn(): string {
  const stem = `99001${String(next()).padStart(4, "0")}`;
  const weights = [2, 4, 10, 3, 5, 9, 4, 6, 8];
  const control = (weights.reduce((total, weight, at) => total + weight * Number(stem[at]), 0) % 11) % 10;
  return `${stem}${control}`;
}

export async function aSeller({ ctx }: With, given: { taxSystem?: (typeof taxSystems)[number]; brandName?: string } = {}): Promise<{ sellerOrgId: string }> {
  const sellerOrgId = newId();
  await ctx.database.sql`
    insert into seller_orgs (id, brand_name, legal_name, inn, kpp, tax_system, address, phone, email, site_url, created_at)
    values (${sellerOrgId}, ${given.brandName ?? "Ромашка · Дом и кухня"}, 'ООО «Ромашка»', ${anInn()}, '770101001', ${given.taxSystem ?? "osn"}, 'Москва, ул. Лесная, 1',
      '+74950000000', 'shop@romashka.example', 'https://romashka.example', ${ctx.now()})`;
  return { sellerOrgId };
}

export async function aStore({ ctx }: With, given: { sellerOrgId: string; mode?: (typeof storeModes)[number]; name?: string }): Promise<{ storeId: string }> {
  const storeId = newId();
  await ctx.database.sql`
    insert into stores (id, seller_org_id, name, mode, created_at) values (${storeId}, ${given.sellerOrgId}, ${given.name ?? "Магазин на Лесной"}, ${given.mode ?? "live"}, ${ctx.now()})`;
  return { storeId };
}

/** PayKeeper at an address of the test's choice. */
export const anAcquirer = ({ ctx }: With, given: { sellerOrgId: string; baseUrl?: string; environment?: "test" | "live"; settings?: Record<string, unknown>; secret?: Record<string, string> }) =>
  createConnection(ctx, {
    kind: "acquirer", provider: "paykeeper", name: "PayKeeper", sellerOrgId: given.sellerOrgId, environment: given.environment ?? "test",
    settings: { baseUrl: given.baseUrl ?? "http://127.0.0.1:9", login: "admin", ...given.settings },
    secret: { password: "demo", secretWord: "verysecret", ...given.secret },
  });

/** Orange Data; `settings` and `secret` are what `lib/fiscal/orange-data` reads. */
export const aRegister = ({ ctx }: With, given: { sellerOrgId: string; environment?: "test" | "live"; settings?: Record<string, unknown>; secret?: Record<string, string> }) =>
  createConnection(ctx, {
    kind: "register", provider: "orange_data", name: "Orange Data", sellerOrgId: given.sellerOrgId, environment: given.environment ?? "test",
    settings: { baseUrl: "http://127.0.0.1:9", ffd: "1.2", inn: "9900000011", ...given.settings }, secret: given.secret ?? {},
  });

export const aOnecBase = ({ ctx }: With, given: { storeId: string; login?: string; password?: string; environment?: "test" | "live"; settings?: Record<string, unknown> }) =>
  createConnection(ctx, {
    kind: "onec", provider: "commerceml", name: "УТ 11.5", sellerOrgId: null, storeId: given.storeId, environment: given.environment ?? "test",
    settings: { login: given.login ?? "1c", ...given.settings }, secret: { password: given.password ?? "secret" },
  });

export type TestShop = { sellerOrgId: string; storeId: string; onecId: string };

/** Seller, store and 1C base. */
export async function aShop(t: With, given: { taxSystem?: (typeof taxSystems)[number]; environment?: "test" | "live"; login?: string; onecSettings?: Record<string, unknown> } = {}): Promise<TestShop> {
  const { sellerOrgId } = await aSeller(t, given);
  const { storeId } = await aStore(t, { sellerOrgId });
  const { connectionId: onecId } = await aOnecBase(t, {
    storeId, login: given.login ?? `1c-${next()}`, ...(given.environment && { environment: given.environment }), ...(given.onecSettings && { settings: given.onecSettings }),
  });
  return { sellerOrgId, storeId, onecId };
}
