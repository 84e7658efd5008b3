import { formatDayMonth, formatTime } from "@/lib/kit/format.ts";
import { Countdown } from "./countdown.tsx";
import { ClockIcon } from "./icons.tsx";

/** A day away the ticking would say nothing. */
const TICKING_FROM_MS = 24 * 3_600_000;

export function Deadline({ validUntil, now, zone }: { validUntil: Date; now: Date; zone: string }) {
  return (
    <p className="mt-1 flex items-start gap-1.5 text-body text-muted-foreground">
      <span className="mt-0.5">
        <ClockIcon />
      </span>
      <span>
        Оплатите до {formatDayMonth(validUntil, zone)}, {formatTime(validUntil, zone)}
        {validUntil.getTime() - now.getTime() < TICKING_FROM_MS ? <Countdown deadlineMs={validUntil.getTime()} nowMs={now.getTime()} /> : null}
      </span>
    </p>
  );
}
