"use client";
import { useState } from "react";
import type { KeyboardEvent, ReactNode } from "react";

export type CursorDay = { title: string; rows: { label: string; text: string; dot: string }[]; total: string };

type Props = {
  /** One sentence that says what the picture shows. */
  summary: string;
  days: readonly CursorDay[];
  /** Left edge of the plot as a share of the width. */
  plotLeftShare: number;
  chart: ReactNode;
  narrowChart: ReactNode;
  narrowPlotLeftShare: number;
  legend: ReactNode;
  table: ReactNode;
};

/** The picture with its cursor (mouse, finger, arrow keys) and the same numbers as a table, one at a time. */
export function ChartFrame({ summary, days, plotLeftShare, chart, narrowChart, narrowPlotLeftShare, legend, table }: Props) {
  const [isTable, setIsTable] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const day = at === null ? null : days[at];

  function onKey(event: KeyboardEvent) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") setAt(null);
    if (step === undefined) return;
    event.preventDefault();
    setAt(at === null ? days.length - 1 : Math.max(0, Math.min(days.length - 1, at + step)));
  }

  const overlay = (leftShare: number) => (
    <div className="absolute inset-y-0 right-0" style={{ left: `${leftShare * 100}%` }}>
      {days.map((each, i) => (
        <div
          key={each.title}
          onPointerEnter={() => setAt(i)}
          className={`absolute inset-y-0 ${i === at ? "bg-foreground/5" : ""}`}
          style={{ left: `${(i / days.length) * 100}%`, width: `${100 / days.length}%` }}
        />
      ))}
      {day && at !== null ? (
        <div
          className="pointer-events-none absolute top-0 z-10 min-w-40 rounded-control border bg-card p-3 text-dense shadow-overlay"
          style={at < days.length / 2 ? { left: `${((at + 1) / days.length) * 100}%` } : { right: `${(1 - at / days.length) * 100}%` }}
        >
          <p className="mb-1 font-medium whitespace-nowrap">{day.title}</p>
          {day.rows.map((row) => (
            <p key={row.label} className="num flex items-center gap-2 whitespace-nowrap">
              <i className={`size-2.5 rounded-[2px] ${row.dot}`} />
              <span className="grow text-muted-foreground">{row.label}</span>
              {row.text}
            </p>
          ))}
          <p className="num mt-1 flex justify-between gap-4 border-t pt-1 font-medium whitespace-nowrap">
            <span>Всего</span>
            {day.total}
          </p>
        </div>
      ) : null}
    </div>
  );

  return (
    <div className="p-4 sm:p-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <div className="grow">{legend}</div>
        <button type="button" aria-pressed={isTable} onClick={() => setIsTable(!isTable)} className="rounded-control px-2 py-1 text-dense font-medium text-primary hover:bg-muted">
          {isTable ? "График" : "Таблица"}
        </button>
      </div>
      {isTable ? (
        <div className="-mx-4 mt-2 sm:-mx-5">{table}</div>
      ) : (
        <div
          role="group"
          aria-label={`${summary} Стрелки влево и вправо ведут по дням.`}
          // The arrows need a place to stand: the days are no separate stops for Tab.
          tabIndex={0}
          onKeyDown={onKey}
          onPointerLeave={() => setAt(null)}
          onBlur={() => setAt(null)}
          className="mt-2 rounded-control"
        >
          <div className="relative hidden sm:block">
            {chart}
            {overlay(plotLeftShare)}
          </div>
          <div className="relative sm:hidden">
            {narrowChart}
            {overlay(narrowPlotLeftShare)}
          </div>
          <p role="status" className="sr-only">
            {day ? `${day.title}: ${day.rows.map((row) => `${row.label} ${row.text}`).join(", ")}, всего ${day.total}` : ""}
          </p>
        </div>
      )}
    </div>
  );
}
