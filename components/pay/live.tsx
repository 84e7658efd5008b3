"use client";
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";

type Status = { stamp: string };
type Props = {
  /** Path of the page; `/status` and `/events` hang below it. */
  path: string;
  /** What the server drew; another one from the stream means: draw again. */
  stamp: string;
  /** Read aloud when the page changes under the reader. */
  announcement: string;
  /** Element that takes the focus when it appears: a refusal, a result. */
  focusId: string | null;
};

const MINUTE_MS = 60_000;
/** While the stream is lost: 2 s for a minute, 5 s for ten, then 30 s. */
const pollPause = (ageMs: number): number => (ageMs < MINUTE_MS ? 2_000 : ageMs < 11 * MINUTE_MS ? 5_000 : 30_000);
const REOPEN_MS = 30_000;

/** Keeps the page true without a reload: one event stream, polling when it is lost, a look at once when people come back. */
export function Live(props: Props) {
  const [client] = useState(() => new QueryClient());
  return (
    <QueryClientProvider client={client}>
      <Watch {...props} />
    </QueryClientProvider>
  );
}

function Watch({ path, stamp, announcement, focusId }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const [hasStream, setHasStream] = useState(false);
  const [isOffline, setIsOffline] = useState(false);
  const [openedAt] = useState(() => performance.now());
  const [first] = useState(announcement);

  const key = ["pay", path];
  const { data } = useQuery<Status>({
    queryKey: key,
    queryFn: () => readStatus(path),
    initialData: { stamp },
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: () => (hasStream ? false : pollPause(performance.now() - openedAt)),
    retry: false,
  });

  useEffect(() => {
    if (data.stamp !== stamp) router.refresh();
  }, [data.stamp, stamp, router]);

  useEffect(() => {
    let source: EventSource | null = null;
    let reopening: ReturnType<typeof setTimeout>;
    function open() {
      source = new EventSource(`${path}/events`);
      source.onopen = () => setHasStream(true);
      source.onmessage = (event) => client.setQueryData(["pay", path], JSON.parse(String(event.data)) as Status);
      source.onerror = () => {
        setHasStream(false);
        // Closed for good: the server had no room. Polling goes on, later we try again.
        if (source?.readyState === EventSource.CLOSED) reopening = setTimeout(open, REOPEN_MS);
      };
    }
    open();
    return () => {
      clearTimeout(reopening);
      source?.close();
    };
  }, [path, client]);

  useEffect(() => {
    // People come back from the bank's application or page: ask now, and let the server ask the bank.
    const look = () => {
      if (document.visibilityState !== "visible") return;
      void client.fetchQuery({ queryKey: ["pay", path], queryFn: () => readStatus(path, true), staleTime: 0 }).catch(() => undefined);
    };
    const shown = (event: PageTransitionEvent) => event.persisted && look();
    const network = () => {
      setIsOffline(!navigator.onLine);
      if (navigator.onLine) look();
    };
    document.addEventListener("visibilitychange", look);
    window.addEventListener("pageshow", shown);
    window.addEventListener("online", network);
    window.addEventListener("offline", network);
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("pageshow", shown);
      window.removeEventListener("online", network);
      window.removeEventListener("offline", network);
    };
  }, [path, client]);

  useEffect(() => {
    if (focusId) document.getElementById(focusId)?.focus();
  }, [focusId]);

  return (
    <>
      <p role="status" className="sr-only">
        {announcement === first ? "" : announcement}
      </p>
      {isOffline ? (
        <p role="status" className="fixed inset-x-4 bottom-4 z-20 mx-auto max-w-[480px] rounded-card bg-foreground p-4 text-body text-background">
          Нет соединения. Как только оно появится, проверим платёж.
        </p>
      ) : null}
    </>
  );
}

async function readStatus(path: string, isBack = false): Promise<Status> {
  const answer = await fetch(`${path}/status${isBack ? "?check=1" : ""}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return (await answer.json()) as Status;
}
