/** The believable shop chain of README decision 12: two organizations, three stores, requisites, the calendar. */
import type { Ctx } from "@/lib/context.ts";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";

export type DemoParties = { houseOrgId: string; craftOrgId: string; nevskyStoreId: string; onlineStoreId: string; craftStoreId: string };

/** Fictional people and companies with INN of the 9900… range; bank BICs are public. */
export async function seedParties(ctx: Ctx): Promise<DemoParties> {
  const ids: DemoParties = { houseOrgId: newId(), craftOrgId: newId(), nevskyStoreId: newId(), onlineStoreId: newId(), craftStoreId: newId() };
  const now = ctx.now();
  await inTransaction(ctx, async (tx) => {
    await tx`
      insert into seller_orgs (id, brand_name, legal_name, inn, kpp, ogrn, tax_system, address, phone, email, site_url, offer_url, privacy_url, director_name, accountant_name, created_at) values
      (${ids.houseOrgId}, 'Ладога · Дом и кухня', 'ООО «Ладога»', '9900000017', '990101001', null, 'osn', '191186, Санкт-Петербург, Невский проспект, дом 12', '+78005553535',
        'kassa@ladoga.example', 'https://ladoga.example', 'https://ladoga.example/offer', 'https://ladoga.example/privacy', 'Соколова Анна Викторовна', 'Белова Ирина Петровна', ${now}),
      (${ids.craftOrgId}, 'Мастерская Кузнецовой', 'ИП Кузнецова Ольга Игоревна', '990000000299', null, null, 'usn_income', '190000, Санкт-Петербург, улица Декабристов, дом 20', '+78125550199',
        'kassa@kuznetsova.example', 'https://kuznetsova.example', 'https://kuznetsova.example/offer', 'https://kuznetsova.example/privacy', 'Кузнецова Ольга Игоревна', null, ${now})`;
    await tx`
      insert into stores (id, seller_org_id, name, address, mode, created_at) values
      (${ids.nevskyStoreId}, ${ids.houseOrgId}, 'Невский 12', 'Невский проспект, 12', 'sandbox', ${now}),
      (${ids.onlineStoreId}, ${ids.houseOrgId}, 'Интернет-магазин', null, 'sandbox', ${now}),
      (${ids.craftStoreId}, ${ids.craftOrgId}, 'Мастерская', 'улица Декабристов, 20', 'sandbox', ${now})`;
    await tx`
      insert into bank_accounts (id, seller_org_id, bank_name, bik, account, corr_account, is_default) values
      (${newId()}, ${ids.houseOrgId}, 'ПАО СБЕРБАНК', '044525225', '40702810938000012345', '30101810400000000225', true),
      (${newId()}, ${ids.craftOrgId}, 'ФИЛИАЛ "ЦЕНТРАЛЬНЫЙ" БАНКА ВТБ (ПАО)', '044525187', '40802810400000012312', '30101810700000000187', true)`;
  });
  return ids;
}

/** Non-working weekdays of 2026 (B2B-03, decree of 24.09.2025 № 1466); data that the accountant may edit. */
const holidays2026: [string, string][] = [
  ["2026-01-01", "2026-01-11"], ["2026-02-21", "2026-02-23"], ["2026-03-07", "2026-03-09"], ["2026-05-01", "2026-05-03"],
  ["2026-05-09", "2026-05-11"], ["2026-06-12", "2026-06-14"], ["2026-11-04", "2026-11-04"], ["2026-12-31", "2026-12-31"],
  ["2027-01-01", "2027-01-08"],
];

/** The production calendar every installation starts with. */
export async function seedCalendar(ctx: Ctx): Promise<void> {
  for (const [from, to] of holidays2026) {
    await ctx.database.sql`
      insert into calendar_days (day, is_working, note) select d::date, false, 'нерабочий день' from generate_series(${from}::date, ${to}::date, '1 day') d on conflict do nothing`;
  }
}
