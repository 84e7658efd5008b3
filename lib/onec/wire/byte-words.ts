/** One step of the hash that `ByteWords` and the cache of tags want; begins with 0. */
export const mixHash = (hash: number, byte: number): number => (Math.imul(hash, 31) + byte) | 0;

const WORD_BYTES_MAX = 64;
const SLOTS = 4_096;

/** Bytes of a word to its text. Words that a file repeats (names of requisites, units, rates) are made once and shared. */
export class ByteWords {
  private readonly kept = new Uint8Array(SLOTS * WORD_BYTES_MAX);
  private readonly lengths = new Uint8Array(SLOTS);
  private readonly texts: string[] = Array.from({ length: SLOTS }, () => "");

  /** `hash` of the bytes by `mixHash`, counted on the way to `to`. */
  text(bytes: Buffer, from: number, to: number, hash: number, isAscii: boolean): string {
    const length = to - from;
    if (length === 0) return "";
    if (length > WORD_BYTES_MAX) return bytes.toString(isAscii ? "latin1" : "utf8", from, to);
    const { kept } = this;
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const base = slot * WORD_BYTES_MAX;
    if (this.lengths[slot] === length) {
      let i = 0;
      while (i < length && kept[base + i] === bytes[from + i]) i++;
      if (i === length) return this.texts[slot]!;
    }
    const text = bytes.toString(isAscii ? "latin1" : "utf8", from, to);
    for (let i = 0; i < length; i++) kept[base + i] = bytes[from + i]!;
    this.lengths[slot] = length;
    this.texts[slot] = text;
    return text;
  }
}
