/** Orange Data's answers. Keys differ in case between documents and reality, so they are read lower-cased; numbers are texts. */
import { z } from "zod";

/** Lower-cases the names of the top level only: `content` is an echo that nobody reads. */
const lowerKeys = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner])) : value;

const digits = (max: number) => z.string().trim().regex(new RegExp(`^\\d{1,${max}}$`));
const optional = z.string().trim().max(256).nullish().transform((text) => text || null);
const count = z.preprocess((text) => (typeof text === "string" && /^\d{1,9}$/.test(text) ? Number(text) : null), z.number().nullable());

/** 200 of a status request. Without the fields of the fiscal sign there is no receipt to speak of. */
export const Registered = z.preprocess(
  lowerKeys,
  z.looseObject({
    id: z.string(),
    fsnumber: digits(16), documentnumber: digits(10), fp: digits(10),
    processedat: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/).max(40),
    devicern: optional, devicesn: optional, ofdname: optional, odfname: optional,
    shiftnumber: count, documentindex: count,
  }),
);
export type Registered = z.infer<typeof Registered>;

/** 400 and 503; texts are for people, never branch on them. */
export const Errors = z.preprocess(lowerKeys, z.looseObject({ errors: z.array(z.string()).max(100) }));

/** 422: a bare array in their sample, `errors` in their text. */
const itemCode = z.preprocess(lowerKeys, z.looseObject({ position: z.string(), itemcode: optional }));
export const ItemCodes = z.preprocess((value) => {
  const inside = lowerKeys(value);
  return typeof inside === "object" && inside !== null && "errors" in inside ? inside.errors : inside;
}, z.array(itemCode).max(1000));

export const Devices = z.preprocess(lowerKeys, z.looseObject({ devices: z.array(z.preprocess(lowerKeys, z.looseObject({ devicesn: optional, fsexpirationdate: optional }))).max(1000) }));
