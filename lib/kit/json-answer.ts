import { lengthHeaders } from "./body-length.ts";

/**
 * An answer to a program: JSON with its exact length, never cached and never changed on the way (a proxy that compresses would take the
 * length away, and old 1C platforms wait for it).
 */
export function jsonAnswer(value: unknown, { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {}): Response {
  const body = Buffer.from(JSON.stringify(value), "utf8");
  return new Response(body, {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...lengthHeaders(body.byteLength), "cache-control": "no-store, no-transform", "x-content-type-options": "nosniff", ...headers },
  });
}
