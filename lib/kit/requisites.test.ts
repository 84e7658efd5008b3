import { expect, test } from "vitest";
import { digitsOnly, innProblem, isAccount, isBik, isCorrespondentAccount, isInn, isKpp, isOgrn } from "@/lib/kit/requisites.ts";
import ffd from "./fixtures/ffd.json";
import vectors from "./fixtures/requisites-vectors.json";

const expectAll = <T>(cases: { valid: T[]; invalid: T[] }, check: (value: T) => boolean) => {
  for (const value of cases.valid) expect([value, check(value)]).toEqual([value, true]);
  for (const value of cases.invalid) expect([value, check(value)]).toEqual([value, false]);
};

test("NUM-09: INN vectors of both files", () => {
  expectAll(vectors.inn, ({ value }) => isInn(value));
  for (const { value, valid } of ffd.inn) expect([value, isInn(value)]).toEqual([value, valid]);
  expect([innProblem("7707083894"), innProblem("0000000000"), innProblem("12"), innProblem(digitsOnly(" 7707 083893 "))]).toEqual(["checksum", "format", "format", null]);
});

test("INV-12: KPP, BIK, accounts, ОГРН", () => {
  expectAll(vectors.kpp, isKpp);
  expectAll(vectors.bic, isBik);
  expectAll<{ bic: string; account: string }>(vectors.account, ({ bic, account }) => isAccount(bic, account));
  expectAll(vectors.correspondentAccount, ({ bic, account }) => isCorrespondentAccount(bic, account));
  expectAll(vectors.ogrn, isOgrn);
  expect([isOgrn("304500116000157"), isOgrn("304500116000158"), isOgrn("0000000000000")]).toEqual([true, false, false]);
});
