import { describe, expect, test } from "vitest";
import { expiryOf, readBill } from "./read-bill.ts";
import type { PreviewValues } from "./read-bill.ts";

const at = { now: new Date("2026-11-21T09:00:00Z"), zone: "Europe/Moscow" };
const given: PreviewValues = { token: "t", clientid: "Иванов Иван", orderid: "123-1", service_name: "Услуга", client_email: "test@yourdomain.com", client_phone: "+79876543210", expiry: "2026-12-31", pay_amount: "100.03" };
const bill = (change: Partial<PreviewValues>) => {
  const read = readBill({ ...given, ...change }, at);
  if ("problem" in read) throw new Error(read.problem);
  return read;
};
const problem = (change: Partial<PreviewValues>) => (readBill({ ...given, ...change }, at) as { problem?: string }).problem;

describe("API-3: the day on which a bill dies", () => {
  const midnight = new Date("2026-12-30T21:00:00Z");
  test.each(["2026-12-31", "20261231200103", "20261231", "31.12.2026", "2026-12-31T00:00:00", "31.12.2026 0:00:00"])("%s is 00:00 of that day, shop time", (text) => expect(bill({ expiry: text }).expiresAt).toEqual(midnight));
  test("an exact moment is one, the hours of the packed form are dropped", () => {
    expect(bill({ expiry: "2026-12-31 18:30:00" }).expiresAt).toEqual(new Date("2026-12-31T15:30:00Z"));
    expect(expiryOf("20191020200103", at.zone)).toEqual(new Date("2019-10-19T21:00:00Z"));
  });
  test("empty and 1C's empty date are no limit", () => {
    for (const expiry of ["", "0001-01-01", "00010101000000", "01.01.0001 0:00:00"]) expect(bill({ expiry }).expiresAt).toBeNull();
  });
  test("the past, today and nonsense are refused", () => {
    expect(problem({ expiry: "20191020200103" })).toBe("Срок действия счёта уже истёк");
    expect(problem({ expiry: "2026-11-21" })).toBe("Срок действия счёта уже истёк");
    expect(bill({ expiry: "2026-11-22" }).expiresAt).toEqual(new Date("2026-11-21T21:00:00Z"));
    for (const expiry of ["2026-02-30", "9999-12-31T23:59:59", "завтра", "2026-13-01", "31/12/2026", "20261332"]) expect(problem({ expiry })).toMatch(/expiry/);
    expect(problem({ expiry: "2126-12-31" })).toMatch(/десяти лет/);
  });
});

describe("API-4: sums as 1C writes them", () => {
  test.each([["100.03", 10_003n], ["10.50", 1_050n], ["1\u00A0234,5", 123_450n], ["1 234,50", 123_450n], ["1\u202F234 567", 123_456_700n], ["7", 700n]] as const)("%s", (text, kopecks) => expect(bill({ pay_amount: text }).amountKopecks).toBe(kopecks));
  test.each(["", "0", "0.00", "-5", "1.234", "abc", "1e3", "100000000001", "12 34"])("«%s» is refused", (text) => expect(problem({ pay_amount: text })).toMatch(/pay_amount/));
});

describe("API-12: contacts are checked and the field is named", () => {
  test("e-mail is required", () => {
    expect(problem({ client_email: "" })).toMatch(/Не указан e-mail клиента \(client_email\)/);
    expect(problem({ client_email: "ivanov.mail.ru" })).toMatch(/client_email/);
    expect(problem({ client_email: "+79876543210" })).toMatch(/client_email/);
  });
  test("a phone becomes +7…, none is fine, nonsense is not", () => {
    for (const phone of ["+79876543210", "8 (987) 654-32-10", "79876543210", "9876543210"]) expect(bill({ client_phone: phone }).phone).toBe("+79876543210");
    expect(bill({ client_phone: "" }).phone).toBeNull();
    expect(problem({ client_phone: "12-34" })).toMatch(/client_phone/);
  });
  test("texts have a limit", () => {
    expect(problem({ service_name: "я".repeat(501) })).toMatch(/service_name/);
    expect(problem({ orderid: "1".repeat(101) })).toMatch(/orderid/);
  });
});
