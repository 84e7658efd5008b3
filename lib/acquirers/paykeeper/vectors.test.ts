import { describe, expect, test } from "vitest";
import { parseJsonExactly } from "@/lib/kit/json.ts";
import { parseRubles, rublesText } from "@/lib/kit/money.ts";
import { faultActions, readAnswer } from "./errors.ts";
import file from "./fixtures/vectors.json";
import { readNotification } from "./notification.ts";
import { acknowledgement, basicAuth, createSign, keyMatches, notificationKey } from "./signature.ts";
import { expiryText, paymentStatuses, seenPayment } from "./translate.ts";
import { Payments } from "./wire.ts";

type Vector = { id: string; kind: string; secret?: string; raw_body?: string; note?: string } & Record<"fields" | "params" | "input" | "expected", Record<string, never>>;
const vectors = file.vectors as unknown as Vector[];
const seen = new Set<string>();
const of = (kind: string) => {
  seen.add(kind);
  return vectors.filter((vector) => vector.kind === kind);
};
const words = (fields: Record<string, string>) => ({ clientid: "", orderid: "", id: "", sum: "", ...fields });
const raw = (body: string) => ({ headers: {}, body, ip: null });

describe("notification", () => {
  test.each(of("notification").filter((vector) => "key" in vector.expected))("$id: key, reply, snapshot", ({ secret = "", fields, raw_body = "", expected }) => {
    const signed = words(fields);
    expect(notificationKey(signed, secret)).toBe(expected["key"]);
    expect(acknowledgement(signed.id, secret)).toBe(expected["reply"]);
    const note = readNotification(raw(raw_body), secret);
    expect(note).toMatchObject({
      kind: "snapshot",
      reply: { status: 200, body: expected["reply"] },
      payment: { state: "paid", providerPaymentId: signed.id, amountKopecks: parseRubles(signed.sum), reference: signed.orderid || null, payerId: signed.clientid || null },
    });
    expect(note.reply.contentType).toMatch(/^text\/plain/);
  });

  test.each(of("notification").filter((vector) => "accept" in vector.expected))("$id: $note", ({ secret = "", fields, expected }) => {
    const signed = { ...words(fields), key: fields["key"] ?? "" };
    const matches = expected["signature_matches"] === true;
    expect(keyMatches(signed, secret, signed.key)).toBe(matches);
    const note = readNotification(raw(new URLSearchParams(signed).toString()), secret);
    // A shifted copy cannot be told from a true one here: it comes out with its own sum, for the caller to compare.
    if (matches) expect(note).toMatchObject({ kind: "snapshot", eventKey: "paid:4170012:3899.00", payment: { amountKopecks: 389900n } });
    else expect(note).toMatchObject({ kind: "forged", reply: { status: 403, body: "Error! Hash mismatch" } });
  });
});

test.each(of("create-form-sign"))("$id: $note", ({ secret = "", params, expected }) => {
  const fields = params as unknown as Parameters<typeof createSign>[0];
  expect(createSign({ ...fields, sum: rublesText(parseRubles(fields.sum)) }, secret)).toBe(expected["sign"]);
});

test.each(of("basic-auth"))("$id", ({ input, expected }) => expect(basicAuth(input["login"] ?? "", input["password"] ?? "")).toBe(expected["header"]));

test.each(of("form-body"))("$id: $note", ({ input, expected }) => {
  const pairs = (body: string) => [...new URLSearchParams(body)];
  expect(pairs(new URLSearchParams(input).toString())).toEqual(pairs(expected["body"] ?? ""));
});

test.each(of("expiry"))("$id: what we send ends when it should", ({ input, expected }) => {
  // We only ever send the exact form; a date alone ends at its midnight.
  const text = (input["expiry"] ?? "") as string;
  const limit = new Date(`${text.length === 10 ? `${text}T00:00:00` : text.replace(" ", "T")}+03:00`);
  expect(expiryText(limit)).toBe(text.length === 10 ? `${text} 00:00:00` : text);
  expect(new Date(input["at"] ?? "") < limit).toBe(expected["payable"]);
});

test.each(of("json-parse"))("$id: $note", ({ input, expected }) => expect(parseJsonExactly(input["json"] ?? "")).toMatchObject(expected));

test.each(of("money-format"))("$id", ({ input, expected }) => expect(rublesText(BigInt(input["kopecks"] ?? 0))).toBe(expected["paykeeper_pay_amount"]));

test.each(of("state-map"))("$id", ({ input, expected }) => {
  const status = (input["state"] ?? "") as string;
  const facts = paymentStatuses[status];
  const [row] = Payments.parse([{ id: "1", status, pay_amount: "1.00", obtain_datetime: "2026-11-21 10:17:01" }]);
  const payment = row && seenPayment(row, []);
  expect({ paid: payment?.state === "paid", final: facts?.final, ...(facts?.refund ? { refund: facts.refund } : {}), ...(payment?.acknowledged === false ? { alert: true } : {}) }).toEqual(expected);
});

test.each(of("error-class"))("$id", ({ input, expected }) => {
  const answer = readAnswer({ status: Number(input["http"]), contentType: input["content_type"] ?? "", body: input["body"] ?? "" });
  expect(answer.ok).toBe(false);
  if (!answer.ok) expect({ class: answer.fault.class, action: faultActions[answer.fault.class] }).toEqual(expected);
});

test("no vector is left out", () => {
  expect([...seen].sort()).toEqual([...new Set(vectors.map((vector) => vector.kind))].sort());
});
