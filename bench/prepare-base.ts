import { createConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { openRuntime } from "@/lib/runtime.ts";
import type { BenchApp } from "./harness.ts";

export type GivenBase = { settings: Record<string, unknown>; secret: Record<string, string> };

/** A seller with one live store and a 1C base of test money, in the database of `ctx`. */
export async function makeBase(ctx: Ctx, base: GivenBase): Promise<{ sellerOrgId: string; storeId: string; onecId: string }> {
  const { sql } = ctx.database;
  const [sellerOrgId, storeId] = [newId(), newId()];
  await sql`insert into seller_orgs (id, brand_name, legal_name, inn, tax_system, address, phone, email, site_url, created_at) values (${sellerOrgId}, 'Б', 'ООО Б', '9900000017', 'osn', 'а', '+70000000000', 'a@b.ru', 'https://b.ru', now())`;
  await sql`insert into stores (id, seller_org_id, name, mode, created_at) values (${storeId}, ${sellerOrgId}, 'М', 'live', now())`;
  const { connectionId } = await createConnection(ctx, { kind: "onec", provider: "commerceml", name: "1С", sellerOrgId: null, storeId, environment: "test", ...base });
  return { sellerOrgId, storeId, onecId: connectionId };
}

/** The same for an application that runs in processes of its own. */
export async function prepareBase(app: BenchApp, base: GivenBase): Promise<void> {
  Object.assign(process.env, app.env);
  const { ctx, close } = await openRuntime(app.databaseUrl, "bench");
  await makeBase(ctx, base);
  await close();
}
