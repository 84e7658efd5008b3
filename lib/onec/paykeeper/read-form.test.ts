import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { previewFields } from "./read-bill.ts";
import { readForm } from "./read-form.ts";

const read = (body: string | Buffer, fields: readonly string[] = previewFields) => readForm(typeof body === "string" ? Buffer.from(body, "utf8") : body, fields);
const values = (body: string | Buffer, fields?: readonly string[]) => {
  const form = read(body, fields);
  if (!form.ok) throw new Error(form.problem);
  return form.values;
};

describe("API-1: bodies that nobody encoded", () => {
  test("a raw body: Cyrillic, spaces, @ and a plus stay as they are", () => {
    expect(values("token=5b1f&clientid=Иванов Иван Иванович&orderid=123-1&service_name=Тестовая услуга&client_email=test@yourdomain.com&client_phone=+79876543210&expiry=20191020200103&pay_amount=100.03")).toEqual({
      token: "5b1f", clientid: "Иванов Иван Иванович", orderid: "123-1", service_name: "Тестовая услуга", client_email: "test@yourdomain.com", client_phone: "+79876543210", expiry: "20191020200103", pay_amount: "100.03",
    });
  });
  test("an ampersand, a per cent sign and an equals sign inside a name survive", () => {
    expect(values("token=1&service_name=Доставка & сборка 100%&pay_amount=1 234,5")).toMatchObject({ service_name: "Доставка & сборка 100%", pay_amount: "1 234,5" });
    expect(values("token=1&service_name=a=b&c=d&e&client_phone=+7")).toMatchObject({ service_name: "a=b&c=d&e", client_phone: "+7" });
    expect(values("service_name=Sale50%OFF&pay_amount=1")).toMatchObject({ service_name: "Sale50%OFF" });
    // Two hex digits behind a per cent sign, and still no encoding: the bytes are no UTF-8.
    expect(values("service_name=Sale50%ACtion&pay_amount=1")).toMatchObject({ service_name: "Sale50%ACtion" });
  });
  test("a well-formed encoded body is decoded, its plus is a space", () => {
    expect(values("token=1&service_name=%D0%94%D0%BE%D1%81%D1%82%D0%B0%D0%B2%D0%BA%D0%B0+%26+100%25&client_phone=%2B79876543210")).toMatchObject({ service_name: "Доставка & 100%", client_phone: "+79876543210" });
  });
  test("a byte order mark, the code page of Windows, line ends and fixed-length spaces", () => {
    expect(values(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from("token=т")]))).toMatchObject({ token: "т" });
    expect(values(Buffer.concat([Buffer.from("token=1&clientid="), Buffer.from([0xc8, 0xe2, 0xe0, 0xed]), Buffer.from("&pay_amount=1")]))).toMatchObject({ clientid: "Иван", pay_amount: "1" });
    expect(values("token=1&orderid=123-1      &pay_amount=5.00\r\n")).toMatchObject({ orderid: "123-1", pay_amount: "5.00" });
  });
  test("fields of another call are no fields: «&id=» in a name of a service is text", () => {
    expect(values("service_name=x&id=5&pay_amount=1")).toMatchObject({ service_name: "x&id=5" });
    expect(values("token=1&id=20261121190905001", ["token", "id"])).toEqual({ token: "1", id: "20261121190905001" });
  });
  test("one field with two values is refused: a name must not be able to set the sum", () => {
    expect(read("clientid=Иванов&pay_amount=1&service_name=x&pay_amount=100")).toMatchObject({ ok: false, problem: expect.stringContaining("pay_amount") });
    expect(read("pay_amount=1&pay_amount=1")).toMatchObject({ ok: true });
  });

  const fieldStart = new RegExp(`&(?:${previewFields.join("|")})=`);
  const text = fc.string({ unit: "binary", maxLength: 60 }).filter((value) => value.isWellFormed() && !value.includes("\0") && !value.includes("\uFEFF"));
  const bill = fc.record(Object.fromEntries(previewFields.map((field) => [field, text])) as Record<(typeof previewFields)[number], typeof text>);

  test("property: whatever stands in raw values comes out, trimmed, unless it names a field", () => {
    fc.assert(
      fc.property(bill, (given) => {
        const body = previewFields.map((field) => `${field}=${given[field]}`).join("&");
        // A Cyrillic letter makes the body raw for certain.
        const raw = body.replace("clientid=", "clientid=ж");
        fc.pre(!previewFields.some((field) => fieldStart.test(given[field])));
        expect(values(raw)).toEqual(Object.fromEntries(previewFields.map((field) => [field, (field === "clientid" ? `ж${given[field]}` : given[field]).trim()])));
      }),
      { numRuns: 300 },
    );
  });
  test("property: what a form library encodes comes out the same", () => {
    fc.assert(
      fc.property(bill, (given) => {
        const body = new URLSearchParams({ ...given, clientid: `ж${given.clientid}` }).toString();
        expect(values(body)).toEqual(Object.fromEntries(previewFields.map((field) => [field, (field === "clientid" ? `ж${given[field]}` : given[field]).trim()])));
      }),
      { numRuns: 300 },
    );
  });
  test("property: no bytes make it throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void read(Buffer.from(bytes))), { numRuns: 500 });
  });
});
