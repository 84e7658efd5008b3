/** What a shop sends to make an order: one schema, checked to the kopeck before anything is written. Names are those of the JSON exchange (json-api.md 3). */
import { z } from "zod";
import { parseContact } from "@/lib/kit/contact.ts";
import { isInn } from "@/lib/kit/inn.ts";
import { MoneyFormatError, parseRubles } from "@/lib/kit/money.ts";
import { QuantityFormatError, normalizeQuantity } from "@/lib/kit/quantity.ts";
import { isKpp } from "@/lib/kit/requisites.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import type { VatRate } from "@/lib/kit/vat.ts";

export const ITEMS_MAX = 500;
const AMOUNT_MAX_KOPECKS = 10_000_000_000_000n;

const plain = (raw: string | number): string => storableText(String(raw)).trim();
const text = (max: number) => z.string({ error: "must be a text" }).transform((raw) => plain(raw)).refine((value) => value.length <= max, { error: `must have at most ${max} characters` });
const optionalText = (max: number) => text(max).nullish().transform((value) => value || null);

/** A text or a number as it is written; a failed reading is one line of English for the programmer of the shop. */
const scalar = <T>(read: (value: string) => T, message: string) =>
  z.union([z.string(), z.number()], { error: "must be a text or a number" }).transform((raw, ctx): T => {
    try {
      return read(plain(raw));
    } catch (error) {
      if (!(error instanceof MoneyFormatError || error instanceof QuantityFormatError || error instanceof RangeError)) throw error;
      ctx.addIssue({ code: "custom", message });
      return z.NEVER;
    }
  });

const amount = scalar((value) => {
  const kopecks = parseRubles(value);
  if (kopecks < 0n || kopecks > AMOUNT_MAX_KOPECKS) throw new RangeError(value);
  return kopecks;
}, "must be roubles with at most two decimals, not negative");
const quantity = scalar((value) => {
  const normal = normalizeQuantity(value);
  if (normal === "0") throw new RangeError(value);
  return normal;
}, "must be a number above zero with at most three decimals");

const rates = new Map<string, VatRate>([["22", "vat22"], ["10", "vat10"], ["7", "vat7"], ["5", "vat5"], ["0", "vat0"], ["none", "none"]]);
const vatRate = z
  .union([z.string(), z.number()], { error: "is missing: the receipt needs it" })
  .transform((raw) => rates.get(plain(raw).replace(/%$/, "")))
  .refine((rate) => rate !== undefined, { error: `must be one of ${[...rates.keys()].join(", ")}` })
  .transform((rate) => rate as VatRate);

const item = z
  .object({
    id: optionalText(80),
    sku: optionalText(100),
    name: text(255).refine((name) => name !== "", { error: "must not be empty" }),
    unit: optionalText(25),
    unitCode: optionalText(4),
    quantity,
    /** Of one unit, VAT included, before any discount. Left out: the amount divided by the quantity. */
    price: amount.nullish(),
    /** Of the line, VAT included, after discounts: what is paid and printed. */
    amount,
    vatRate,
    subject: z.enum(["commodity", "service"], { error: "must be commodity or service" }).default("commodity"),
  })
  .transform((line) => ({ ...line, price: line.price ?? null }));

const contact = (kind: "email" | "phone") =>
  optionalText(100).transform((value, ctx) => {
    if (value === null) return null;
    const parsed = parseContact(value);
    if (!("error" in parsed) && parsed.kind === kind) return parsed.value;
    ctx.addIssue({ code: "custom", message: kind === "email" ? "is no e-mail address" : "is no phone number" });
    return z.NEVER;
  });

const customer = z
  .object({
    type: z.enum(["person", "entrepreneur", "legal"], { error: "must be person, entrepreneur or legal" }).default("person"),
    name: optionalText(255),
    inn: optionalText(12).refine((inn) => inn === null || isInn(inn), { error: "is no INN" }),
    kpp: optionalText(9).refine((kpp) => kpp === null || isKpp(kpp), { error: "is no KPP" }),
    address: optionalText(500),
    email: contact("email"),
    phone: contact("phone"),
  })
  .refine((buyer) => buyer.type !== "legal" || (buyer.name !== null && buyer.inn !== null), { path: ["inn"], error: "a company needs name and inn" });

export const OrderBody = z
  .object({
    number: z.union([z.string(), z.number()]).nullish().transform((raw) => (raw === null || raw === undefined ? null : plain(raw) || null)).refine((number) => number === null || number.length <= 50, { error: "must have at most 50 characters" }),
    amount: amount.refine((kopecks) => kopecks > 0n, { error: "must be above zero" }),
    currency: z.literal("RUB", { error: "only RUB is taken" }).default("RUB"),
    customer: customer.default({ type: "person", name: null, inn: null, kpp: null, address: null, email: null, phone: null }),
    items: z.array(item, { error: "must be a list" }).min(1, { error: "must not be empty" }).max(ITEMS_MAX, { error: `at most ${ITEMS_MAX} lines` }),
    comment: optionalText(1000),
    /** No payment from this moment on. */
    payBy: z.iso.datetime({ offset: true, error: "must look like 2026-11-23T18:00:00+03:00" }).nullish().transform((value) => (value ? new Date(value) : null)),
    returnUrl: optionalText(2000),
  })
  .superRefine((order, ctx) => {
    const sum = order.items.reduce((total, line) => total + line.amount, 0n);
    if (sum !== order.amount) ctx.addIssue({ code: "custom", path: ["amount"], message: "is not the sum of items[].amount" });
  });
export type OrderBody = z.output<typeof OrderBody>;
