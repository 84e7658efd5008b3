import type { Sql } from "@/db/index.ts";

/** How long a change of connections may take to reach the pages' security policy. */
const FRESH_MS = 15_000;
const SLOT = Symbol.for("kopeyka.acquirer-origins");
type Known = { origins: string[]; until: number };

/**
 * Origins of the enabled acquirers' pages: a payment form may be sent there (SEC-11; browsers check `form-action` along
 * the redirect). While the database is away the last answer stands.
 */
export async function acquirerOrigins(sql: Sql): Promise<string[]> {
  const holder = globalThis as { [SLOT]?: Known };
  const known = holder[SLOT];
  if (known && known.until > performance.now()) return known.origins;
  try {
    const rows = await sql<{ baseUrl: string | null }[]>`
      select distinct settings->>'baseUrl' as base_url from connections where kind = 'acquirer' and enabled limit 50`;
    const origins = rows.flatMap(({ baseUrl }) => (baseUrl && URL.canParse(baseUrl) ? [new URL(baseUrl).origin] : []));
    holder[SLOT] = { origins, until: performance.now() + FRESH_MS };
    return origins;
  } catch {
    return known?.origins ?? [];
  }
}
