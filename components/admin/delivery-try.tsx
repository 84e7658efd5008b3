import { formatDuration } from "@/lib/kit/format.ts";
import { At } from "./moment.tsx";

export type DeliveryAttempt = { at: Date; httpStatus: number | null; isTaken: boolean; request: string; answer: string; durationMs: number };

/** One try to hand a message to another program, with its answer. */
export function DeliveryTryItem({ attempt, takenWords, seesRaw }: { attempt: DeliveryAttempt; takenWords: string; seesRaw: boolean }) {
  return (
    <li className="min-w-0 rounded-control border">
      <p className="flex flex-wrap gap-x-3 px-3 py-1.5">
        <At at={attempt.at} />
        <span className={attempt.isTaken ? "text-success" : "text-danger"}>{attempt.isTaken ? takenWords : "Не принято"}</span>
        <span>{attempt.httpStatus === null ? "ответа не было" : `код ${attempt.httpStatus}`}</span>
        <span className="text-muted-foreground">{formatDuration(attempt.durationMs)}</span>
      </p>
      {seesRaw ? <Raw title="Что передали" text={attempt.request} /> : null}
      {seesRaw ? <Raw title="Что ответили" text={attempt.answer} /> : null}
    </li>
  );
}

const Raw = ({ title, text }: { title: string; text: string }) =>
  text === "" ? null : (
    <pre tabIndex={0} role="region" aria-label={title} className="max-h-48 overflow-auto border-t px-3 py-2 font-mono text-caption break-all whitespace-pre-wrap">
      {text}
    </pre>
  );
