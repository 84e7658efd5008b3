import type { Sql, Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { byHandSql, isTypedInSql } from "@/lib/exports/index.ts";
import type { ByHandReason } from "@/lib/exports/index.ts";

/** `push`: we call 1C's HTTP service. `fetch`: it asks for changes. `notice`: the notification in PayKeeper's manner. `asked`: it asks about each bill. `file`: the stock exchange. */
export type SendingWay = "push" | "fetch" | "notice" | "asked" | "file";

export type SendingTry = { tryId: string; at: Date; httpStatus: number | null; isTaken: boolean; request: string; answer: string; durationMs: number };

/** How a message to 1C goes, and whether it can go once more. */
export type Sending = {
  way: SendingWay;
  /** `waits`: its turn comes by itself. `failing`: tries go on. `given`: 1C took it. `over`: it is told no more and 1C has not taken it. */
  state: "waits" | "failing" | "given" | "over";
  /** A person typed this money into 1C; else, when it is over, staff set it aside. */
  isBookedByHand: boolean;
  isSending: boolean;
  nextAt: Date | null;
  givenAt: Date | null;
  /** What the last try that failed ended with. */
  note: string | null;
  byHand: ByHandReason | null;
  canResend: boolean;
  tries: SendingTry[];
};

export type SentRow = {
  channel: "commerceml" | "json" | "paykeeper" | null; connectionId: string; orderId: string; exportId: string | null; exportState: string | null; deliveredAt: Date | null; byHand: ByHandReason | null; /** A person booked it in 1C. */ isBookedByHand: boolean; /** Staff set it aside. */ isSetAside: boolean; goesNext: boolean; factId: string | null;
  eventId: string | null; pushState: string | null; pushTries: number | null; nextPushAt: Date | null; pushedAt: Date | null; pushNote: string | null; isPushing: boolean; isAcked: boolean; ackedAt: Date | null;
  noticeTries: number | null; nextTryAt: Date | null; takenAt: Date | null; noticeNote: string | null; isNoticing: boolean;
};

/** A message to 1C with the ways that it may go; null for what came from 1C and for what is not there. */
export async function readSent(ctx: Ctx, on: Sql | Tx, messageId: string): Promise<SentRow | null> {
  const now = ctx.now();
  const [row] = await (on as Sql)<SentRow[]>`
    select k.money_channel as channel, k.id as connection_id, o.id as order_id, m.id as export_id, m.state as export_state, m.delivered_at, case when m.id is not null then ${byHandSql(on)} end as by_hand,
           o.export_version > o.exported_version as goes_next, f.id as fact_id,
           ${isTypedInSql(on, (on as Sql)`o.id`, (on as Sql)`m.id`)} as is_booked_by_hand, coalesce(j.result = 'skipped' and j.handled_by is not null, false) as is_set_aside,
           e.id as event_id, e.push_state, e.push_tries, e.next_push_at, e.pushed_at, e.push_note, coalesce(e.push_claimed_until > ${now}, false) as is_pushing, coalesce(e.seq <= u.acked_seq, false) as is_acked, u.acked_at,
           n.tries as notice_tries, n.next_try_at, n.taken_at, n.note as notice_note, coalesce(n.claimed_until > ${now}, false) as is_noticing
      from (select ${messageId}::uuid as id) x
      left join onec_messages j on j.id = x.id and j.direction = 'out'
      left join export_messages m on m.id = x.id
      join orders o on o.id = coalesce(m.order_id, j.order_id)
      join connections k on k.id = coalesce(m.connection_id, j.connection_id)
      left join money_facts f on f.id = m.fact_id
      left join lateral (
        select v.* from feed_events v where v.id in (
          select a.id from feed_events a where a.export_id = m.id
          union all select b.id from feed_events z join feed_events b on b.connection_id = z.connection_id and b.key = z.key and b.type = z.type where z.id = j.id) order by v.repeat_no desc limit 1) e on true
      left join feed_cursors u on u.connection_id = k.id
      left join bill_notices n on n.fact_id = m.fact_id`;
  return row ?? null;
}

export function wayOf({ channel, pushState, pushTries, noticeTries }: SentRow): SendingWay {
  // One that nobody ever tried to push may be `delivered` all the same: it was fetched and acknowledged, or nobody needs it any more.
  if (channel === "json") return pushState === null || pushState === "none" || (pushState === "delivered" && pushTries === 0) ? "fetch" : "push";
  if (channel === "paykeeper") return noticeTries === null ? "asked" : "notice";
  return "file";
}

/** The exchange can carry it once more: it has gone out and is not on its way. */
export function canResend(row: SentRow): boolean {
  const way = wayOf(row);
  if (row.isBookedByHand) return false;
  if (way === "push") return !row.isPushing;
  if (way === "fetch") return row.eventId !== null && row.isAcked;
  if (way === "notice") return !row.isNoticing;
  return way === "file" && !row.goesNext && (row.byHand === null || row.byHand === "skipped");
}

const TRIES_SHOWN = 20;

/** For the page of the message: its way, where it stands, and each try with the answer. */
export async function readSending(ctx: Ctx, messageId: string): Promise<Sending | null> {
  const { sql } = ctx.database;
  const row = await readSent(ctx, sql, messageId);
  if (!row) return null;
  const way = wayOf(row);
  const subjects = [row.eventId, row.factId].filter((id) => id !== null);
  const tries = way !== "push" && way !== "notice" ? [] : await sql<SendingTry[]>`
    select x.id as try_id, x.at, x.http_status, x.outcome = 'taken' as is_taken, coalesce(x.request, '') as request, coalesce(x.answer, '') as answer, x.duration_ms
      from exchange_log x where x.action in ('feed.push', 'bill.notify') and x.connection_id = ${row.connectionId}
       and (x.subject_id = any(${subjects}::uuid[]) or x.subject_id in (select v.id from feed_events v where v.export_id = ${row.exportId})) order by x.at desc, x.id desc limit ${TRIES_SHOWN}`;
  return { way, ...standing(row, way), byHand: row.byHand, isBookedByHand: row.isBookedByHand, canResend: canResend(row), tries };
}

/** Told no more on a person's word, before 1C said that it has it. The cursor of a base that is pushed to passes by it later, which proves nothing. */
const isOver = (row: SentRow, way: SendingWay): boolean =>
  row.pushState === "delivered" && (row.isBookedByHand || row.isSetAside) && (way === "push" || (way === "fetch" && (row.isBookedByHand || !row.isAcked)));

function standing(row: SentRow, way: SendingWay): Pick<Sending, "state" | "isSending" | "nextAt" | "givenAt" | "note"> {
  if (isOver(row, way)) return { state: "over", isSending: false, nextAt: null, givenAt: null, note: row.pushNote };
  if (way === "push") {
    const isTaken = row.pushState === "delivered";
    return { state: isTaken ? "given" : row.pushTries === 0 ? "waits" : "failing", isSending: row.isPushing, nextAt: row.nextPushAt, givenAt: row.pushedAt, note: isTaken ? null : row.pushNote };
  }
  if (way === "fetch") return { state: row.isAcked ? "given" : "waits", isSending: false, nextAt: null, givenAt: row.isAcked ? row.ackedAt : null, note: null };
  if (way === "notice") return { state: row.takenAt ? "given" : row.noticeTries === 0 ? "waits" : "failing", isSending: row.isNoticing, nextAt: row.nextTryAt, givenAt: row.takenAt, note: row.takenAt ? null : row.noticeNote };
  const isGiven = way === "asked" ? row.exportState !== "pending" : !row.goesNext;
  return { state: isGiven ? "given" : "waits", isSending: false, nextAt: null, givenAt: isGiven ? row.deliveredAt : null, note: null };
}
