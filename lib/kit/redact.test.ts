import { expect, test } from "vitest";
import { parseJsonExactly } from "@/lib/kit/json.ts";
import { redactBody, redactForm, redactHeaders, redactJson, redactText } from "@/lib/kit/redact.ts";

// The form of vector pk-notify-4 and friends, with what buyers really leave in it.
const notification =
  "id=41700123&sum=899.00&clientid=%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2+%D0%98%D0%B2%D0%B0%D0%BD&orderid=ut-000417-1&ps_id=99" +
  "&client_email=ivanov%40example.ru&client_phone=%2B79990001122&card_number=2201381234560013&card_holder=IVAN+IVANOV&card_expiry=12%2F29" +
  "&RRN=632514789012&invoice_id=20261121101530417&key=c74be151ee29eff70a56897477e847b1";
const leaks = ["ivanov@", "9990001122", "990001122", "IVANOV", "IVAN", "Иванов", "2201381234560013", "12/29", "c74be151ee29eff70a56897477e847b1"];

test("SEC-03: a provider's form keeps ids and sums only", () => {
  const read = Object.fromEntries(new URLSearchParams(redactForm(notification)));
  for (const leak of leaks) expect(JSON.stringify(read)).not.toContain(leak);
  expect(read).toMatchObject({
    id: "41700123", sum: "899.00", orderid: "ut-000417-1", ps_id: "99", RRN: "632514789012", invoice_id: "20261121101530417", key: "***",
    client_email: "iv***@example.ru", client_phone: "+7*******1122", card_number: "220138…0013", clientid: "И***", card_holder: "I***",
  });
});

test("SEC-03: JSON at any depth, JSON inside forms too", () => {
  const body = {
    id: "ord-2026-000417-s1-a1b2c3", inn: "7709123453", key: "7709123453",
    content: { customerContact: "buyer@example.ru", customer: "Иванов Иван", customerInfo: { name: "Пётр", inn: "5024123459" }, positions: [{ text: "Дрель ДА-18", price: 1249.5 }] },
    headers: { Authorization: "Basic ZGVtbzpkZW1v" }, tokens: ["aaa"], Pan: "4111 1111 1111 1111", cvc: 123, amount: 273900n, fsNumber: "9999078902004477", nothing: null,
  };
  expect(redactJson(body)).toEqual({
    id: "ord-2026-000417-s1-a1b2c3", inn: "7709123453", key: "***",
    content: { customerContact: "bu***@example.ru", customer: "И***", customerInfo: { name: "П***", inn: "5024123459" }, positions: [{ text: "Дрель ДА-18", price: 1249.5 }] },
    headers: { Authorization: "***" }, tokens: "***", Pan: "411111…1111", cvc: "***", amount: "273900", fsNumber: "9999078902004477", nothing: null,
  });
  const inForm = new URLSearchParams(redactForm(new URLSearchParams({ service_name: '{"lang":"ru","client_email":"a.petrov@mail.ru"}' }).toString())).get("service_name");
  expect(inForm).toBe('{"lang":"ru","client_email":"a.***@mail.ru"}');
});

test("SEC-03: a body of any kind finds its way", () => {
  expect(redactBody('{"id":20261121101530417,"customer":"Иванов","client_email":"ivanov@mail.ru"}')).toBe('{"id":"20261121101530417","customer":"И***","client_email":"iv***@mail.ru"}');
  expect(redactBody(notification)).toBe(redactForm(notification));
  expect(redactBody("<Контакт>ivanov@mail.ru</Контакт> id=1")).toBe("<Контакт>iv***@mail.ru</Контакт> id=1");
  expect(redactBody('{"broken ivanov@mail.ru')).toBe('{"broken iv***@mail.ru');
});

test("SEC-03: headers", () => {
  expect(redactHeaders({ authorization: "Basic abc", cookie: "sid=1", "x-signature": "AAA=", "set-cookie": ["a", "b"], "content-type": "application/json", "x-forwarded-for": "10.0.0.1", "idempotence-key": "5b1c", none: undefined })).toEqual({
    authorization: "***", cookie: "***", "x-signature": "***", "set-cookie": "***", "content-type": "application/json", "x-forwarded-for": "10.0.0.1", "idempotence-key": "5b1c",
  });
});

test("SEC-03: free text", () => {
  expect(redactText("client ivanov@mail.ru called +7 (999) 123-45-67, or 8 999 123-45-67, paid 4111-1111-1111-1111")).toBe(
    "client iv***@mail.ru called +7*******4567, or +7*******4567, paid 411111…1111",
  );
  expect(redactText("Authorization: Bearer eyJhbGciOi.J9 token=fd50e475 password: hunter2, cvc=123")).toBe("Authorization: Bearer *** token=*** password: ***, cvc=***");
  expect(redactText("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----")).toBe("***");
});

test("SEC-03: ids, sums, dates, accounts and fiscal numbers stay", () => {
  const kept = "invoice 20261121101530417 payment 41700123 sum 1234567.80 at 2026-11-21 10:17:02 fn 9999078902004477 account 40702810938000012345 УТ00-000815 6b0f6f0e-95a4-4c1e-9c1b-1234567890ab";
  expect(redactText(kept)).toBe(kept);
});

test("SEC-03: never throws and never grows without bound", () => {
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  expect(JSON.stringify(redactJson(loop)).length).toBeLessThan(500);
  expect(redactJson(new Error("for ivanov@mail.ru"))).toEqual({ name: "Error", message: "for iv***@mail.ru" });
  expect((redactJson(Array.from({ length: 5000 }, () => 1)) as unknown[]).length).toBe(1000);
  const started = performance.now();
  redactText("a".repeat(200_000) + "@");
  redactText("8 ".repeat(100_000));
  redactText("4".repeat(100_000));
  expect(performance.now() - started).toBeLessThan(2000);
});

test("numbers of JSON stay as they were written", () => {
  expect(parseJsonExactly('{"id":20140402085214805,"sum":899.10,"s":"a\\"1,2","list":[1,-2.5e3]}')).toEqual({ id: "20140402085214805", sum: "899.10", s: 'a"1,2', list: ["1", "-2.5e3"] });
  for (const bad of ["{", "01", "1.", "[1-2]", "<html>", '{"a":1 2}', ""]) expect(() => parseJsonExactly(bad)).toThrow(SyntaxError);
});
