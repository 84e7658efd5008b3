"use client";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";

const HOUR_S = 3600;
const spoken: Record<number, string> = { 300: "Осталось 5 минут", 60: "Осталась 1 минута", 0: "Срок оплаты истёк" };
const two = (n: number) => String(n).padStart(2, "0");

/**
 * «осталось 14:32» in the last hour before `deadlineMs`. Ticks for the eye; speaks only at 5 minutes, 1 minute and the
 * end. `nowMs` is the server's clock at render, so that a wrong phone clock does no harm.
 */
export function Countdown({ deadlineMs, nowMs }: { deadlineMs: number; nowMs: number }) {
  const router = useRouter();
  const [left, setLeft] = useState(() => Math.ceil((deadlineMs - nowMs) / 1000));
  const [said, setSaid] = useState("");

  useEffect(() => {
    const started = performance.now();
    let last = Number.POSITIVE_INFINITY;
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.ceil((deadlineMs - nowMs - (performance.now() - started)) / 1000));
      if (seconds === last) return;
      for (const mark of [300, 60, 0]) if (last > mark && seconds <= mark && last !== Number.POSITIVE_INFINITY) setSaid(spoken[mark] ?? "");
      last = seconds;
      setLeft(seconds);
      if (seconds === 0) {
        clearInterval(timer);
        router.refresh();
      }
    }, 250);
    return () => clearInterval(timer);
  }, [deadlineMs, nowMs, router]);

  return (
    <>
      <span className="sr-only" aria-live="polite">
        {said}
      </span>
      {left < HOUR_S ? (
        <span className="tabular-nums" aria-hidden={said !== ""}>
          {" · осталось\u00A0"}
          {two(Math.floor(left / 60))}:{two(left % 60)}
        </span>
      ) : null}
    </>
  );
}
