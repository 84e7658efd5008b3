/** Column kinds shared by every table, so that money, instants and ids look the same everywhere. */
import { sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { bigint, check, timestamp, uuid } from "drizzle-orm/pg-core";

/** Our own id: UUID v7 made by the application (NUM-08; PostgreSQL 15 has no uuidv7()). */
export const id = () => uuid("id").primaryKey();
/** Whole kopecks (NUM-01). */
export const kopecks = (name: string) => bigint(name, { mode: "bigint" });
/** An instant in UTC (NUM-06). */
export const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
/** `check (column in (…))` named `<table>_<column>_known`. */
export const oneOf = (name: string, column: AnyPgColumn, values: readonly string[]) =>
  check(name, sql`${column} in (${sql.raw(values.map((v) => `'${v}'`).join(", "))})`);
