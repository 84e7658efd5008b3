import { readLetter, type Letter } from "./mime.ts";

export type StoredLetter = Letter & { id: number; at: number; envelopeFrom: string; envelopeTo: string[]; size: number };

export type Mailbox = {
  receive(raw: Buffer, from: string, to: string[]): StoredLetter;
  /** Newest first; `to` keeps letters for one address. */
  list(to?: string): StoredLetter[];
  get(id: number): StoredLetter | null;
  clear(): void;
};

const KEEP = 200;

export function createMailbox(now: () => number): Mailbox {
  let letters: StoredLetter[] = [];
  let last = 0;
  return {
    receive(raw, from, to) {
      const letter = { ...readLetter(raw), id: ++last, at: now(), envelopeFrom: from, envelopeTo: to, size: raw.length };
      letters = [letter, ...letters].slice(0, KEEP);
      return letter;
    },
    list: (to) => (to ? letters.filter((l) => l.envelopeTo.includes(to)) : letters),
    get: (id) => letters.find((l) => l.id === id) ?? null,
    clear() {
      letters = [];
    },
  };
}
