import { can } from "@/lib/auth/permissions.ts";
import type { Viewer } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import { maskContact } from "@/lib/kit/contact.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import type { OrderEventKind } from "@/lib/orders/record-event.ts";
import { actorName, sentenceOf } from "./timeline-sentences.ts";
import type { Sentence, TimelineEvent } from "./timeline-sentences.ts";

/** A message to or from the outside, redacted when it was stored (SEC-03). */
export type RawExchange = { exchangeId: string; at: Date; title: string; request: string; answer: string | null; outcome: string; durationMs: number | null; subjectId: string | null };
export type TimelineLine = Sentence & { eventId: string; at: Date; who: string | null; subjectId: string | null; latencyMs: number | null; raw: RawExchange[] };
export type TimelineDay = { title: string; /** Its lines need their date beside the hour. */ isOld: boolean; lines: TimelineLine[] };
export type Timeline = { days: TimelineDay[]; /** Exchanges that changed nothing, newest first. */ otherRaw: RawExchange[]; isCut: boolean };

/** What of the story is shown (A3): everything, or one thread of it. */
export const timelineFeeds = ["all", "money", "receipts", "onec"] as const;
export type TimelineFeed = (typeof timelineFeeds)[number];
export const timelineFeedLabels: Record<TimelineFeed, string> = { all: "Все", money: "Деньги", receipts: "Чеки", onec: "1С" };

const feeds: Record<Exclude<TimelineFeed, "all">, RegExp> = {
  money: /^(money|attempt|refund|hold|dispute|registry|settlement|discrepancy)\./,
  receipts: /^receipt\./,
  onec: /^(order|export)\./,
};
export const isInFeed = (feed: TimelineFeed, kind: OrderEventKind): boolean => feed === "all" || feeds[feed].test(kind);

const EVENTS_MAX = 400;
const RAW_MAX = 200;

/** The order's story, newest first, or one thread of it. Raw messages only for those who may read them (`raw.see`). */
export async function readTimeline(ctx: Ctx, viewer: Viewer, orderId: string, feed: TimelineFeed = "all"): Promise<Timeline> {
  const { sql } = ctx.database;
  const [events, staff, letters, raw] = await Promise.all([
    sql<TimelineEvent[]>`
      select id as event_id, at, kind, actor, amount_kopecks, subject_id, detail from order_events where order_id = ${orderId} order by at desc, id desc limit ${EVENTS_MAX + 1}`,
    sql<{ id: string; name: string }[]>`
      select u.id, u.name from staff_users u where 'staff:' || u.id in (select actor from order_events where order_id = ${orderId})`,
    sql<{ id: string; template: string; recipient: string }[]>`select id, template, recipient from letters where order_id = ${orderId} limit 100`,
    viewer.seesRaw && can(viewer.role, "raw.see") ? readRaw(ctx, orderId) : [],
  ]);
  const byLetter = new Map(letters.map((letter) => [letter.id, letter]));
  const told = events.slice(0, EVENTS_MAX).map((event) => {
    const letter = event.subjectId === null ? undefined : byLetter.get(event.subjectId);
    return letter ? { ...event, detail: { template: letter.template, recipient: viewer.seesBuyers ? maskContact(letter.recipient) : null } } : event;
  });
  const names = new Map(staff.map((person) => [person.id, person.name]));
  const { attached, rest } = attachRaw(told, raw);
  const lines = told.filter((event) => isInFeed(feed, event.kind)).map((event): TimelineLine => ({
    ...sentenceOf(event), eventId: event.eventId, at: event.at, who: actorName(event.actor, names), subjectId: event.subjectId,
    latencyMs: latencyOf(event, told), raw: attached.get(event.eventId) ?? [],
  }));
  return { days: byDay(lines, ctx.now(), ctx.zone), otherRaw: feed === "all" ? rest : [], isCut: events.length > EVENTS_MAX };
}

