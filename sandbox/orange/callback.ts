import type { World } from "../core/world.ts";
import { jsonBigint } from "../core/http.ts";
import { safeLink } from "../core/page.ts";

const TIMEOUT_MS = 10_000;

/** POSTs the result once; the vendor documents neither payload nor retries, so it is only a hint. */
export async function postCallback(world: World, url: string, body: unknown): Promise<void> {
  const target = safeLink(url);
  if (!target) return;
  try {
    const answer = await fetch(target, {
      method: "POST",
      redirect: "manual",
      headers: { "Content-Type": "application/json; charset=utf-8" },
      body: JSON.stringify(body, jsonBigint),
      signal: AbortSignal.any([world.closing, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await answer.body?.cancel();
    world.log("orange", "callback", { url: target, status: answer.status });
  } catch (error) {
    world.log("orange", "callback", { url: target, error: String(error) });
  }
}
