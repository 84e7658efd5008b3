import { moscow } from "../core/clock.ts";
import { rubles } from "../core/money.ts";
import { PS_SBP, type Invoice, type Payment, type Refund } from "./state.ts";

/** Errors come with HTTP 200. */
export const fail = (msg: string) => ({ result: "fail", msg });

export type Answer = { json: unknown } | { location: string };

export function invoiceWire(i: Invoice): Record<string, unknown> {
  return {
    id: i.id,
    user_id: "1",
    user_login: "admin",
    status: i.status,
    pay_amount: rubles(i.amount),
    clientid: i.clientid,
    orderid: i.orderid,
    paymentid: i.paymentId,
    service_name: i.serviceName,
    client_email: i.email,
    client_phone: i.phone,
    created_datetime: moscow(i.createdAt),
    expiry_datetime: i.expiresAt === null ? null : moscow(i.expiresAt),
    paid_datetime: i.paidAt === null ? null : moscow(i.paidAt),
  };
}

export function paymentWire(p: Payment, advanced: boolean): Record<string, unknown> {
  const wire = {
    id: p.id,
    pay_amount: rubles(p.amount),
    refund_amount: rubles(p.refunded),
    clientid: p.clientid,
    orderid: p.orderid,
    payment_system_id: p.psId,
    unique_id: p.uniqueId,
    status: p.status,
    repeat_counter: String(p.repeatCounter),
    pending_datetime: moscow(p.pendingAt),
    obtain_datetime: p.obtainedAt === null ? null : moscow(p.obtainedAt),
    success_datetime: p.successAt === null ? null : moscow(p.successAt),
  };
  return advanced ? { ...wire, site_description: "Песочница", system_description: p.psId === PS_SBP ? "СБП" : "Банковская карта" } : wire;
}

export function refundWire(r: Refund): Record<string, unknown> {
  return {
    id: r.id,
    payment_id: r.paymentId,
    refund_number: String(r.number),
    user: "admin",
    amount: rubles(r.amount),
    remainder: rubles(r.remainder),
    datetime: moscow(r.at),
    status: r.status,
  };
}
