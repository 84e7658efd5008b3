import { expect, test } from "vitest";
import * as format from "@/lib/kit/format.ts";
import words from "./fixtures/sum-in-words.json";

const { NBSP, NNBSP } = format;
const points = (text: string) => Array.from(text, (sign) => sign.codePointAt(0)?.toString(16)).join(" ");

test("ux 2: money by code points", () => {
  expect(points(format.formatMoney(1234560n))).toBe("31 32 202f 33 34 35 2c 36 30 a0 20bd");
  expect(points(format.formatMoney(-120000n))).toBe("2212 31 202f 32 30 30 2c 30 30 a0 20bd");
  expect(format.formatMoney(0n)).toBe(`0,00${NBSP}₽`);
  expect(format.formatMoney(-5n)).toBe(`\u22120,05${NBSP}₽`);
  expect(format.formatMoney(100n, { sign: true })).toBe(`+1,00${NBSP}₽`);
  expect(format.formatMoneyBare(123456789012n)).toBe(`1${NNBSP}234${NNBSP}567${NNBSP}890,12`);
  expect(format.formatMoneyCopy(-120000n)).toBe("-1200,00");
});

test("ux 2: tiles", () => {
  expect([99_99n, 999_999_49n, 999_999_50n, 1_240_000_00n, 1_000_000_000_00n, -1_235_000_00n].map(format.formatMoneyTile)).toEqual([
    `100${NBSP}₽`, `999${NNBSP}999${NBSP}₽`, `1,00${NBSP}млн${NBSP}₽`, `1,24${NBSP}млн${NBSP}₽`, `1,00${NBSP}млрд${NBSP}₽`, `\u22121,24${NBSP}млн${NBSP}₽`,
  ]);
  expect(format.formatMoneyTile(999_999_999_00n)).toBe(`1,00${NBSP}млрд${NBSP}₽`);
});

test("ux 2: percents, counts, quantities, phones", () => {
  expect([format.formatPercent(98.72), format.formatPercent(-3), format.formatShare(1n, 3n), format.formatShare(-1n, 1000000n)]).toEqual([`98,7${NBSP}%`, `\u22123,0${NBSP}%`, `33,3${NBSP}%`, `0,0${NBSP}%`]);
  const forms = ["платёж", "платежа", "платежей"] as const;
  expect([1, 2, 5, 11, 21, 104, 112].map((n) => format.plural(n, forms))).toEqual(["платёж", "платежа", "платежей", "платежей", "платёж", "платежа", "платежей"]);
  expect(format.plural(1021n, forms)).toBe("платёж");
  expect(format.formatCount(1250, forms)).toBe(`1${NNBSP}250${NBSP}платежей`);
  expect([format.formatQuantity("0.75", "кг"), format.formatQuantity("1250")]).toEqual([`0,75${NBSP}кг`, `1${NNBSP}250`]);
  expect([format.formatPhone("+79211234567"), format.formatPhone("+375291234567")]).toEqual([`+7${NBSP}921${NBSP}123-45-67`, "+375291234567"]);
});

test("ux 2: dates in the shop's zone", () => {
  const at = new Date("2026-11-21T11:05:09Z");
  expect([format.formatDate(at), format.formatDateTime(at), format.formatTime(at)]).toEqual(["21.11.2026", `21.11.2026${NBSP}14:05`, "14:05"]);
  expect(points(format.formatDateLong(at))).toBe(points(`21\u00A0ноября\u00A02026\u00A0г.`));
  expect([format.formatDateShort(at), format.formatDayMonth(at)]).toEqual([`21${NBSP}нояб., 14:05`, `21${NBSP}ноября`]);
  expect(format.formatDate(new Date("2026-11-20T21:00:00Z"))).toBe("21.11.2026");
  expect(format.formatTime(new Date("2026-11-20T21:00:00Z"))).toBe("00:00");
  expect(format.formatDate(at, "Asia/Vladivostok")).toBe("21.11.2026");
  expect(format.formatTime(at, "Asia/Vladivostok")).toBe("21:05");
});

test("a calendar day does not move with the zone", () => {
  expect(format.formatDate("2026-05-09", "America/New_York")).toBe("09.05.2026");
  expect(format.formatDateLong("2026-05-09")).toBe(`9${NBSP}мая${NBSP}2026${NBSP}г.`);
  expect(() => format.formatDate("9.5.2026")).toThrow(RangeError);
});

test("ux 2: relative up to 24 hours, then a date", () => {
  const now = new Date("2026-11-21T11:05:00Z");
  const ago = (seconds: number) => format.formatRelative(new Date(now.getTime() - seconds * 1000), now);
  expect([ago(5), ago(60), ago(300), ago(3599), ago(7200), ago(86_399), ago(-1500)]).toEqual([
    "только что", `1${NBSP}минуту назад`, `5${NBSP}минут назад`, `59${NBSP}минут назад`, `2${NBSP}часа назад`, `23${NBSP}часа назад`, `через 25${NBSP}минут`,
  ]);
  expect(ago(86_400)).toBe(`20${NBSP}нояб., 14:05`);
  expect(ago(86_400 * 400)).toBe(`17.10.2025${NBSP}14:05`);
});

test("sum in words: every vector", () => {
  for (const each of words.cases) expect(format.moneyInWords(BigInt(each.kopecks))).toBe(each.words);
  expect(() => format.moneyInWords(-1n)).toThrow(RangeError);
});
