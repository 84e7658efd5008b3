/** The tolerant readers as properties: whatever spelling a careless program chooses, the value is the same, and nothing else is taken for one. */
import { expect, test } from "vitest";
import { z } from "zod";
import { seededRandom } from "@/lib/kit/seeded-random.ts";
import { findMistake, readJson } from "./read-json.ts";
import { amount, flag, guid, moment, quantity, readVatRate, readWhen, vatRate, whole } from "./values.ts";

const random = seededRandom(2026);
const pick = <T>(list: readonly T[]): T => random.pick(list);
const integer = (max: number) => random.below(max);
const ROUNDS = 400;

const read = (schema: z.ZodType, value: unknown): unknown => {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : "refused";
};

test("sums: number or text, dot or comma, any spaces between thousands, zeros past the kopeck, spaces around", () => {
  for (let round = 0; round < ROUNDS; round++) {
    const kopecks = BigInt(integer(10 ** pick([2, 5, 9, 12])));
    const [roubles, rest] = [kopecks / 100n, kopecks % 100n];
    const space = pick(["", " ", "\u00A0", "\u202F"]);
    const grouped = roubles.toString().replace(/\B(?=(\d{3})+$)/g, space);
    const decimals = rest === 0n && random.chance(0.5) ? "" : `${pick([".", ","])}${rest.toString().padStart(2, "0")}${pick(["", "0", "00"])}`;
    const spelled = `${pick(["", "  "])}${grouped}${decimals}${pick(["", "   "])}`;
    expect([spelled, read(amount("x"), spelled)]).toEqual([spelled, kopecks]);
    expect(read(amount("x"), Number(`${roubles}.${rest.toString().padStart(2, "0")}`))).toBe(kopecks);
  }
  for (const wrong of ["-1", -1, "1.005", 1.005, "12,34,56", "1 23", "abc", "1e3", 1e21, "NaN", Number.NaN, "1_000", {}, [], true]) expect([wrong, read(amount("x"), wrong)]).toEqual([wrong, "refused"]);
  for (const nothing of [null, "", "  ", undefined]) expect(read(amount("x"), nothing) ?? null).toBeNull();
});

test("quantities keep three places, counts none", () => {
  for (let round = 0; round < ROUNDS; round++) {
    const millis = integer(10 ** pick([1, 4, 8]));
    const text = (millis / 1000).toFixed(3).replace(".", pick([".", ","]));
    const normal = String(millis / 1000);
    expect(read(quantity("x"), text)).toBe(normal);
    expect(read(quantity("x"), millis / 1000)).toBe(normal);
    const spelled = pick([String(millis), `${millis}.0`, String(millis).replace(/\B(?=(\d{3})+$)/g, "\u00A0")]);
    expect(read(whole("x", 10 ** 9), spelled)).toBe(millis);
  }
  for (const wrong of ["1.2345", "-1", "много"]) expect(read(quantity("x"), wrong)).toBe("refused");
  for (const wrong of ["1.5", -3, "9007199254740993", "x"]) expect(read(whole("x", Number.MAX_SAFE_INTEGER), wrong)).toBe("refused");
});

test("dates: every spelling of a moment is the same moment, year 1 is none, nonsense is refused", () => {
  for (let round = 0; round < ROUNDS; round++) {
    const at = new Date(Date.UTC(1990 + integer(60), integer(12), 1 + integer(28), integer(24), integer(60), integer(60)));
    const local = at.toISOString().slice(0, 19);
    const [day, time] = local.split("T") as [string, string];
    const [y, m, d] = day.split("-") as [string, string, string];
    const spelled = pick([local, `${day} ${time}`, `${d}.${m}.${y} ${time}`, `${local}.000`, `${y}${m}${d}${time.replaceAll(":", "")}`]);
    expect([spelled, read(moment("x"), spelled)]).toEqual([spelled, { local }]);
    expect(readWhen(pick([day, `${d}.${m}.${y}`, `${y}${m}${d}`]))).toEqual({ local: `${day}T00:00:00` });
    expect(readWhen(`${local}${pick(["Z", "+00:00", "+0000"])}`)).toEqual({ at });
    expect(readWhen(`${local}+03:00`)).toEqual({ at: new Date(at.getTime() - 3 * 3_600_000) });
  }
  for (const nothing of ["0001-01-01T00:00:00", "0001-01-01", "01.01.0001 0:00:00", "00010101000000", ""]) expect(read(moment("x"), nothing)).toBeNull();
  for (const wrong of ["2026-13-01", "2026-02-30", "вчера", "2026-11-21T25:00:00", 20261121]) expect([wrong, read(moment("x"), wrong)]).toEqual([wrong, "refused"]);
});

