"use client";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";

/** Many orders may change at once: the page is read again no oftener than that. */
const REFRESH_MS = 2_000;
/** Without the stream the page is read again at this pace. */
const POLL_MS = 30_000;
/** A stream that comes back within this time was never missed by anybody. */
const PATIENCE_MS = 4_000;

/** Keeps the page true by one event stream; says so when the stream is lost. `orderId`: only this order matters here. */
export function LiveRefresh({ orderId = null }: { orderId?: string | null }) {
  const router = useRouter();
  const [isLost, setIsLost] = useState(false);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let last = performance.now();
    let lostTimer: ReturnType<typeof setTimeout> | null = null;
    const refresh = () => {
      if (timer !== null || document.hidden) return;
      timer = setTimeout(() => {
        timer = null;
        last = performance.now();
        router.refresh();
      }, Math.max(100, REFRESH_MS - (performance.now() - last)));
    };
    const found = () => {
      if (lostTimer !== null) clearTimeout(lostTimer);
      lostTimer = null;
      setIsLost(false);
    };
    const source = new EventSource("/admin/events");
    source.onopen = found;
    source.onmessage = (event: MessageEvent<string>) => {
      const { orderId: changed } = JSON.parse(event.data) as { orderId: string | null };
      if (orderId === null || changed === null || changed === orderId) refresh();
    };
    source.onerror = () => {
      lostTimer ??= setTimeout(() => setIsLost(true), PATIENCE_MS);
    };
    const poll = setInterval(() => {
      if (source.readyState !== EventSource.OPEN) refresh();
    }, POLL_MS);
    // Somebody comes back to the tab: what happened meanwhile is shown at once.
    const onVisible = () => !document.hidden && refresh();
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      source.close();
      clearInterval(poll);
      if (timer !== null) clearTimeout(timer);
      if (lostTimer !== null) clearTimeout(lostTimer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [router, orderId]);

  return (
    <div role="status" className="contents">
      {isLost ? <p className="rounded-control bg-warning-tint px-4 py-1.5 text-center text-dense text-warning">Нет связи, обновляем каждые 30&nbsp;с</p> : null}
    </div>
  );
}
