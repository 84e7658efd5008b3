import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";

/** What breaks an invariant: how many things, and some of them by name. */
export type Breaks = { count: number; examples: string[] };

/** One of the twenty rules of domain 10. `find` only reads. */
export type Invariant = {
  no: number;
  /** Russian, for staff. */
  title: string;
  find(ctx: Ctx, tx: Tx): Promise<Breaks>;
};

/** So many examples are named. */
export const EXAMPLES_MAX = 5;

/** A query of broken things, each with a text that names it (`what`), as an invariant's finding. */
export async function countBreaks(tx: Tx, query: ReturnType<Tx>): Promise<Breaks> {
  const rows = await tx<{ what: string; total: bigint }[]>`select what, count(*) over () as total from (${query}) broken limit ${EXAMPLES_MAX}`;
  return { count: Number(rows[0]?.total ?? 0n), examples: rows.map((row) => row.what) };
}

/** Several findings of one invariant as one. */
export const together = (parts: readonly Breaks[]): Breaks => ({
  count: parts.reduce((sum, part) => sum + part.count, 0),
  examples: parts.flatMap((part) => part.examples).slice(0, EXAMPLES_MAX),
});
