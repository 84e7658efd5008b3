import { getDatabase } from "@/db/index.ts";
import { appVersion } from "@/lib/version.ts";

const BEAT_FRESH_MS = 20_000;

/** 200 when the database answers and a worker lives; else 503 with what is missing. */
export async function GET(): Promise<Response> {
  let database = true;
  let lastBeatMs: number | null = null;
  try {
    const [row] = await getDatabase().sql<{ ageMs: number | null }[]>`
      select (extract(epoch from clock_timestamp() - max(at)) * 1000)::float8 as age_ms from heartbeats`;
    lastBeatMs = row?.ageMs == null ? null : Math.max(0, Math.round(row.ageMs));
  } catch {
    database = false;
  }
  const healthy = database && lastBeatMs !== null && lastBeatMs < BEAT_FRESH_MS;
  return Response.json(
    { status: healthy ? "ok" : "degraded", database, worker: { lastBeatMs }, version: appVersion },
    { status: healthy ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}
