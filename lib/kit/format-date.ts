import { DEFAULT_ZONE, localText } from "@/lib/kit/time.ts";

const nbsp = "\u00A0";
// Own tables: ICU versions disagree about dots and cases of short Russian months.
const months = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"];
const shortMonths = ["янв.", "февр.", "мар.", "апр.", "мая", "июн.", "июл.", "авг.", "сент.", "окт.", "нояб.", "дек."];

const two = (n: number) => String(n).padStart(2, "0");

/** An instant, or a calendar day "2026-11-21" that no zone can move. */
type Day = Date | string;

function clockOf(day: Day, zone: string): { year: number; month: number; day: number; time: string } {
  const text = typeof day === "string" ? `${day}T00:00:00` : localText(day, zone);
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2}):\d{2}$/.exec(text);
  if (!match) throw new RangeError(`not a calendar day: ${text.slice(0, 40)}`);
  return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]), time: match[4] ?? "" };
}

/** `21.11.2026` */
export function formatDate(day: Day, zone: string = DEFAULT_ZONE): string {
  const at = clockOf(day, zone);
  return `${two(at.day)}.${two(at.month)}.${at.year}`;
}

/** `14:05` */
export const formatTime = (date: Date, zone: string = DEFAULT_ZONE): string => clockOf(date, zone).time;

/** `21.11.2026 14:05`, with U+00A0 inside. */
export const formatDateTime = (date: Date, zone: string = DEFAULT_ZONE): string => `${formatDate(date, zone)}${nbsp}${formatTime(date, zone)}`;

/** `21 ноября` */
export function formatDayMonth(day: Day, zone: string = DEFAULT_ZONE): string {
  const at = clockOf(day, zone);
  return `${at.day}${nbsp}${months[at.month - 1]}`;
}

/** `21 ноября 2026 г.` */
export const formatDateLong = (day: Day, zone: string = DEFAULT_ZONE): string =>
  `${formatDayMonth(day, zone)}${nbsp}${clockOf(day, zone).year}${nbsp}г.`;

/** `21 нояб., 14:05`, for lists inside one year. */
export function formatDateShort(date: Date, zone: string = DEFAULT_ZONE): string {
  const at = clockOf(date, zone);
  return `${at.day}${nbsp}${shortMonths[at.month - 1]}, ${at.time}`;
}

const rules = new Intl.PluralRules("ru");
const minuteForms = { one: "минуту", few: "минуты", many: "минут", other: "минуты", two: "минуты", zero: "минут" };
const hourForms = { one: "час", few: "часа", many: "часов", other: "часа", two: "часа", zero: "часов" };

/** `5 минут назад`, `через 2 часа`, within 24 hours either way; further off, the short date (the full one belongs into `title`). */
export function formatRelative(date: Date, now: Date, zone: string = DEFAULT_ZONE): string {
  const seconds = Math.round((now.getTime() - date.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 60) return seconds >= 0 ? "только что" : "меньше чем через минуту";
  if (size >= 86_400) return clockOf(date, zone).year === clockOf(now, zone).year ? formatDateShort(date, zone) : formatDateTime(date, zone);
  const [count, forms] = size < 3600 ? [Math.floor(size / 60), minuteForms] : [Math.floor(size / 3600), hourForms];
  const words = `${count}${nbsp}${forms[rules.select(count)]}`;
  return seconds > 0 ? `${words} назад` : `через ${words}`;
}
