/** PayKeeper's JSON by its own names. Numbers arrive as texts (`parseJsonExactly`); unknown fields pass. */
import { z } from "zod";

/** Optional texts may be null, "" or absent; all three read as "". */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const id = z.string().regex(/^\d{1,20}$/);

/** Some answers come wrapped into an array of one. */
const single = <Shape extends z.ZodType>(shape: Shape) => z.preprocess((value) => (Array.isArray(value) && value.length === 1 ? value[0] : value), shape);
const many = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess((value) => (Array.isArray(value) ? value : value === null || typeof value !== "object" || Object.keys(value).length === 0 ? [] : [value]), z.array(shape).max(1000));

export const Token = single(z.looseObject({ token: z.string().min(8).max(256) }));

export const CreatedInvoice = single(z.looseObject({ invoice_id: id, invoice_url: z.url({ protocol: /^https?$/ }) }));

export const CreatedQr = single(z.looseObject({ payment_id: id, qr_link: z.url({ protocol: /^https?$/ }) }));

export const Success = single(z.looseObject({ result: z.literal("success") }));

const invoice = z.looseObject({ id, status: text, pay_amount: text, clientid: text, orderid: text, paymentid: text });
export type Invoice = z.infer<typeof invoice>;
export const Invoices = many(invoice);

const payment = z.looseObject({
  id, status: text, pay_amount: text, refund_amount: text, clientid: text, orderid: text,
  pending_datetime: text, obtain_datetime: text, success_datetime: text,
});
export type Payment = z.infer<typeof payment>;
export const Payments = many(payment);

const refund = z.looseObject({ id: text, amount: text, datetime: text, status: text });
export type Refund = z.infer<typeof refund>;
export const Refunds = many(refund);

/** Form fields of a POST notification after decoding; only id, sum, clientid and orderid are signed. */
export const Notification = z.looseObject({
  id, sum: z.string().min(1).max(32), key: z.string().min(1).max(64),
  clientid: z.string().default(""), orderid: z.string().default(""),
  obtain_datetime: z.string().default(""), batch_date: z.string().default(""), card_number: z.string().default(""), RRN: z.string().default(""),
});
export type Notification = z.infer<typeof Notification>;
