/** Periods of the overview, in days of the shop's zone. Pure. */
import { addDays, endOfLocalDay, instantOfLocal, localDate, localText } from "@/lib/kit/time.ts";

export const periods = ["today", "yesterday", "7", "30"] as const;
export type PeriodName = (typeof periods)[number];
export const periodLabels: Record<PeriodName, string> = { today: "Сегодня", yesterday: "Вчера", "7": "7\u00A0дней", "30": "30\u00A0дней" };
/** What the figures are compared with. */
export const comparedWith: Record<PeriodName, string> = { today: "к вчера на это время", yesterday: "к позавчера", "7": "к прошлым 7\u00A0дням", "30": "к прошлым 30\u00A0дням" };

/** Days are inclusive; `until` is the last instant that counts: an unfinished day is compared with as much of an earlier one. */
export type Period = { from: string; to: string; since: Date; until: Date };
export type ComparedPeriod = { name: PeriodName; current: Period; previous: Period; lengthDays: number };

const period = (from: string, to: string, until: Date, zone: string): Period => ({ from, to, since: instantOfLocal(from, zone)!, until });

export function periodOf(name: PeriodName, now: Date, zone: string): ComparedPeriod {
  const today = localDate(now, zone);
  const lengthDays = name === "7" ? 7 : name === "30" ? 30 : 1;
  const to = name === "yesterday" ? addDays(today, -1) : today;
  const from = addDays(to, 1 - lengthDays);
  const until = name === "yesterday" ? endOfLocalDay(to, zone) : now;
  const sameClock = instantOfLocal(`${addDays(localDate(until, zone), -lengthDays)}${localText(until, zone).slice(10)}`, zone)!;
  return { name, lengthDays, current: period(from, to, until, zone), previous: period(addDays(from, -lengthDays), addDays(to, -lengthDays), sameClock, zone) };
}

export const parsePeriod = (value: unknown): PeriodName => (periods as readonly unknown[]).includes(value) ? (value as PeriodName) : "today";

/** Every day from `from` to `to`. */
export function daysOf(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to && days.length < 400; day = addDays(day, 1)) days.push(day);
  return days;
}
