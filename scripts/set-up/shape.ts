/** What the file of `npm run connection:add` may say (README.md). Every field is checked before anything is written. */
import { z } from "zod";
import { storeModes, taxSystems } from "@/db/schema/index.ts";
import { baseUrl, contactOf, httpsOnly, pushAddress, pushIsSafe, webAddress } from "./fields.ts";
import { Shop } from "./shape-shop.ts";
import { certificateProblem, keyProblem, signingKeyProblem } from "./key-problems.ts";
import { isWebhookSecret } from "@/lib/kit/webhook-signature.ts";
import { isAccount, isBik, isCorrespondentAccount, isInn, isKpp, isOgrn } from "@/lib/kit/requisites.ts";
import { payMethods } from "@/lib/ledger/kinds.ts";
import { lifecycles } from "@/lib/orders/states.ts";
import { baseDoors } from "@/lib/onec/base-settings.ts";
import { queryFlavours } from "@/lib/onec/states.ts";
import { billSubjects, billVatRates } from "@/lib/onec/paykeeper/door-settings.ts";
import { registryColumns } from "@/lib/reconciliation/registry-file/index.ts";
import { tariffOf } from "@/lib/reconciliation/tariff.ts";

const text = (max = 255) => z.string().trim().min(1).max(max);
const inn = text(12).refine(isInn, "is no INN: ten or twelve digits with a right check digit");
const kpp = text(9).refine(isKpp, "is no KPP: nine characters");

const Seller = z
  .strictObject({
    brandName: text(),
    legalName: text(),
    inn,
    kpp: kpp.optional(),
    ogrn: text(15).refine(isOgrn, "is no OGRN: thirteen or fifteen digits with a right check digit").optional(),
    taxSystem: z.enum(taxSystems),
    address: text(500),
    phone: contactOf("phone"),
    email: contactOf("email"),
    siteUrl: webAddress,
    offerUrl: webAddress.optional(),
    privacyUrl: webAddress.optional(),
    directorName: text().optional(),
    accountantName: text().optional(),
  })
  .refine((seller) => seller.inn.length === 12 || seller.kpp !== undefined, { path: ["kpp"], error: "is missing: a company has one" })
  .refine((seller) => seller.inn.length === 10 || seller.kpp === undefined, { path: ["kpp"], error: "must be left out: a sole trader has none" });

const Store = z.strictObject({ name: text(), address: text(500).optional(), mode: z.enum(storeModes).default("live") });

const BankAccount = z
  .strictObject({ bankName: text(), bik: text(9).refine(isBik, "is no BIK: nine digits"), account: text(20), corrAccount: text(20).optional() })
  .refine((bank) => isAccount(bank.bik, bank.account), { path: ["account"], error: "does not fit the BIK: a digit is wrong" })
  .refine((bank) => bank.corrAccount === undefined || isCorrespondentAccount(bank.bik, bank.corrAccount), { path: ["corrAccount"], error: "does not fit the BIK: a digit is wrong" });

const Director = z.strictObject({ name: text(), email: contactOf("email").transform((email) => email.toLowerCase()) });

const common = { name: text(100), environment: z.enum(["test", "live"]), enabled: z.boolean().default(true) };
const ofSeller = { ...common, sellerInn: inn.optional(), sellerKpp: kpp.optional() };
const secret = z.string().min(1).max(512);

const timeZone = z.string().refine((zone) => Intl.supportedValuesOf("timeZone").includes(zone), "is no time zone: write it like \"Europe/Moscow\"");

/** How the bank's cabinet is set up and what its contract says; all may be left out (docs/providers/paykeeper.md). */
const ofBank = {
  stages: z.enum(["one", "two"]).optional(),
  heldStatuses: z.array(text(40)).min(1).max(10).optional(),
  feePercent: z.string().refine((percent) => tariffOf(percent) !== null, "is no percentage: write it like \"2.1\", from 0 to 100").optional(),
  payout: z.literal("daily").optional(),
  merchantId: z.union([text(64), z.array(text(64)).min(1).max(20)]).optional(),
  zone: timeZone.optional(),
  registryColumns: z.partialRecord(z.enum(registryColumns), text(100)).optional(),
};

const PayKeeper = z
  .strictObject({
    provider: z.literal("paykeeper"),
    ...ofSeller,
    settings: z
      .strictObject({ baseUrl, login: text(), ...ofBank })
      .refine((settings) => settings.heldStatuses === undefined || settings.stages === "two", { path: ["heldStatuses"], error: "means nothing without \"stages\": \"two\"" }),
    secret: z.strictObject({ password: secret, secretWord: secret }),
  })
  .superRefine(httpsOnly);

const OrangeData = z
  .strictObject({
    provider: z.literal("orange_data"),
    ...ofSeller,
    settings: z.strictObject({
      baseUrl: baseUrl.default("https://api.orangedata.ru:12003"),
      inn: inn.optional(),
      key: text(32).optional(),
      group: text(32),
      receiptUrlBase: baseUrl.default("https://cheques-lk.orangedata.ru"),
    }),
    secret: z.strictObject({
      clientCertPem: z.string().superRefine(certificateProblem),
      clientKeyPem: z.string().superRefine(keyProblem),
      caPem: z.string().superRefine(certificateProblem).optional(),
      signingKey: z.string().superRefine(signingKeyProblem),
    }),
  })
  .superRefine(httpsOnly);