/** Raw messages about the given rows (attempt, refund), newest first; for who may not read them none. */
export async function readRawOf(ctx: Ctx, viewer: Viewer, subjectIds: readonly string[]): Promise<RawExchange[]> {
  if (!viewer.seesRaw || !can(viewer.role, "raw.see") || subjectIds.length === 0) return [];
  return ctx.database.sql<RawExchange[]>`
    select id as exchange_id, at, action as title, request, answer, outcome, duration_ms, subject_id from exchange_log where subject_id = any(${subjectIds as string[]}::uuid[]) order by at desc limit ${RAW_MAX}`;
}

async function readRaw(ctx: Ctx, orderId: string): Promise<RawExchange[]> {
  const { sql } = ctx.database;
  const [calls, messages] = await Promise.all([
    sql<RawExchange[]>`
      select id as exchange_id, at, action as title, request, answer, outcome, duration_ms, subject_id from exchange_log where order_id = ${orderId} order by at desc limit ${RAW_MAX}`,
    sql<RawExchange[]>`
      select id as exchange_id, received_at as at, 'notification' as title, body as request, result_text as answer, result as outcome, null::int as duration_ms, null::uuid as subject_id
        from inbox_messages where order_id = ${orderId} order by received_at desc limit ${RAW_MAX}`,
  ]);
  return [...calls, ...messages].sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** A call belongs to the first event about the same thing that came of it; slow answers take at most this long. */
const CAME_OF_MS = 60_000;

/** Joins each raw exchange to the event that it caused. `events` and `raw` newest first. Pure. */
export function attachRaw(events: readonly TimelineEvent[], raw: readonly RawExchange[]): { attached: Map<string, RawExchange[]>; rest: RawExchange[] } {
  const attached = new Map<string, RawExchange[]>();
  const rest: RawExchange[] = [];
  for (const exchange of raw) {
    const at = exchange.at.getTime();
    const caused = events.findLast((event) => {
      const isAbout = exchange.subjectId === null ? event.kind === "money.captured" || event.kind.startsWith("attempt.") : event.subjectId === exchange.subjectId;
      const delay = event.at.getTime() - at;
      // The row of the call may carry the start of its own transaction: a few milliseconds either way are the same moment.
      return isAbout && delay >= -50 && delay <= CAME_OF_MS;
    });
    if (caused) attached.set(caused.eventId, [...(attached.get(caused.eventId) ?? []), exchange]);
    else rest.push(exchange);
  }
  return { attached, rest };
}

/** From which event a step's own duration is counted: the same thing, one step before. */
const since: Partial<Record<OrderEventKind, readonly OrderEventKind[]>> = {
  "attempt.opened": ["attempt.created"],
  "attempt.confirmed_by_read": ["money.captured"],
  "receipt.sent": ["receipt.planned", "receipt.repeated"],
  "receipt.registered": ["receipt.planned", "receipt.repeated"],
  "export.delivered": ["money.captured"],
  "export.confirmed": ["export.delivered"],
  "refund.accepted": ["refund.submitted"],
};

function latencyOf(event: TimelineEvent, events: readonly TimelineEvent[]): number | null {
  const starts = since[event.kind];
  if (!starts) return null;
  const sameThing = /^(receipt|attempt|refund)\./.test(event.kind);
  // `events` is newest first: the first match further down is the latest before.
  const start = events.find((other) => starts.includes(other.kind) && other.at <= event.at && (!sameThing || other.subjectId === event.subjectId));
  return start ? event.at.getTime() - start.at.getTime() : null;
}

/** Groups under «Сегодня», «Вчера», «7 дней» and «Раньше» (A3). Pure. */
export function byDay(lines: readonly TimelineLine[], now: Date, zone: string): TimelineDay[] {
  const today = localDate(now, zone);
  const days: TimelineDay[] = [];
  for (const line of lines) {
    const day = localDate(line.at, zone);
    const title = day >= today ? "Сегодня" : day === addDays(today, -1) ? "Вчера" : day > addDays(today, -7) ? "7\u00A0дней" : "Раньше";
    const last = days.at(-1);
    if (last?.title === title) last.lines.push(line);
    else days.push({ title, isOld: day < addDays(today, -1), lines: [line] });
  }
  return days;
}
