import { createConnection } from "@/lib/connections/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { openRuntime } from "@/lib/runtime.ts";
import type { BenchApp } from "./harness.ts";

/** A seller with one live store and a 1C base of test money. */
export async function prepareBase(app: BenchApp, settings: Record<string, unknown>, password: string): Promise<void> {
  Object.assign(process.env, app.env);
  const { ctx, close } = await openRuntime(app.databaseUrl, "bench");
  const { sql } = ctx.database;
  const [sellerOrgId, storeId] = [newId(), newId()];
  await sql`insert into seller_orgs (id, brand_name, legal_name, inn, tax_system, address, phone, email, site_url, created_at) values (${sellerOrgId}, 'Б', 'ООО Б', '9900000017', 'osn', 'а', '+70000000000', 'a@b.ru', 'https://b.ru', now())`;
  await sql`insert into stores (id, seller_org_id, name, mode, created_at) values (${storeId}, ${sellerOrgId}, 'М', 'live', now())`;
  await createConnection(ctx, { kind: "onec", provider: "commerceml", name: "1С", sellerOrgId: null, storeId, environment: "test", settings, secret: { password } });
  await close();
}
