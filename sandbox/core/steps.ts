/** One call that a base made, for its journal. */
export type WireStep = { request: string; status: number | null; answer: string; error?: string };
