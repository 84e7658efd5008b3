import type { OnecDocument } from "./types.ts";

/** Documents of a container that wait for its order; more of them than any order has are let through as they are. */
const HELD_MAX = 500;

/** The containers of a file, one after another: each holds everything about one order, so what names none belongs to it (commerceml.md 10). Documents leave by `give`. */
export function createContainer(give: (document: OnecDocument) => void) {
  let containers = 0;
  let isOpen = false;
  /** The order of the open container, and what stood in it before the order did. */
  let order: string | null = null;
  let held: OnecDocument[] = [];

  const flush = () => {
    for (const document of held) give(document);
    held = [];
  };

  return {
    open(): void {
      isOpen = true;
      containers += 1;
    },
    /** Number of the open container in the file, or null outside of one. */
    no: (): number | null => (isOpen ? containers : null),
    place(document: OnecDocument): void {
      const isLoose = document.container !== null && document.kind === "other" && document.baseRef === null;
      if (isLoose && order === null && held.length < HELD_MAX) return void held.push(document);
      if (isLoose) document.baseRef = order;
      give(document);
      if (document.container === null || document.kind === "other") return;
      order ??= document.number || document.ref;
      for (const waiting of held) waiting.baseRef = order;
      flush();
    },
    close(): void {
      flush();
      order = null;
      isOpen = false;
    },
    /** Lets go of what still waits for an order, when the file ends badly. */
    flush,
  };
}
