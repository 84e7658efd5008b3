/** The one way to PostgreSQL. Nothing outside `db/` opens a client. */
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { openClient } from "./open-client.ts";

export type Sql = postgres.Sql<{ bigint: bigint }>;
/** A transaction of postgres.js: tagged templates are prepared and pipelined (README decision 16). */
export type Tx = postgres.TransactionSql<{ bigint: bigint }>;
/** A statement that is written down and not sent yet: postgres.js sends a query when somebody awaits it. */
export type Write = postgres.PendingQuery<postgres.Row[]>;
export type Orm = ReturnType<typeof drizzle>;

export type Database = {
  url: string;
  sql: Sql;
  /**
   * For the few large statements of the fast doors (notifications): planned once and kept. Planning them anew for each message
   * cost a third of their time; statements whose best plan depends on their values belong to `sql`.
   */
  doorSql: Sql;
  orm: Orm;
  close(): Promise<void>;
};

const TIMESTAMPTZ = 1184;

/**
 * Drizzle over a client or a transaction. Drizzle replaces the client's date parsers with text ones; raw statements
 * beside it want `Date`, so the instant type gets its own parser back (Drizzle takes a Date as well).
 */
export function ormOver(client: Sql): Orm {
  const parse = client.options.parsers[TIMESTAMPTZ];
  const serialize = client.options.serializers[TIMESTAMPTZ];
  const orm = drizzle(client);
  if (parse) client.options.parsers[TIMESTAMPTZ] = parse;
  if (serialize) client.options.serializers[TIMESTAMPTZ] = serialize;
  return orm;
}

export type OpenOptions = { maxConnections?: number; applicationName?: string };

/** Opens a pool. The caller closes it. */
export function openDatabase(url: string, options: OpenOptions = {}): Database {
  const max = options.maxConnections ?? 10;
  const sql = connect(url, max, options, {});
  const doorSql = connect(url, Math.max(1, Math.ceil(max / 2)), options, { plan_cache_mode: "force_generic_plan" });
  return {
    url,
    sql,
    doorSql,
    orm: ormOver(sql),
    close: async () => void (await Promise.all([sql.end({ timeout: 5 }), doorSql.end({ timeout: 5 })])),
  };
}

/** Connections are made when they are first needed. */
function connect(url: string, max: number, options: OpenOptions, parameters: Record<string, string>): Sql {
  return openClient(url, {
    max,
    onnotice: () => undefined,
    connect_timeout: 10,
    idle_timeout: 300,
    types: { bigint: postgres.BigInt },
    // Raw statements answer with the same names that the code uses; Drizzle reads positions and does not notice.
    transform: { column: { from: postgres.toCamel } },
    connection: {
      application_name: options.applicationName ?? "kopeyka",
      // A lost client must not hold order locks for ever; no verb of ours needs half a minute inside a transaction.
      idle_in_transaction_session_timeout: 30_000,
      ...parameters,
    },
  });
}

const SLOT = Symbol.for("kopeyka.database");
type Holder = { [SLOT]?: Database };

/** The process's pool: Next gives each bundle its own module copy, so it hangs on globalThis (stack.md 1.4). */
export function getDatabase(): Database {
  const holder = globalThis as Holder;
  const url = process.env["DATABASE_URL"];
  if (!holder[SLOT]) {
    if (!url) throw new Error("DATABASE_URL is not set; start the app with `npm start`");
    holder[SLOT] = openDatabase(url, {
      maxConnections: Number(process.env["DATABASE_POOL"] ?? 16),
      applicationName: process.env["KOPEYKA_PROCESS"] ?? "kopeyka",
    });
  }
  return holder[SLOT];
}

/** SQLSTATE 23505 on any constraint: somebody was quicker. */
export const isUniqueViolation = (error: unknown): boolean => error instanceof postgres.PostgresError && error.code === "23505";

/** This SQLSTATE (23505: somebody was quicker) on this constraint, whether Drizzle wrapped the error or not (style.md 6). */
export function violated(error: unknown, constraint: string, code = "23505"): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return (
    cause instanceof postgres.PostgresError && cause.code === code && cause.constraint_name === constraint
  );
}
