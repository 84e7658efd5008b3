import { describe, expect, test } from "vitest";
import { shownPayload } from "./mask-payload.ts";
import { splitAtWords } from "./split-at-words.ts";

const xml = "<Документ>\n\t<Ид>g</Ид><Контрагенты><Контрагент><Наименование>Иванова Мария</Наименование><ИНН>500100732259</ИНН><Контакты><Контакт><Тип>Почта</Тип><Значение>maria@mail.ru</Значение></Контакт></Контакты></Контрагент></Контрагенты><Комментарий>Домофон 12</Комментарий><Товары/></Документ>";

describe("SEC-03, SEC-13: a document of 1C is shown formatted and masked", () => {
  test("contacts are masked for everybody, the rest is there", () => {
    const shown = shownPayload({ format: "xml", text: xml }, true);
    expect(shown).toContain("<Документ>\n  <Ид>g</Ид>\n  <Контрагенты>\n    <Контрагент>\n      <Наименование>Иванова Мария</Наименование>");
    expect(shown).toContain("<Значение>ma***@mail.ru</Значение>");
    expect(shown.endsWith("  <Товары/>\n</Документ>")).toBe(true);
  });

  test("who sees no buyers sees no name, no requisite and no comment", () => {
    const shown = shownPayload({ format: "xml", text: xml }, false);
    for (const secret of ["Иванова", "500100732259", "maria", "Домофон"]) expect(shown).not.toContain(secret);
    expect(shown).toContain("<Ид>g</Ид>");
  });

  test("JSON keeps its numbers; a damaged one is shown to those who may see it and to nobody else", () => {
    const text = '{"id":"12345678901234567890","buyer":{"name":"Иванова","inn":"500100732259"},"amount":12.50,"comment":"Домофон"}';
    expect(shownPayload({ format: "json", text }, true)).toContain('"amount": "12.50"');
    expect(shownPayload({ format: "json", text }, false)).not.toMatch(/Иванова|500100732259|Домофон/);
    const buyer = '{"id":"g","name":"ИП Иванова","inn":"500100732259"}';
    expect(shownPayload({ format: "json", text: buyer }, false, { isBuyer: true })).not.toMatch(/Иванова|500100732259/);
    expect(shownPayload({ format: "json", text: '{"name":"Иванова"' }, false)).not.toContain("Иванова");
    expect(shownPayload({ format: "json", text: '{"a":' }, true)).toBe('{"a":');
  });

  test("a cut document is shown as far as it goes", () => {
    expect(shownPayload({ format: "xml", text: "<Документ><Ид>g</Ид><Товары><Товар><Ид>1" }, true)).toBe("<Документ>\n  <Ид>g</Ид>\n  <Товары>\n    <Товар>\n      <Ид>\n        1");
  });
});

test("A9: a document is cut at each place where the words stand, and so many times at most", () => {
  expect(splitAtWords("Чайник (1 шт), чайник", " чайник ")).toEqual(["", "Чайник", " (1 шт), ", "чайник", ""]);
  expect(splitAtWords("a(b", "(")).toEqual(["a", "(", "b"]);
  expect(splitAtWords("ничего", "")).toEqual(["ничего"]);
  expect(splitAtWords("ничего", "другое")).toEqual(["ничего"]);
  const many = splitAtWords(",".repeat(2_000), ",");
  expect([many.length, many.join("").length]).toEqual([1_001, 2_000]);
});
