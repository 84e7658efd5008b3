import { Check, Clock, Mail, MoveRight, X } from "lucide-react";
import type { ReactNode } from "react";
import { toneClass } from "@/components/ui/badge.tsx";
import type { Tone } from "@/components/ui/badge.tsx";
import { formatDateTime, formatDuration } from "@/lib/kit/format.ts";
import { localText } from "@/lib/kit/time.ts";
import type { RawExchange, Timeline, TimelineLine } from "@/lib/reports/timeline.ts";
import type { TimelineSign } from "@/lib/reports/timeline-sentences.ts";
import { Empty, Panel } from "./page-parts.tsx";

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
export function TimelineCard({ timeline }: { timeline: Timeline }) {
  return (
    <Panel title="Лента денег">
      {timeline.days.length === 0 ? <Empty title="Событий ещё нет" /> : null}
      <div className="num px-4 pb-4 sm:px-5">
        {timeline.days.map((day) => (
          <section key={day.title} aria-label={day.title}>
            <h3 className="mt-3 mb-1 text-caption font-medium tracking-normal text-muted-foreground">{day.title}</h3>
            <ol>
              {day.lines.map((line, i) => (
                <Line key={line.eventId} line={line} isLast={i === day.lines.length - 1} />
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

function Line({ line, isLast }: { line: TimelineLine; isLast: boolean }) {
  const { tone, mark } = signs[line.sign];
  return (
    <li className="relative grid grid-cols-[auto_20px_minmax(0,1fr)_auto] gap-x-2 py-1.5 sm:grid-cols-[64px_20px_minmax(0,1fr)_auto]">
      {isLast ? null : <span aria-hidden className="absolute top-7 -bottom-1.5 left-[82px] hidden w-px bg-border sm:block" />}
      <time dateTime={line.at.toISOString()} title={`${formatDateTime(line.at)} МСК`} className="text-dense text-muted-foreground">
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

const actions: Record<string, string> = {
  "acquirer.open": "Создание платежа в банке", "acquirer.look": "Проверка платежа в банке", "acquirer.cancel": "Отмена платежа в банке", "register.send": "Отправка чека в кассу", "register.status": "Запрос о чеке у кассы", notification: "Уведомление банка",
};
const outcomes: Record<string, string> = {
  done: "получилось", refused: "отказ", unreached: "не дошло", unknown: "ответа нет", accepted: "принято", retry: "повторим", permanent: "отказ", blocked: "доступ закрыт", registered: "пробит", pending: "в работе", absent: "не найден", expired: "истёк",
  applied: "применено", received: "получено", rejected: "отклонено", ignored_stale: "без изменений", orphan: "без заказа", forged: "подпись неверна",
};

/** One message with secrets masked when it was stored. */
function Raw({ raw }: { raw: RawExchange }) {
  return (
    <article className="min-w-0 rounded-control border">
      <p className="flex flex-wrap gap-x-3 border-b px-3 py-1.5 text-caption text-muted-foreground">
        <span className="font-medium text-foreground">{actions[raw.title] ?? raw.title}</span>
        <span>{outcomes[raw.outcome] ?? raw.outcome}</span>
        <span>{formatDateTime(raw.at)} МСК</span>
        {raw.durationMs === null ? null : <span>{formatDuration(raw.durationMs)}</span>}
      </p>
      <Payload title="Что передали" text={raw.request} />
      {raw.answer ? <Payload title="Что ответили" text={raw.answer} /> : null}
    </article>
  );
}

const Payload = ({ title, text }: { title: string; text: string }) =>
  text === "" ? null : (
    <pre tabIndex={0} aria-label={title} role="region" className="max-h-72 overflow-auto border-b px-3 py-2 font-mono text-caption break-all whitespace-pre-wrap last:border-b-0">
      {text}
    </pre>
  );
