import { Clock, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { formatCount, formatMoneyBare } from "@/lib/kit/format.ts";
import type { DayColumn, DayConnection } from "@/lib/reconciliation/index.ts";
import { dayHref } from "./day-href.ts";

const icon = { size: 12, strokeWidth: 2.25, "aria-hidden": true, className: "mt-0.5 shrink-0" } as const;

type State = { tone: "danger" | "warning" | null; note: string | null };

/** Why a cell is coloured; words beside the colour, nothing where the sources agree. What may still come is amber (REC-04). */
function stateOf(row: DayConnection, column: DayColumn, isToday: boolean): State {
  const own = row.causes.filter((cause) => cause.column === column);
  const waited = own.filter((cause) => cause.state === "expected").reduce((total, cause) => total + cause.count, 0n);
  if (row.differs.includes(column)) {
    const cell = row.cells[column];
    const difference = column === "ledger" || column === "bank" || cell === null ? 0n : cell.netKopecks - cell.owedKopecks;
    const note = difference === 0n ? "не сходится" : `разница ${formatMoneyBare(difference, { sign: true })}`;
    return { tone: !own.some((cause) => cause.state === "open") && (isToday || waited > 0n) ? "warning" : "danger", note };
  }
  if (column === "registry" && row.lacksRegistry && !isToday) return { tone: "warning", note: "нет реестра" };
  return waited > 0n ? { tone: "warning", note: `ждём ${formatCount(waited, ["операцию", "операции", "операций"])}` } : { tone: null, note: null };
}

/** One source of one bank: sum, count, and a way to what differs. */
export function SourceCell({ day, isToday, row, column }: { day: string; isToday: boolean; row: DayConnection; column: DayColumn }) {
  const cell = row.cells[column];
  const { tone, note } = stateOf(row, column, isToday);
  const body = (
    <>
      <span className="block font-medium whitespace-nowrap">{cell === null ? <span aria-label="нет данных">—</span> : formatMoneyBare(cell.netKopecks)}</span>
      {cell === null ? null : <span className="block text-caption whitespace-nowrap text-muted-foreground">{formatCount(cell.count, column === "receipts" ? ["чек", "чека", "чеков"] : ["операция", "операции", "операций"])}</span>}
    </>
  );
  if (tone === null) return <div className="px-3 py-1.5 text-right">{body}</div>;
  return (
    <Link
      href={dayHref(day, { bank: row.connectionId ?? "none", column })}
      prefetch={false}
      className={`block rounded-control px-3 py-1.5 text-right -outline-offset-2 hover:opacity-80 ${tone === "danger" ? "bg-danger-tint text-danger" : "bg-warning-tint text-warning"} [&_span]:text-inherit`}
    >
      {body}
      <span className="flex items-start justify-end gap-1 text-caption font-medium">
        {tone === "danger" ? <TriangleAlert {...icon} /> : <Clock {...icon} />}
        {note}
      </span>
    </Link>
  );
}
