import type { Sql, Tx, Write } from "./index.ts";
import postgres from "postgres";

export type Writes = readonly (Write | false | null | undefined)[];

/** What the writes were made from has changed meanwhile: read again. */
export class StaleRead extends Error {
  constructor() {
    super("a row changed between the read and the write");
    this.name = "StaleRead";
  }
}

const DIVISION_BY_ZERO = "22012";

/**
 * Sends several writes as one statement with data-modifying CTEs: one round trip, one plan, all or nothing (README decision
 * 16). The writes see the state before the statement, so none may need what another one wrote; foreign keys between them hold,
 * because they are checked at its end. No two of them may change the same row.
 *
 * `mustChange` (with `returning 1`) are updates that say what they were made from in their `where`: when one of them finds
 * nothing, the whole statement fails and StaleRead is thrown. So a verb that holds no locks is as safe as one that does.
 */
export async function writeTogether(on: Tx | Sql, writes: Writes, mustChange: readonly Write[] = []): Promise<void> {
  const given = [...writes.filter((write): write is Write => Boolean(write)), ...mustChange];
  if (given.length === 0) return;
  const tx = on as Tx;
  const parts = given.map((write, i) => tx`${i === 0 ? tx`` : tx`,`} ${tx(`w${i}`)} as (${write})`);
  const first = given.length - mustChange.length;
  const changed = mustChange.map((_, i) => tx`/ (select count(*)::int from ${tx(`w${first + i}`)})`);
  try {
    await (changed.length === 0 ? tx`with ${parts} select 1` : tx`with ${parts} select 1 ${changed}`);
  } catch (error) {
    if (changed.length > 0 && error instanceof postgres.PostgresError && error.code === DIVISION_BY_ZERO) throw new StaleRead();
    throw error;
  }
}
