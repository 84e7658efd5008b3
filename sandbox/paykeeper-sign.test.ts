/** Signatures, forms and terms of the sandbox's PayKeeper against the vectors. */
import { describe, expect, it } from "vitest";
import { kopecks, rubles } from "./core/money.ts";
import vectorFile from "./fixtures/paykeeper-vectors.json";
import { expiryMoment } from "./paykeeper/fields.ts";
import { notificationBody } from "./paykeeper/notifier.ts";
import { createSign, expectedReply, notificationKey, qrCrc } from "./paykeeper/sign.ts";
import type { Payment } from "./paykeeper/state.ts";

type Vector = {
  id: string; kind: string; secret: string; fields: Record<string, string>; params: Record<string, string>; raw_body?: string; url_without_crc?: string;
  input: { expiry: string; at: string }; expected: { key: string; reply: string; sign: string; payable: boolean; crc: string; accept?: boolean };
};
const vectors = vectorFile.vectors as unknown as Vector[];
const of = (kind: string) => vectors.filter((v) => v.kind === kind);

describe("signatures against the vectors", () => {
  it.each(of("notification").filter((v) => v.raw_body).map((v) => [v.id, v] as const))("%s: key, reply and form encoding", (_id, v) => {
    const f = { id: "", sum: "", clientid: "", orderid: "", ...v.fields };
    expect(notificationKey(f, v.secret)).toBe(v.expected.key);
    expect(expectedReply(f.id, v.secret)).toBe(v.expected.reply);
    const payment = { id: f.id, amount: kopecks(f.sum), clientid: f.clientid, orderid: f.orderid, psId: v.fields.ps_id, serviceName: v.fields.service_name ?? "",
      email: v.fields.client_email ?? "", phone: v.fields.client_phone ?? "", cardNumber: v.fields.card_number ?? "", obtainedAt: null } as unknown as Payment;
    const sent = notificationBody(payment, v.secret).split("&");
    for (const pair of (v.raw_body as string).split("&")) if (/^(id|sum|clientid|orderid|service_name|client_email|key)=/.test(pair)) expect(sent).toContain(pair);
  });

  it.each(of("create-form-sign").map((v) => [v.id, v] as const))("%s: sign of /create/", (_id, v) => {
    const form = { sum: "", clientid: "", orderid: "", service_name: "", client_email: "", client_phone: "", ...v.params };
    expect(createSign({ ...form, sum: rubles(kopecks(form.sum) as bigint) }, v.secret)).toBe(v.expected.sign);
  });

  it.each(of("expiry").map((v) => [v.id, v] as const))("%s: expiry, a bare date is not inclusive", (_id, v) => {
    expect(Date.parse(v.input.at) < (expiryMoment(v.input.expiry) as number)).toBe(v.expected.payable);
  });

  it.each(of("qr-link-crc").filter((v) => v.url_without_crc).map((v) => [v.id, v] as const))("%s: check value of an SBP link", (_id, v) => {
    expect(qrCrc(v.url_without_crc as string)).toBe(v.expected.crc);
  });
});
