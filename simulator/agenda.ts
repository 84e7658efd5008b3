/** What happens when in the simulated world; equal instants keep the order in which they were written down. */
export type Agenda<Event> = {
  add(atMs: number, event: Event): void;
  /** The instant of the next event; null when there is none. */
  nextAt(): number | null;
  take(): Event;
  size(): number;
};

/** A binary heap: a hundred thousand orders have a million events. */
export function createAgenda<Event>(): Agenda<Event> {
  type Entry = { at: number; no: number; event: Event };
  const heap: Entry[] = [];
  let no = 0;
  const isBefore = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.no < b.no);
  return {
    add(at, event) {
      heap.push({ at, no: no++, event });
      for (let child = heap.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1;
        if (!isBefore(heap[child]!, heap[parent]!)) break;
        [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
        child = parent;
      }
    },
    nextAt: () => heap[0]?.at ?? null,
    take() {
      const first = heap[0]!;
      const last = heap.pop()!;
      if (heap.length > 0) {
        heap[0] = last;
        for (let parent = 0; ; ) {
          let least = parent;
          for (const child of [2 * parent + 1, 2 * parent + 2]) if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
          if (least === parent) break;
          [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
          parent = least;
        }
      }
      return first.event;
    },
    size: () => heap.length,
  };
}
