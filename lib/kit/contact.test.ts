import { expect, test } from "vitest";
import { maskContact, maskEmail, maskPhone, parseContact } from "@/lib/kit/contact.ts";
import ffd from "./fixtures/ffd.json";

test("FISC-05: every contact vector", () => {
  for (const each of ffd.contact) {
    const read = parseContact(each.in);
    if (each.kind.startsWith("reject")) expect([each.in, "error" in read]).toEqual([each.in, true]);
    else expect(read).toEqual({ kind: each.kind, value: each.normalized });
  }
});

test("FISC-05: what registers would swallow", () => {
  expect(["", "a@b", "a b@x.ru", "a@x.ru, b@x.ru", "a..b@x.ru", "a@-x.ru", "a@x.ru\u202E", "<a@x.ru>", "+7 916 123-45-6", "8 (800) abc", "+0123456789"].map((text) => "error" in parseContact(text))).toEqual(Array(11).fill(true));
  expect(parseContact("")).toEqual({ error: "empty" });
  expect(parseContact("ivan+shop@mail.co.uk")).toEqual({ kind: "email", value: "ivan+shop@mail.co.uk" });
  expect(parseContact("+7\u00A0916\u00A0123\u201145\u201167")).toEqual({ kind: "phone", value: "+79161234567" });
});

test("SEC-03: masks", () => {
  expect([maskEmail("ivanov@mail.ru"), maskEmail("iv@mail.ru"), maskEmail("i@mail.ru"), maskEmail("nonsense")]).toEqual(["iv***@mail.ru", "i***@mail.ru", "***@mail.ru", "***"]);
  expect([maskPhone("+79991234567"), maskPhone("12"), maskContact("+7 (999) 123-45-67"), maskContact("buyer@x.ru")]).toEqual(["+7*******4567", "***", "+7*******4567", "bu***@x.ru"]);
});
