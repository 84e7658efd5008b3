/**
 * What became of a call that left the building (domain 2.9, Kill Bill's five outcomes folded to four).
 * Adapters never throw for what the other side did; they return one of these.
 */
export type Outcome<T> =
  /** It ran, the answer is here. */
  | { kind: "done"; value: T }
  /** It ran, the answer is no. `code` is the neutral class of `acquirers/README.md` rule 10. */
  | { kind: "refused"; code: string; message: string }
  /** It surely never ran: safe to repeat. */
  | { kind: "unreached"; message: string }
  /** It may have run: ask with a look-up, never repeat blindly (LOST-19). */
  | { kind: "unknown"; message: string };

export const done = <T>(value: T): Outcome<T> => ({ kind: "done", value });
export const refused = (code: string, message: string): Outcome<never> => ({ kind: "refused", code, message });
export const unreached = (message: string): Outcome<never> => ({ kind: "unreached", message });
export const unknown = (message: string): Outcome<never> => ({ kind: "unknown", message });
