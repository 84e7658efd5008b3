import { Check, Clock, Mail, MoveRight, X } from "lucide-react";
import type { ReactNode } from "react";
import { toneClass } from "@/components/ui/badge.tsx";
import type { Tone } from "@/components/ui/badge.tsx";
import { formatDate, formatDateTime, formatDuration } from "@/lib/kit/format.ts";
import { localText } from "@/lib/kit/time.ts";
import { timelineFeedLabels, timelineFeeds } from "@/lib/reports/timeline.ts";
import type { Timeline, TimelineFeed, TimelineLine } from "@/lib/reports/timeline.ts";
import type { TimelineSign } from "@/lib/reports/timeline-sentences.ts";
import { Chip, Empty, Panel } from "./page-parts.tsx";
import { Raw } from "./raw-exchange.tsx";

const icon = { size: 12, strokeWidth: 2.25, "aria-hidden": true } as const;
const signs: Record<TimelineSign, { tone: Tone; mark: ReactNode }> = {
  ok: { tone: "success", mark: <Check {...icon} /> },
  money: { tone: "success", mark: "₽" },
  bad: { tone: "danger", mark: <X {...icon} /> },
  wait: { tone: "warning", mark: <Clock {...icon} /> },
  step: { tone: "neutral", mark: <MoveRight {...icon} /> },
  onec: { tone: "info", mark: <span className="text-[9px]">1С</span> },
  letter: { tone: "neutral", mark: <Mail {...icon} /> },
};

/** The order's story, newest first: what happened, who did it, how long it took; raw messages one click below. */
export function TimelineCard({ timeline, feed, path }: { timeline: Timeline; feed: TimelineFeed; /** Address of the page without the filter. */ path: string }) {
  return (
    <Panel title="Лента денег">
      <div className="flex gap-1.5 overflow-x-auto px-4 pt-3 sm:px-5" role="group" aria-label="Что показать в ленте">
        {timelineFeeds.map((each) => (
          <Chip key={each} href={each === "all" ? path : `${path}?feed=${each}`} isOn={each === feed}>
            {timelineFeedLabels[each]}
          </Chip>
        ))}
      </div>
      {timeline.days.length === 0 ? <Empty title={feed === "all" ? "Событий ещё нет" : "Таких событий ещё нет"} /> : null}
      <div className="num px-4 pb-4 sm:px-5">
        {timeline.days.map((day) => (
          <section key={day.title} aria-label={day.title}>
            <h3 className="mt-3 mb-1 text-caption font-medium tracking-normal text-muted-foreground">{day.title}</h3>
            <ol>
              {day.lines.map((line, i) => (
                <Line key={line.eventId} line={line} withDate={day.isOld} isLast={i === day.lines.length - 1} />
              ))}
            </ol>
          </section>
        ))}
        {timeline.isCut ? <p className="pt-2 text-dense text-muted-foreground">Показаны последние 400 событий.</p> : null}
        {timeline.otherRaw.length > 0 ? (
          <details className="mt-3 border-t pt-3">
            <summary className="text-dense font-medium text-primary">Обращения, которые ничего не изменили: {timeline.otherRaw.length}</summary>
            <div className="mt-2 flex flex-col gap-2">
              {timeline.otherRaw.map((raw) => (
                <Raw key={raw.exchangeId} raw={raw} />
              ))}
            </div>
          </details>
        ) : null}
      </div>
    </Panel>
  );
}

function Line({ line, withDate, isLast }: { line: TimelineLine; withDate: boolean; isLast: boolean }) {
  const { tone, mark } = signs[line.sign];
  return (
    <li className="relative grid grid-cols-[auto_20px_minmax(0,1fr)_auto] gap-x-2 py-1.5 sm:grid-cols-[64px_20px_minmax(0,1fr)_auto]">
      {isLast ? null : <span aria-hidden className="absolute top-7 -bottom-1.5 left-[82px] hidden w-px bg-border sm:block" />}
      <time dateTime={line.at.toISOString()} title={`${formatDateTime(line.at)} МСК`} className="text-dense text-muted-foreground">
        {withDate ? <span className="block text-caption">{formatDate(line.at).slice(0, 5)}</span> : null}
        {localText(line.at).slice(11)}
      </time>
      <span aria-hidden className={`grid size-5 place-items-center rounded-full text-[11px] leading-none font-semibold ${toneClass[tone]}`}>
        {mark}
      </span>
      <div className="min-w-0">
        <p className="font-medium wrap-anywhere">{line.title}</p>
        {line.note || line.who ? <p className="text-dense wrap-anywhere text-muted-foreground">{[line.who, line.note].filter(Boolean).join(" · ")}</p> : null}
        {line.raw.length > 0 ? (
          <details className="mt-0.5">
            <summary className="inline-flex min-h-6 items-center text-dense font-medium text-primary hover:underline">Подробнее</summary>
            <div className="mt-1 flex flex-col gap-2">
              {line.raw.map((raw) => (
                <Raw key={raw.exchangeId} raw={raw} />
              ))}
            </div>
          </details>
        ) : null}
      </div>
      <span className="text-caption whitespace-nowrap text-muted-foreground">{line.latencyMs === null ? "" : formatDuration(line.latencyMs)}</span>
    </li>
  );
}
