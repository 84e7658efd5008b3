/** Russian business time. Works in the browser too. */
export const moscow = "Europe/Moscow";

/** Wall-clock fields of an instant in a zone; month and day from 1. */
export type WallClock = { year: number; month: number; day: number; hour: number; minute: number; second: number };

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23",
      year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
    formatters.set(zone, found);
  }
  return found;
}

export function wallClock(at: Date, zone: string = moscow): WallClock {
  const clock: WallClock = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const part of formatter(zone).formatToParts(at)) {
    if (part.type in clock) clock[part.type as keyof WallClock] = Number(part.value);
  }
  return clock;
}

const two = (n: number) => String(n).padStart(2, "0");

/** "2026-11-21": the calendar day of an instant in the shop's zone (NUM-06). */
export function businessDate(at: Date, zone: string = moscow): string {
  const { year, month, day } = wallClock(at, zone);
  return `${year}-${two(month)}-${two(day)}`;
}

/** "2026-11-21 14:05:09", the spelling of many Russian services. */
export function zonedText(at: Date, zone: string = moscow): string {
  const { hour, minute, second } = wallClock(at, zone);
  return `${businessDate(at, zone)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

/** The instant of "2026-11-21 14:05:09" (or with T, or a bare date = midnight) in a zone; null when it is no such text. */
export function fromZoned(text: string, zone: string = moscow): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text.trim());
  if (!match) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  const read = new Date(asUtc);
  if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) return null;
  const offset = (at: number) => {
    const c = wallClock(new Date(at), zone);
    return Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second) - at;
  };
  // Twice, because the offset may differ between the guess and the answer at a clock change.
  const guess = asUtc - offset(asUtc);
  return new Date(asUtc - offset(guess));
}
