import { readBody } from "@/lib/kit/read-body.ts";
import { createLogger } from "@/lib/kit/log.ts";

const BODY_MAX = 8 * 1024;
/** A broken page can send thousands; the log needs a few. */
const LOGGED_PER_MINUTE = 20;
const log = createLogger("csp");
let minute = 0;
let logged = 0;

/** Violations of the content security policy (SEC-11): logged without addresses, which may be keys. */
export async function POST(request: Request): Promise<Response> {
  const body = await readBody(request, BODY_MAX);
  const now = Math.floor(performance.now() / 60_000);
  if (now !== minute) [minute, logged] = [now, 0];
  if (body !== null && logged++ < LOGGED_PER_MINUTE) log.warn({ report: summary(body) }, "content security policy violated");
  return new Response(null, { status: 204 });
}

function summary(body: string): Record<string, string> | null {
  try {
    const report = (JSON.parse(body) as { "csp-report"?: Record<string, unknown> })["csp-report"] ?? {};
    const text = (field: string) => String(report[field] ?? "").slice(0, 200);
    return { directive: text("violated-directive"), blocked: originOf(text("blocked-uri")), line: text("line-number") };
  } catch {
    return null;
  }
}

/** `inline`, `eval`, or an origin. */
const originOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).origin : uri.slice(0, 20));
