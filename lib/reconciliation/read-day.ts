import type { Sql, Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import { acquirerOf, columnOfClass, dayColumns, readDayCells } from "./day-columns.ts";
import type { DayCell, DayCells, DayColumn } from "./day-columns.ts";
import type { DiscrepancyClass } from "./states.ts";

/** What a cell's difference comes from; the list behind it is `listDiscrepancies`. */
export type DayCause = { class: DiscrepancyClass; severity: "P1" | "P2" | "P3"; state: "expected" | "open"; count: bigint; kopecks: bigint; differenceKopecks: bigint };
/** `differs`: columns that say something else than our own books. `lacksRegistry`: money of the day, and no list of the bank for it. */
export type DayConnection = {
  connectionId: string | null; connectionName: string | null; cells: Record<DayColumn, DayCell | null>; differs: DayColumn[]; lacksRegistry: boolean; causes: (DayCause & { column: DayColumn })[];
};
export type Payout = {
  settlementId: string; connectionId: string; payoutId: string; payoutDate: string; capturedKopecks: bigint; refundedKopecks: bigint; chargedBackKopecks: bigint; feeKopecks: bigint; feeVatKopecks: bigint;
  adjustmentKopecks: bigint; adjustmentReason: string | null; expectedKopecks: bigint; creditedKopecks: bigint | null; creditedOn: string | null; explanation: string | null;
};
/** `balanced`: nothing open; `diff`: a person must look; `partial`: something may still come; `closed`: the figures are fixed. */
export type DayState = "balanced" | "diff" | "partial" | "closed";
export type ReconciliationDay = { day: string; state: DayState; closed: { by: string; at: Date } | null; connections: DayConnection[]; payouts: Payout[]; blockers: DayCause[] };

const shape = /^\d{4}-\d{2}-\d{2}$/;
type CauseRow = DayCause & { day: string; connectionId: string | null };
const readCauses = (on: Sql | Tx, { from, to, isTest }: { from: string; to: string; isTest: boolean }) => on<CauseRow[]>`
  select d.business_date::text as day, ${acquirerOf(on)} as connection_id, d.class, d.severity, d.state, count(*) as count, coalesce(sum(coalesce(d.theirs_kopecks, d.ours_kopecks)), 0)::bigint as kopecks,
         coalesce(sum(abs(coalesce(d.theirs_kopecks, 0) - coalesce(d.ours_kopecks, 0))), 0)::bigint as difference_kopecks
    from discrepancies d where d.is_test = ${isTest} and d.business_date between ${from} and ${to} and d.state in ('expected', 'open') group by 1, 2, 3, 4, 5 order by d.severity, d.class`;

type Missing = { day: string; connectionId: string; name: string };
/** Days of money at an acquirer of which no delivery speaks. */
const readMissing = (on: Sql | Tx, { from, to, isTest }: { from: string; to: string; isTest: boolean }) => on<Missing[]>`
  select f.day::text, f.connection_id, c.name
    from (select distinct business_date as day, connection_id from money_facts where is_test = ${isTest} and business_date between ${from} and ${to} and kind not in ('authorized', 'authorization_voided')) f
    join connections c on c.id = f.connection_id and c.kind = 'acquirer'
   where not exists (select 1 from registries r where r.connection_id = f.connection_id and r.is_test = ${isTest} and f.day between r.day_from and r.day_to) order by c.name`;

/** One day of A8: each acquirer's five columns, what differs and why, and what the payouts of the day are made of. A closed day shows the figures of its closing. */
export async function readReconciliationDay(ctx: Ctx, input: { day: string; isTest: boolean }): Promise<ReconciliationDay> {
  const { day, isTest } = input;
  if (!shape.test(day)) throw invalid("День задан неверно", { field: "day" });
  const { sql } = ctx.database;
  const [cells, causes, missing, payouts, [closed], names] = await Promise.all([
    readDayCells(sql, { from: day, to: day, isTest }),
    readCauses(sql, { from: day, to: day, isTest }),
    readMissing(sql, { from: day, to: day, isTest }),
    readPayouts(sql, day, isTest),
    sql<{ closedBy: string; closedAt: Date; figures: { cells?: unknown } }[]>`select closed_by, closed_at, figures from closed_days where day = ${day} and is_test = ${isTest} and reopened_at is null`,
    sql<{ id: string; name: string }[]>`select id, name from connections where kind = 'acquirer'`,
  ]);
  const shown = closed ? cellsOfClosedDay(closed.figures.cells) : cells;
  const name = new Map(names.map((row) => [row.id, row.name]));
  const ids = [...new Set([...shown.map((row) => row.connectionId), ...causes.map((cause) => cause.connectionId)])];
  const connections = ids.map((connectionId): DayConnection => {
    const { onec, ledger, registry, receipts, bank } = shown.find((row) => row.connectionId === connectionId) ?? emptyCells;
    const own = causes.filter((cause) => cause.connectionId === connectionId).map(({ day: _day, connectionId: _id, ...cause }) => ({ ...cause, column: columnOfClass(cause.class) }));
    const row = { onec, ledger, registry, receipts, bank };
    const lacksRegistry = !closed && missing.some((each) => each.connectionId === connectionId);
    return { connectionId, connectionName: connectionId === null ? null : (name.get(connectionId) ?? null), cells: row, causes: own, lacksRegistry, differs: dayColumns.filter((column) => differs(row, column) || own.some((cause) => cause.column === column && cause.state === "open")) };
  });
  return { day, state: stateOf(day, localDate(ctx.now(), ctx.zone), Boolean(closed), causes, missing), closed: closed ? { by: closed.closedBy, at: closed.closedAt } : null, connections, payouts, blockers: blockersOf(causes) };
}

const emptyCells: Omit<DayCells, "day" | "connectionId"> = { onec: null, ledger: null, registry: null, receipts: null, bank: null };

/** The bank's credit is less than the gross by fees: only the payouts tell whether it is right. */
function differs(row: Record<DayColumn, DayCell | null>, column: DayColumn): boolean {
  const cell = row[column];
  return column !== "ledger" && column !== "bank" && cell !== null && cell.netKopecks !== cell.owedKopecks;
}

/** `differenceKopecks`: of open P1 and P2. `missing`: acquirers whose registry of the day is not here. */
export type DaySummary = { day: string; state: DayState; capturedKopecks: bigint; returnedKopecks: bigint; openCount: bigint; expectedCount: bigint; differenceKopecks: bigint; missing: string[] };

/** Days of a period for the list of A8, newest first; at most 366. */
export async function listReconciliationDays(ctx: Ctx, input: { from: string; to: string; isTest: boolean }): Promise<DaySummary[]> {
  if (!shape.test(input.from) || !shape.test(input.to) || input.from > input.to || addDays(input.from, 366) < input.to) throw invalid("Период задан неверно", { field: "from" });
  const { sql } = ctx.database;
  const [sums, causes, missing, closed] = await Promise.all([
    sql<{ day: string; captured: bigint; returned: bigint }[]>`
      select business_date::text as day, coalesce(sum(amount_kopecks) filter (where kind = 'payment_captured'), 0)::bigint as captured,
             (coalesce(sum(amount_kopecks) filter (where kind = 'refund_succeeded'), 0) - coalesce(sum(amount_kopecks) filter (where kind = 'refund_reversed'), 0))::bigint as returned
        from money_facts where is_test = ${input.isTest} and business_date between ${input.from} and ${input.to} group by 1`,
    readCauses(sql, input),
    readMissing(sql, input),
    sql<{ day: string }[]>`select day::text from closed_days where is_test = ${input.isTest} and reopened_at is null and day between ${input.from} and ${input.to}`,
  ]);
  const today = localDate(ctx.now(), ctx.zone);
  const days = [...new Set([...sums.map((row) => row.day), ...causes.map((row) => row.day), ...closed.map((row) => row.day)])].toSorted().toReversed();
  return days.map((day) => {
    const own = causes.filter((cause) => cause.day === day);
    const sum = sums.find((row) => row.day === day);
    const count = (state: string) => own.filter((cause) => cause.state === state).reduce((total, cause) => total + cause.count, 0n);
    const lacking = missing.filter((each) => each.day === day);
    return {
      day, state: stateOf(day, today, closed.some((row) => row.day === day), own, lacking), capturedKopecks: sum?.captured ?? 0n, returnedKopecks: sum?.returned ?? 0n, openCount: count("open"), expectedCount: count("expected"),
      differenceKopecks: blockersOf(own).reduce((total, cause) => total + cause.differenceKopecks, 0n), missing: lacking.map((each) => each.name),
    };
  });
}

const stateOf = (day: string, today: string, isClosed: boolean, causes: readonly DayCause[], missing: readonly Missing[]): DayState =>
  isClosed ? "closed" : blockersOf(causes).length > 0 ? "diff" : day >= today || missing.length > 0 || causes.some((cause) => cause.state === "expected") ? "partial" : "balanced";

/** REC-10: what keeps a day from being closed. */
export const blockersOf = (causes: readonly DayCause[]): DayCause[] => causes.filter((cause) => cause.state === "open" && cause.severity !== "P3").map(({ class: name, severity, state, count, kopecks, differenceKopecks }) => ({ class: name, severity, state, count, kopecks, differenceKopecks }));
export const readBlockers = async (tx: Tx, day: string, isTest: boolean): Promise<DayCause[]> => blockersOf(await readCauses(tx, { from: day, to: day, isTest }));

const readPayouts = (sql: Sql, day: string, isTest: boolean) => sql<Payout[]>`
  select s.id as settlement_id, s.connection_id, s.payout_id, s.payout_date::text, s.captured_kopecks, s.refunded_kopecks, s.charged_back_kopecks, s.fee_kopecks, s.fee_vat_kopecks, s.adjustment_kopecks,
         s.adjustment_reason, s.expected_kopecks, b.came as credited_kopecks, b.received_on::text as credited_on,
         (select d.detail->>'explanation' from discrepancies d where d.settlement_id = s.id and d.class = 'SETTLEMENT_MISMATCH' and d.state = 'open' limit 1) as explanation
    from settlements s left join lateral (select sum(l.amount_kopecks)::bigint as came, max(l.received_on) as received_on from bank_statement_lines l where l.settlement_id = s.id) b on true
   where s.is_test = ${isTest} and (s.payout_date = ${day} or s.payout_id = ${`day:${day}`}
      or (s.connection_id, s.payout_id) in (select e.connection_id, e.payout_id from registry_entries e where e.connection_id in (select id from connections where kind = 'acquirer') and e.business_date = ${day} and e.payout_id is not null))
   order by s.payout_date, s.payout_id limit 200`;

/** Days closed before `owedKopecks` was kept have none. */
type StoredCell = { inKopecks: string; outKopecks: string; owedKopecks?: string; count: string } | null;

/** Figures are stored as text: jsonb numbers are doubles on their way through JavaScript. */
function cellsOfClosedDay(stored: unknown): DayCells[] {
  return ((stored ?? []) as ({ day: string; connectionId: string | null } & Record<DayColumn, StoredCell>)[]).map((row) => {
    const ledgerNet = row.ledger ? BigInt(row.ledger.inKopecks) - BigInt(row.ledger.outKopecks) : 0n;
    const cell = (column: DayColumn): DayCell | null => {
      const given = row[column];
      return given && { inKopecks: BigInt(given.inKopecks), outKopecks: BigInt(given.outKopecks), netKopecks: BigInt(given.inKopecks) - BigInt(given.outKopecks), owedKopecks: BigInt(given.owedKopecks ?? ledgerNet), count: BigInt(given.count) };
    };
    return { day: row.day, connectionId: row.connectionId, onec: cell("onec"), ledger: cell("ledger"), registry: cell("registry"), receipts: cell("receipts"), bank: cell("bank") };
  });
}
