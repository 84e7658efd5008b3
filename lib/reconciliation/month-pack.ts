import { can } from "@/lib/auth/permissions.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid } from "@/lib/kit/errors.ts";
import { addDays, localDate, localText } from "@/lib/kit/time.ts";
import { makeWorkbook } from "@/lib/kit/xlsx/index.ts";
import type { Cell, Column, Sheet } from "@/lib/kit/xlsx/index.ts";
import { readDayClosings } from "./day-closings.ts";
import { dayColumnLabels, dayColumns } from "./day-columns.ts";
import { listDiscrepancies } from "./list-discrepancies.ts";
import type { DiscrepancyRow } from "./list-discrepancies.ts";
import { readReconciliationDay } from "./read-day.ts";
import type { DayState, Payout, ReconciliationDay } from "./read-day.ts";
import { discrepancyClasses, discrepancyStateLabels } from "./states.ts";

const DISCREPANCIES_MAX = 20_000;
const stateLabels: Record<DayState, string> = { balanced: "Сходится", diff: "Расхождение", partial: "Есть не все данные", closed: "Закрыт" };
const money = (kopecks: bigint | null): Cell => (kopecks === null ? null : { kopecks });

/**
 * Workbook of a month for the accountant: days by bank in five columns, payouts, differences (permission `discrepancy.resolve`). Closed
 * days show the figures of their closing. `month` is `YYYY-MM`. Throws `forbidden`, `invalid`.
 */
export async function makeMonthPack(ctx: Ctx, input: { month: string; isTest: boolean }): Promise<Buffer> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "discrepancy.resolve")) throw forbidden();
  const today = localDate(ctx.now(), ctx.zone);
  const first = `${input.month}-01`;
  if (!/^20\d{2}-(0[1-9]|1[0-2])$/.test(input.month) || first > today) throw invalid("Месяц задан неверно", { field: "month" });
  const days: ReconciliationDay[] = [];
  for (let day = first; day.startsWith(input.month) && day <= today; day = addDays(day, 1)) days.push(await readReconciliationDay(ctx, { day, isTest: input.isTest }));
  const closedBy = new Map<string, string>();
  for (const { day, closed } of days) if (closed) closedBy.set(day, (await readDayClosings(ctx, { day, isTest: input.isTest }))[0]!.closedByName);
  const names = new Map(days.flatMap((day) => day.connections.map((row) => [row.connectionId, row.connectionName ?? "Без банка"] as const)));
  return makeWorkbook([daySheet(ctx, days, closedBy), payoutSheet(days, names), discrepancySheet(ctx, await discrepanciesOf(ctx, days, input.isTest))]);
}

function daySheet(ctx: Ctx, days: readonly ReconciliationDay[], closedBy: ReadonlyMap<string, string>): Sheet {
  const sums: Column[] = dayColumns.flatMap((column) => [
    { title: `${dayColumnLabels[column]}, сумма`, width: 18, total: "kopecks" as const },
    { title: `${dayColumnLabels[column]}, операций`, width: 12, total: "count" as const },
  ]);
  return {
    name: "По дням",
    columns: [{ title: "День", width: 12 }, { title: "Банк", width: 32 }, ...sums, { title: "Состояние дня", width: 20 }, { title: "Закрыл", width: 24 }, { title: "Закрыт", width: 18 }],
    rows: days.flatMap((day) =>
      day.connections.map((row): Cell[] => [
        { day: day.day }, row.connectionName ?? "Без банка",
        ...dayColumns.flatMap((column): Cell[] => [money(row.cells[column]?.netKopecks ?? null), row.cells[column] === null ? null : { count: row.cells[column].count }]),
        stateLabels[day.state], closedBy.get(day.day) ?? null, day.closed ? { moment: localText(day.closed.at, ctx.zone) } : null,
      ]),
    ),
  };
}

/** A payout stands on the days of its money too; here it is written once. */
function payoutSheet(days: readonly ReconciliationDay[], names: ReadonlyMap<string | null, string>): Sheet {
  const payouts = new Map<string, Payout>(days.flatMap((day) => day.payouts.map((payout) => [payout.settlementId, payout])));
  return {
    name: "Выплаты",
    columns: [
      { title: "Дата выплаты", width: 14 }, { title: "Банк", width: 32 }, { title: "Выплата", width: 20 }, { title: "Валовая сумма", width: 18, total: "kopecks" }, { title: "Комиссия", width: 16, total: "kopecks" },
      { title: "НДС комиссии", width: 16, total: "kopecks" }, { title: "Возвраты", width: 16, total: "kopecks" }, { title: "Опротестования", width: 16, total: "kopecks" }, { title: "Корректировка", width: 16, total: "kopecks" },
      { title: "К зачислению", width: 18, total: "kopecks" }, { title: "Зачислено", width: 18, total: "kopecks" }, { title: "Разница", width: 16, total: "kopecks" }, { title: "Причина корректировки", width: 40 },
    ],
    rows: [...payouts.values()].map((payout): Cell[] => [
      { day: payout.payoutDate }, names.get(payout.connectionId) ?? "", payout.payoutId, money(payout.capturedKopecks), money(-payout.feeKopecks), money(-payout.feeVatKopecks), money(-payout.refundedKopecks),
      money(-payout.chargedBackKopecks), money(payout.adjustmentKopecks), money(payout.expectedKopecks), money(payout.creditedKopecks), money(payout.creditedKopecks === null ? null : payout.creditedKopecks - payout.expectedKopecks), payout.adjustmentReason,
    ]),
  };
}

async function discrepanciesOf(ctx: Ctx, days: readonly ReconciliationDay[], isTest: boolean): Promise<DiscrepancyRow[]> {
  const found: DiscrepancyRow[] = [];
  for (const { day } of days) {
    for (let page = 0; found.length < DISCREPANCIES_MAX; page++) {
      const { rows, hasMore } = await listDiscrepancies(ctx, { isTest, day, tab: "all", page });
      found.push(...rows);
      if (!hasMore) break;
    }
  }
  return found.slice(0, DISCREPANCIES_MAX);
}

function discrepancySheet(ctx: Ctx, rows: readonly DiscrepancyRow[]): Sheet {
  const moment = (at: Date | null): Cell => (at === null ? null : { moment: localText(at, ctx.zone) });
  return {
    name: "Расхождения",
    columns: [
      { title: "День", width: 12 }, { title: "Банк", width: 28 }, { title: "Причина", width: 26 }, { title: "Важность", width: 10 }, { title: "Состояние", width: 22 }, { title: "У нас", width: 16 }, { title: "У них", width: 16 },
      { title: "Заказ", width: 14 }, { title: "Платёж в банке", width: 20 }, { title: "Найдено", width: 18 }, { title: "Закрыто", width: 18 }, { title: "Кто закрыл", width: 24 }, { title: "Решение", width: 50 },
    ],
    rows: rows.map((row): Cell[] => [
      { day: row.businessDate }, row.connectionName, discrepancyClasses[row.class].label, row.severity, discrepancyStateLabels[row.state], money(row.oursKopecks), money(row.theirsKopecks), row.orderNumber, row.providerPaymentId,
      moment(row.foundAt), moment(row.closedAt), row.closedByName ?? (row.closedBy === "system" ? "Само" : row.closedBy), row.resolution,
    ]),
  };
}
