/** Many rows at the price of few: COPY is the cheapest way into a table (bench W2). */
import type { Writable } from "node:stream";
import type { Tx } from "./index.ts";

export type CopyValue = string | number | bigint | boolean | Date | readonly string[] | null;
/** Names of ours, never of a stranger: they are written into the statement as they are. */
export type CopyInto = { table: string; columns: readonly string[]; rows: readonly (readonly CopyValue[])[] };

/**
 * Rows into several tables, in the given order, as one query. Constraints hold as with `insert`; the error is PostgreSQL's own.
 * Nothing else may be sent on this transaction until it is done: the server reads what comes next as rows.
 */
export async function copyTogether(tx: Tx, parts: readonly CopyInto[]): Promise<void> {
  const filled = parts.filter((part) => part.rows.length > 0);
  if (filled.length === 0) return;
  const query = tx.unsafe(filled.map((part) => `copy ${part.table} (${part.columns.join(", ")}) from stdin`).join(";")).simple();
  let next = 0;
  let text = textOf(filled[0]!.rows);
  await new Promise<void>((resolve, reject) => {
    // postgres.js answers each COPY of a query with a stream, the query itself with a result, and tells of an error after the last
    // row nobody but the query. A stream that is ended the public way sends a word of failure when it is torn down, which would hit
    // the next COPY. So its inner ends are used: there are no public ones (3.4.9, pinned; copy-rows.db.test.ts holds them).
    void Object.assign(query, {
      resolve(answer: Writable | readonly unknown[]) {
        if (!("write" in answer)) return resolve();
        answer.on("error", reject);
        answer.write(text);
        answer._final(() => undefined);
        // The next table's text is made while the server works on this one's.
        text = textOf(filled[++next]?.rows ?? []);
      },
      reject,
    });
    void query.execute();
  });
}

const textOf = (rows: CopyInto["rows"]): string => {
  let text = "";
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) text += i === 0 ? written(row[i]!) : `\t${written(row[i]!)}`;
    text += "\n";
  }
  return text;
};

const signs: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function written(value: CopyValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") return /[\\\t\n\r]/.test(value) ? value.replaceAll(/[\\\t\n\r]/g, (sign) => signs[sign]!) : value;
  if (Array.isArray(value)) return written(`{${value.map((each: string) => `"${each.replaceAll(/["\\]/g, "\\$&")}"`).join(",")}}`);
  return value instanceof Date ? value.toISOString() : String(value);
}
