import { boolean, date, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { storeModes } from "../../lib/pilot/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";

export const taxSystems = ["osn", "usn_income", "usn_income_outcome", "esn", "patent"] as const;

/** A selling organization (SEC-06): own INN, tax system, registers, accounts. */
export const sellerOrgs = pgTable(
  "seller_orgs",
  {
    id: id(),
    /** Short name on the pay page, e.g. «Ромашка · Дом и кухня». */
    brandName: text("brand_name").notNull(),
    legalName: text("legal_name").notNull(),
    inn: text("inn").notNull(),
    kpp: text("kpp"),
    ogrn: text("ogrn"),
    taxSystem: text("tax_system", { enum: taxSystems }).notNull(),
    address: text("address").notNull(),
    phone: text("phone").notNull(),
    email: text("email").notNull(),
    siteUrl: text("site_url").notNull(),
    offerUrl: text("offer_url"),
    privacyUrl: text("privacy_url"),
    directorName: text("director_name"),
    accountantName: text("accountant_name"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [uniqueIndex("seller_orgs_inn").on(t.inn, t.kpp), oneOf("seller_orgs_tax_system_known", t.taxSystem, taxSystems)],
);

export { storeModes };

/** A sales point of one seller organization. `mode` (PIL-01) is changed by `changeStoreMode` alone. */
export const stores = pgTable(
  "stores",
  {
    id: id(),
    sellerOrgId: uuid("seller_org_id").notNull().references(() => sellerOrgs.id),
    name: text("name").notNull(),
    address: text("address"),
    mode: text("mode", { enum: storeModes }).notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [index("stores_seller_org").on(t.sellerOrgId), oneOf("stores_mode_known", t.mode, storeModes)],
);

/** Where a company's transfer goes (invoice requisites). */
export const bankAccounts = pgTable("bank_accounts", {
  id: id(),
  sellerOrgId: uuid("seller_org_id").notNull().references(() => sellerOrgs.id),
  bankName: text("bank_name").notNull(),
  bik: text("bik").notNull(),
  account: text("account").notNull(),
  corrAccount: text("corr_account"),
  isDefault: boolean("is_default").notNull(),
});

export const payerKinds = ["individual", "sole_proprietor", "organization", "unknown"] as const;
export type PayerKind = (typeof payerKinds)[number];
export const deferralBases = ["order_date", "invoice_date", "shipment_date"] as const;

/** A buyer as 1C knows it. Deferral terms: stock 1C sends none, so staff keep them here (commerceml.md 11). */
export const counterparties = pgTable(
  "counterparties",
  {
    id: id(),
    onecConnectionId: uuid("onec_connection_id"),
    onecGuid: text("onec_guid"),
    payerKind: text("payer_kind", { enum: payerKinds }).notNull(),
    name: text("name").notNull(),
    officialName: text("official_name"),
    inn: text("inn"),
    kpp: text("kpp"),
    address: text("address"),
    email: text("email"),
    phone: text("phone"),
    deferralDays: integer("deferral_days"),
    deferralDayKind: text("deferral_day_kind", { enum: ["calendar", "working"] }),
    deferralBase: text("deferral_base", { enum: deferralBases }),
    creditLimitKopecks: kopecks("credit_limit_kopecks"),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("counterparties_onec").on(t.onecConnectionId, t.onecGuid),
    index("counterparties_inn").on(t.inn),
    oneOf("counterparties_payer_kind_known", t.payerKind, payerKinds),
  ],
);

/** Days that differ from Monday–Friday (B2B-03): data, editable by the accountant. */
export const calendarDays = pgTable("calendar_days", {
  day: date("day").primaryKey(),
  isWorking: boolean("is_working").notNull(),
  note: text("note"),
});

/** Settings of `domain.md` 11 that staff changed; a missing key means its default. */
export const settings = pgTable("settings", {
  key: text("key").primaryKey(),
  value: jsonb("value").notNull(),
  updatedAt: at("updated_at").notNull(),
});
