import { getDatabase } from "@/db/index.ts";
import { appVersion } from "@/lib/version.ts";

const BEAT_FRESH_MS = 20_000;
/** A database that does not answer in this time is away, whatever it does later. */
const ANSWER_LIMIT_MS = 3_000;

/** 200 when the database answers and a worker lives; else 503 with what is missing. */
export async function GET(): Promise<Response> {
  const seen = await Promise.race([lastBeat(), new Promise<null>((resolve) => setTimeout(() => resolve(null), ANSWER_LIMIT_MS))]);
  const healthy = seen !== null && seen.lastBeatMs !== null && seen.lastBeatMs < BEAT_FRESH_MS;
  return Response.json(
    { status: healthy ? "ok" : "degraded", database: seen !== null, worker: { lastBeatMs: seen?.lastBeatMs ?? null }, version: appVersion },
    { status: healthy ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}

/** Age of the freshest sign of life of a worker; null when the database does not answer. */
async function lastBeat(): Promise<{ lastBeatMs: number | null } | null> {
  try {
    const [row] = await getDatabase().sql<{ ageMs: number | null }[]>`
      select (extract(epoch from clock_timestamp() - max(at)) * 1000)::float8 as age_ms from heartbeats`;
    return { lastBeatMs: row?.ageMs == null ? null : Math.max(0, Math.round(row.ageMs)) };
  } catch {
    return null;
  }
}