const Onec = z
  .strictObject({
    provider: z.literal("commerceml"),
    ...common,
    /** Name of the store that its orders belong to. */
    store: text().optional(),
    settings: z.strictObject({
      login: text(100).refine((login) => !login.includes(":"), "must not contain a colon: Basic credentials end a login with it"),
      doors: z.array(z.enum(baseDoors)).min(1).optional(),
      moneyChannel: z.enum(baseDoors).optional(),
      /** The HTTP-сервис of this base that takes events at once (docs/providers/onec-json.md). */
      push: z.strictObject({ url: pushAddress, login: text(100).optional() }).optional(),
      /** Bills by 1C code that was written for PayKeeper (docs/providers/onec-paykeeper.md). */
      paykeeper: z
        .strictObject({ vatRate: z.enum(billVatRates).optional(), subject: z.enum(billSubjects).optional(), cash: z.enum(["refuse", "book"]).optional(), notifyUrl: webAddress.optional() })
        .refine((bills) => (bills.vatRate === undefined) === (bills.subject === undefined), "needs vatRate and subject together: both stand on the receipt")
        .optional(),
      flavour: z.enum(queryFlavours).default("ut"),
      /** The table «Соответствие онлайн-оплат» of this base, by our code of the method. */
      methodNames: z.partialRecord(z.enum(payMethods), z.strictObject({ id: text(50), name: text(100) })).optional(),
      /** «Статус заказа» of this base to our lifecycle. */
      statusMap: z.record(text(100), z.enum(lifecycles)).optional(),
      /** УТ: texts of «Статус заказа» with which it still loads our payments. */
      paymentStates: z.array(text(100)).max(20).optional(),
      /** Orders of an internet shop: when they are made, or when money for them has come. */
      siteOrders: z.enum(["at_once", "when_paid"]).optional(),
      createOrders: z.boolean().optional(),
      zeroRateMeans: z.enum(["none", "vat0"]).optional(),
      zone: timeZone.optional(),
      zip: z.boolean().optional(),
      catalog: z.enum(["drop", "refuse"]).optional(),
      fileLimitBytes: z.int().min(1024).max(64 * 1024 * 1024).optional(),
      sessionLimitBytes: z.int().min(1024).max(1024 * 1024 * 1024).optional(),
      ordersPerQuery: z.int().min(1).max(1_000).optional(),
    }),
    secret: z.strictObject({
      password: z.string().min(8, "must have at least 8 characters").max(512),
      token: z.string().min(24, "must have at least 24 characters").max(512).optional(),
      pushPassword: secret.optional(),
      /** Of the notification in PayKeeper's manner. */
      secretWord: secret.optional(),
      pushSecret: z.string().refine(isWebhookSecret, "is no signing secret: whsec_ and at least 32 characters of base64").optional(),
    }),
  })
  .superRefine(pushIsSafe)
  .superRefine(({ environment, settings, secret: given }, ctx) => {
    const doors = settings.doors ?? ["commerceml"];
    const channel = settings.moneyChannel ?? baseDoors.find((door) => doors.includes(door))!;
    const wrong = (path: string[], message: string) => ctx.addIssue({ code: "custom", path, message });
    if (!doors.includes(channel)) wrong(["settings", "moneyChannel"], "must be one of settings.doors");
    if (settings.push && channel !== "json") wrong(["settings", "push"], "means nothing while money goes back by another channel than json");
    if (settings.paykeeper?.notifyUrl !== undefined && !given.secretWord) wrong(["secret", "secretWord"], "is missing: notifications are signed with it");
    if (settings.paykeeper?.notifyUrl !== undefined && channel !== "paykeeper") wrong(["settings", "paykeeper", "notifyUrl"], "means nothing while money goes back by another channel than paykeeper");
    if (environment === "live" && settings.paykeeper?.notifyUrl?.startsWith("http:")) wrong(["settings", "paykeeper", "notifyUrl"], "must begin with https:// in a live connection");
    if (settings.push && !given.pushSecret) wrong(["secret", "pushSecret"], "is missing: 1C tells by it that an event is ours");
  });

const Mail = z.strictObject({
  provider: z.literal("smtp"),
  ...common,
  settings: z.strictObject({ host: text(), port: z.int().min(1).max(65_535), secure: z.boolean(), from: text(), user: text().optional() }),
  secret: z.strictObject({ password: secret.optional() }).default({}),
});

export const SetUp = z
  .strictObject({
    seller: Seller.optional(),
    store: Store.optional(),
    bankAccount: BankAccount.optional(),
    director: Director.optional(),
    connection: z.discriminatedUnion("provider", [PayKeeper, OrangeData, Onec, Mail, Shop]).optional(),
  })
  .refine((file) => Object.keys(file).length > 0, "says nothing: give seller, store, bankAccount, director or connection");
export type SetUp = z.infer<typeof SetUp>;
export type ConnectionFile = NonNullable<SetUp["connection"]>;

export const kindOf = { paykeeper: "acquirer", orange_data: "register", commerceml: "onec", smtp: "mail", shop: "shop" } as const;
