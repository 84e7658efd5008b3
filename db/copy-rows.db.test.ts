/** COPY leans on the inside of postgres.js: what it may not lose, first of all the errors. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { copyTogether } from "./copy-rows.ts";
import type { CopyInto } from "./copy-rows.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
  await t.ctx.database.sql.unsafe("create table copy_a (no int primary key, word text, at timestamptz); create table copy_b (no int not null references copy_a, sum bigint check (sum > 0), is_new boolean, tags text[])");
});
afterAll(() => t.close());

const a = (...rows: CopyInto["rows"]): CopyInto => ({ table: "copy_a", columns: ["no", "word", "at"], rows });
const b = (...rows: CopyInto["rows"]): CopyInto => ({ table: "copy_b", columns: ["no", "sum", "is_new", "tags"], rows });
const copy = (...parts: CopyInto[]) => inTransaction(t.ctx, (tx) => copyTogether(tx, parts));

test("every value arrives as it was, tables one after the other, and the transaction goes on", async () => {
  const at = new Date("2026-11-28T10:00:00.123Z");
  const words = ["таб\tстрока\nвозврат\rкосая\\N", "", "\\N", "«ё» 😀", null];
  const count = await inTransaction(t.ctx, async (tx) => {
    await copyTogether(tx, [a(...words.map((word, no) => [no, word, at])), b(), b([0, 9_007_199_254_740_993n, true, ["карта", 'с"кавычкой\\, и запятой', "", "NULL"]], [4, null, false, []])]);
    return (await tx<{ n: number }[]>`select count(*)::int as n from copy_b`)[0]?.n;
  });
  expect(count).toBe(2);
  const { sql } = t.ctx.database;
  expect((await sql<{ word: string | null; at: Date }[]>`select word, at from copy_a order by no`).map((row) => [row.word, row.at.getTime()])).toEqual(words.map((word) => [word, at.getTime()]));
  expect([...(await sql`select no, sum, is_new, tags from copy_b order by no`)]).toEqual([{ no: 0, sum: 9_007_199_254_740_993n, isNew: true, tags: ["карта", 'с"кавычкой\\, и запятой', "", "NULL"] }, { no: 4, sum: null, isNew: false, tags: [] }]);
});

test.each([
  ["a row that cannot be read", [a(["x", "", null])], "22P02"],
  ["a key that is taken, in the first table", [a([100, "", null], [100, "", null]), b([100, 1n, true, null])], "23505"],
  ["a check, in the last table", [a([101, "", null]), b([101, 0n, true, null])], "23514"],
  ["a foreign key, found after the last row", [a([102, "", null]), b([999, 1n, true, null])], "23503"],
  ["a null", [a([103, "", null]), b([null, 1n, true, null])], "23502"],
] as const)("%s: PostgreSQL's own error, nothing is left behind, the connection serves on", async (_name, parts, code) => {
  await expect(copy(...parts)).rejects.toMatchObject({ code });
  const { sql } = t.ctx.database;
  expect((await sql<{ n: number }[]>`select count(*)::int as n from copy_a where no >= 100`)[0]?.n).toBe(0);
  await copy(a([200, "после", null]));
  await sql`delete from copy_a where no = 200`;
});

test("no rows are no query", async () => {
  await copy(a(), b());
});
