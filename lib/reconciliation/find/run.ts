/**
 * One run of the comparison inside one repeatable-read transaction: every statement sees the same moment. Matches write what they
 * find into the temporary table `found`; `settle-findings.ts` turns that into discrepancies.
 */
import type { Tx } from "@/db/index.ts";
import { HOUR_MS, addDays, addMs, endOfLocalDay, instantOfLocal, localDate } from "@/lib/kit/time.ts";
import { dueDate, workingCalendar } from "@/lib/orders/due-date.ts";
import type { CalendarDay } from "@/lib/orders/due-date.ts";
import { readSetting } from "@/lib/settings/index.ts";
import type { DiscrepancyClass } from "@/lib/reconciliation/states.ts";

export type Run = {
  tx: Tx;
  now: Date;
  zone: string;
  /** Differences of this day and later are looked for; open older ones are looked at again. */
  from: string;
  today: string;
  /** A few days more are read, so that a match across midnight is seen. */
  margin: string;
  onecSlaMs: number;
  receiptSlaMs: number;
};

export const FULL_DAYS = 14;
export const LIGHT_DAYS = 3;
const MARGIN_DAYS = 4;
/** Files of the last two days widen the window to their own days, at most so far back. */
const FRESH_MS = 48 * HOUR_MS;
const LATE_FILE_DAYS = 400;
/** Days for which deadlines are written down; an older open difference is due anyway. */
const SLA_DAYS = 120;

export async function startRun(tx: Tx, now: Date, zone: string, scope: "light" | "full"): Promise<Run> {
  const today = localDate(now, zone);
  const from = scope === "full" ? await lookedFrom(tx, now, today) : addDays(today, -LIGHT_DAYS);
  await tx`
    create temp table found (class text not null, object_key text not null, severity text, connection_id uuid, business_date date not null, ours bigint, theirs bigint, order_id uuid, fact_id uuid,
      entry_id uuid, settlement_id uuid, bank_line_id uuid, receipt_id uuid, shipment_id uuid, detail jsonb not null default '{}', due_at timestamptz not null, is_test boolean not null) on commit drop`;
  await writeDeadlines(tx, zone, today);
  const [onecMinutes, receiptMinutes] = [await readSetting(tx, "recon.onecSlaMinutes"), await readSetting(tx, "recon.receiptSlaMinutes")];
  return { tx, now, zone, from, today, margin: addDays(from, -MARGIN_DAYS), onecSlaMs: onecMinutes * 60_000, receiptSlaMs: receiptMinutes * 60_000 };
}

/** A file that came late is compared whole, however old its days are: nothing else would ever look at them. */
async function lookedFrom(tx: Tx, now: Date, today: string): Promise<string> {
  const since = addMs(now, -FRESH_MS);
  const [fresh] = await tx<{ day: string | null }[]>`
    select least((select min(day_from) from registries where received_at >= ${since} and new_count > 0), (select min(day_from) from bank_statements where received_at >= ${since} and new_count > 0))::text as day`;
  const [usual, first] = [addDays(today, -FULL_DAYS), addDays(today, -LATE_FILE_DAYS)];
  const day = fresh!.day ?? usual;
  return day >= usual ? usual : day < first ? first : day;
}

/** REC-04 in one table: until when a difference of a day may still come right by itself. */
async function writeDeadlines(tx: Tx, zone: string, today: string): Promise<void> {
  const calendar = workingCalendar(await tx<CalendarDay[]>`select day::text, is_working from calendar_days`);
  const [registry, bank, refund] = [await readSetting(tx, "recon.registrySlaDays"), await readSetting(tx, "recon.bankSlaDays"), await readSetting(tx, "recon.refundSlaDays")];
  const after = (day: string, days: number) => dueDate(day, { days, dayKind: "working" }, calendar);
  const rows = Array.from({ length: SLA_DAYS + 30 }, (_, i) => {
    const day = addDays(today, i - SLA_DAYS);
    return {
      day,
      next_working: after(day, 1),
      registry_due: endOfLocalDay(after(day, registry), zone).toISOString(),
      // ALR-18: the registry by noon of T+2, the statement by noon of T+1.
      registry_late: addMs(instantOfLocal(`${after(day, registry)}T00:00:00`, zone)!, 12 * HOUR_MS).toISOString(),
      statement_late: addMs(instantOfLocal(`${after(day, 1)}T00:00:00`, zone)!, 12 * HOUR_MS).toISOString(),
      bank_due: endOfLocalDay(after(day, bank), zone).toISOString(),
      bank_last: after(day, bank),
      refund_due: endOfLocalDay(after(day, refund), zone).toISOString(),
    };
  });
  await tx`create temp table sla (day date primary key, next_working date, registry_due timestamptz, registry_late timestamptz, statement_late timestamptz, bank_due timestamptz, bank_last date, refund_due timestamptz) on commit drop`;
  await tx`insert into sla select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
    as r(day date, next_working date, registry_due timestamptz, registry_late timestamptz, statement_late timestamptz, bank_due timestamptz, bank_last date, refund_due timestamptz)`;
  await tx`analyze sla`;
}

/**
 * Of open differences of a class, `what` (a column of theirs). A window of days only bounds what is looked for anew: what is open is
 * looked at again however old it is, or it would close by itself while it stands.
 */
export const stillOpen = (tx: Tx, name: DiscrepancyClass, what: "fact_id" | "order_id" | "business_date") =>
  tx`(select ${tx(`still.${what}`)} from discrepancies still where still.class = ${name} and still.state in ('expected', 'open') and ${tx(`still.${what}`)} is not null)`;

/** The order that most of a fact's money stands on. The odd alias cannot hide one of the caller's. */
export const orderOfFact = (tx: Tx, factId: ReturnType<Tx>) =>
  tx`(select part_of_fact.order_id from allocations part_of_fact where part_of_fact.fact_id = ${factId} and part_of_fact.order_id is not null
       group by part_of_fact.order_id having sum(part_of_fact.amount_kopecks) > 0 order by sum(part_of_fact.amount_kopecks) desc limit 1)`;

