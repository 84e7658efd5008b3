/** Open event streams of this process: bounded in number, closed together on shutdown (stack.md 11). */
const STREAMS_MAX = 2_000;
const HEARTBEAT_MS = 15_000;
const SLOT = Symbol.for("kopeyka.streams");

const open = (): Set<() => void> => ((globalThis as { [SLOT]?: Set<() => void> })[SLOT] ??= new Set());

export function closeStreams(): void {
  for (const close of open()) close();
}

export const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

/**
 * An event stream as a response. `connect` gets `send` (one JSON value per event) and returns what must be undone at the
 * end. Null when the process holds too many streams: the page polls instead.
 */
export function eventStream(signal: AbortSignal, connect: (send: (value: unknown) => void) => Promise<() => void>): Response | null {
  const streams = open();
  if (streams.size >= STREAMS_MAX) return null;
  const encoder = new TextEncoder();
  let close = () => undefined as void;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      let undo: (() => void) | null = null;
      let closed = false;
      const write = (text: string) => {
        if (closed) return;
        try {
          controller.enqueue(encoder.encode(text));
        } catch {
          close();
        }
      };
      close = () => {
        if (closed) return;
        closed = true;
        streams.delete(close);
        clearInterval(timer);
        signal.removeEventListener("abort", close);
        undo?.();
        try {
          controller.close();
        } catch {
          // The reader has gone already.
        }
      };
      const timer = setInterval(() => write(": alive\n\n"), HEARTBEAT_MS);
      streams.add(close);
      signal.addEventListener("abort", close);
      write("retry: 3000\n\n");
      try {
        undo = await connect((value) => write(`data: ${JSON.stringify(value)}\n\n`));
        if (closed) undo();
      } catch {
        close();
      }
    },
    cancel: () => close(),
  });
  return new Response(body, { headers: streamHeaders });
}