test("GUIDs in any case and brackets, flags in any language, rates in any spelling", () => {
  for (let round = 0; round < 100; round++) {
    const hex = Array.from({ length: 32 }, () => "0123456789abcdef"[integer(16)]).join("");
    const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    expect(read(guid("x"), pick([id, id.toUpperCase(), `{${id}}`, ` ${id} `]))).toBe(id);
  }
  expect(read(guid("x"), "00000000-0000-0000-0000-000000000000")).toBeNull();
  for (const wrong of ["c0ffee", 12, "c0ffee11-c2d4-11f1-8f10-0050568b1a0"]) expect(read(guid("x"), wrong)).toBe("refused");
  for (const yes of [true, 1, "1", "true", "TRUE", "Да", "истина", " Истина "]) expect(read(flag("x"), yes)).toBe(true);
  for (const no of [false, 0, "0", "false", "Нет", "Ложь"]) expect(read(flag("x"), no)).toBe(false);
  for (const wrong of [2, "может быть", {}]) expect(read(flag("x"), wrong)).toBe("refused");
  for (const rate of ["22", "10", "7", "5", "0"]) for (const spelled of [rate, `${rate}%`, `НДС${rate}`, `ндс ${rate} %`, `${rate}.00`, `${rate},0`]) expect([spelled, readVatRate(spelled)]).toEqual([spelled, `vat${rate}`]);
  for (const wrong of ["18", "-22", "22/122", "НДС", "22 руб"]) expect(read(vatRate("x"), wrong)).toBe("refused");
});

test("API-14: a JSON text cut or spoilt anywhere is refused with a place inside it; a whole one never", () => {
  const whole = JSON.stringify({ orders: [{ id: "c0ffee11", amount: -1.5e3, flags: [true, false, null], name: 'Доска "50×150"\n\\u0041', inner: { a: [] , b: {} } }] }, null, 1);
  expect(readJson(Buffer.from(whole))).toMatchObject({ ok: true });
  const signs = ["{", "}", "[", "]", ",", ":", '"', "\\", "x", "\n", "\u0001", "0", "-"];
  for (let round = 0; round < ROUNDS; round++) {
    const at = integer(whole.length);
    const spoilt = random.chance(0.4) ? whole.slice(0, at) : `${whole.slice(0, at)}${pick(signs)}${whole.slice(at + integer(2))}`;
    const got = readJson(Buffer.from(spoilt));
    let isValid = true;
    try {
      JSON.parse(spoilt);
    } catch {
      isValid = false;
    }
    expect([spoilt, got.ok]).toEqual([spoilt, isValid]);
    if (got.ok) continue;
    const lines = spoilt.split("\n");
    expect(got.line).toBeGreaterThanOrEqual(1);
    expect(got.line).toBeLessThanOrEqual(lines.length);
    expect(got.position).toBeLessThanOrEqual(lines[got.line - 1]!.length + 1);
    // Before that place nothing is wrong yet: the text up to it can still be finished.
    expect(findMistake(spoilt).at).toBeLessThanOrEqual(spoilt.length);
  }
  for (const deep of ["[".repeat(100_000), `{"a":${"[".repeat(101)}${"]".repeat(101)}}`]) expect(readJson(Buffer.from(deep))).toMatchObject({ ok: false, msg: expect.stringContaining("вложены глубже 100") });
  expect(readJson(Buffer.from(`{"a":"${"[{".repeat(500)}\\"","b":${"[".repeat(50)}${"]".repeat(50)}}`))).toMatchObject({ ok: true });
});

test("what the database cannot keep is taken out of every text of a body; a year past 1C's own calendar is no date", () => {
  const read = readJson(Buffer.from(String.raw`{"a":["x\u0000y",{"k\ud800":"\uDC00z"}],"b":"\ud83d\ude00","c":"\\u0000"}`));
  expect(read).toMatchObject({ ok: true, value: { a: ["xy", { "k\uFFFD": "\uFFFDz" }], b: "😀", c: "\\u0000" } });
  expect(["9999-12-31T23:59:59", "40000101000000", "4000-01-01T00:00:00Z"].map((text) => readWhen(text))).toEqual(["unreadable", "unreadable", "unreadable"]);
  expect(readWhen("3999-12-31T23:59:59")).toEqual({ local: "3999-12-31T23:59:59" });
});

test("a refusal quotes what came without the signs that turn the text around them", () => {
  const refused = guid("x").safeParse("\u202Eabc");
  expect(refused.error?.issues[0]?.message).toContain("«abc»");
});
