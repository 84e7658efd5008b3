/** Shop time (NUM-06): instants are UTC, days and deadlines are in the shop's zone. Pure. */

export const DEFAULT_ZONE = "Europe/Moscow";
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const formatters = new Map<string, Intl.DateTimeFormat>();
function partsIn(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** Clocks of this century change on quarters of an hour: the offset of each is asked for once. Asking took a third of a page of the feed (bench changes). */
const QUARTER_MS = 15 * MINUTE_MS;
const QUARTERS_MAX = 5_000;
const [KNOWN_FROM, KNOWN_TO] = [Date.UTC(2000, 0, 1), Date.UTC(2100, 0, 1)];
const offsets = new Map<string, Map<number, number>>();

/** `2026-11-21T14:05:31` as the wall clock of the zone shows it. */
export function localText(instant: Date, zone = DEFAULT_ZONE): string {
  const ms = instant.getTime();
  if (!(ms >= KNOWN_FROM && ms < KNOWN_TO)) return shownBy(zone, instant);
  let known = offsets.get(zone);
  if (!known) offsets.set(zone, (known = new Map()));
  const quarter = Math.floor(ms / QUARTER_MS);
  let offset = known.get(quarter);
  if (offset === undefined) {
    offset = Date.parse(`${shownBy(zone, instant)}Z`) - Math.floor(ms / SECOND_MS) * SECOND_MS;
    if (known.size >= QUARTERS_MAX) known.clear();
    known.set(quarter, offset);
  }
  return new Date(ms + offset).toISOString().slice(0, 19);
}

function shownBy(zone: string, instant: Date): string {
  const part = Object.fromEntries(partsIn(zone).formatToParts(instant).map((p) => [p.type, p.value]));
  return `${part["year"]}-${part["month"]}-${part["day"]}T${part["hour"]}:${part["minute"]}:${part["second"]}`;
}

/** `2026-11-21T15:40:11+03:00`: the instant with the zone's offset. */
export function offsetText(instant: Date, zone = DEFAULT_ZONE): string {
  const local = localText(instant, zone);
  const minutes = Math.round((Date.parse(`${local}Z`) - Math.floor(instant.getTime() / 1000) * 1000) / 60_000);
  const [sign, size] = [minutes < 0 ? "-" : "+", Math.abs(minutes)];
  return `${local}${sign}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
}

/** The business date of an instant, `YYYY-MM-DD`. */
export const localDate = (instant: Date, zone = DEFAULT_ZONE): string => localText(instant, zone).slice(0, 10);

/** The instant at which the zone's wall clock shows `text` (`YYYY-MM-DD[THH:MM[:SS]]`; one-digit hours allowed). Null when it is no date. */
export function instantOfLocal(text: string, zone = DEFAULT_ZONE): Date | null {
  const m = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?/.exec(text.trim());
  if (!m) return null;
  const [, y, mo, d, h = "0", mi = "0", s = "0"] = m;
  const wall = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
  const check = new Date(wall);
  if (check.getUTCMonth() !== Number(mo) - 1 || check.getUTCDate() !== Number(d) || Number(h) > 23 || Number(mi) > 59 || Number(s) > 59) return null;
  let guess = wall;
  // Two rounds settle the offset on both sides of a clock change.
  for (let round = 0; round < 2; round++) {
    const shown = Date.parse(`${localText(new Date(guess), zone)}Z`);
    // The last hours of year 9999 are of year 10000 elsewhere, which no text of ours can say.
    if (Number.isNaN(shown)) return null;
    guess += wall - shown;
  }
  return new Date(guess);
}

export const addMs = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);

/** Calendar arithmetic on `YYYY-MM-DD`. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Last moment of a local day. */
export function endOfLocalDay(day: string, zone = DEFAULT_ZONE): Date {
  const next = instantOfLocal(`${addDays(day, 1)}T00:00:00`, zone);
  if (!next) throw new RangeError(`not a day: ${day}`);
  return addMs(next, -1);
}
