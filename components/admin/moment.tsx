import { formatDateTime, formatRelative } from "@/lib/kit/format.ts";

/** «5 минут назад» with the full date in the title. `now` comes from the server, so that both sides draw the same. */
export function Ago({ at, now }: { at: Date; now: Date }) {
  return (
    <time dateTime={at.toISOString()} title={`${formatDateTime(at)} МСК`}>
      {formatRelative(at, now)}
    </time>
  );
}

/** «21.11.2026 14:05» */
export function At({ at }: { at: Date }) {
  return <time dateTime={at.toISOString()}>{formatDateTime(at)}</time>;
}
