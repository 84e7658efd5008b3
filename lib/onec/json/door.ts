/** The JSON exchange (json-api.md 3): a web request in, JSON out, whatever happens. */
import { actingAs } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { lengthHeaders } from "@/lib/kit/body-length.ts";
import { jsonAnswer } from "@/lib/kit/json-answer.ts";
import { newId } from "@/lib/kit/ids.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import { readBodyBytes } from "@/lib/kit/read-body.ts";
import { enterBase } from "../enter-base.ts";
import { logDoorCall } from "../log-call.ts";
import { assertNotTooOften } from "./call-limit.ts";
import { CallRefused, errorAnswer, refusalOf } from "./errors.ts";
import type { Operation, Reply } from "./operation.ts";
import { operations } from "./operations.ts";

export const PREFIX = "/api/1c/v1";

type Found = { operation: Operation; params: Record<string, string> };

/** Which call an address means, with or without a slash at its end (API-7). Throws 404 and 405. */
export function findOperation(method: string, pathname: string): Found {
  const path = pathname.slice(PREFIX.length).replace(/\/+$/, "");
  const parts = path.split("/");
  const fitting = operations.flatMap((operation) => {
    const params = match(operation.path.split("/"), parts);
    return params ? [{ operation, params }] : [];
  });
  const found = fitting.find(({ operation }) => operation.method === method);
  if (found) return found;
  if (fitting.length === 0) throw new CallRefused(404, `Адреса ${PREFIX}${path.slice(0, 80)} нет, все адреса: ${PREFIX}/docs`);
  const allowed = [...new Set(fitting.map(({ operation }) => operation.method))].join(", ");
  throw new CallRefused(405, `У адреса ${PREFIX}${path.slice(0, 80)} метод ${allowed}, а не ${method}`, {}, { allow: allowed });
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [at, want] of pattern.entries()) {
    const name = /^\{(\w+)\}$/.exec(want)?.[1];
    if (name === undefined ? want !== parts[at] : parts[at] === "") return null;
    if (name !== undefined) params[name] = decoded(parts[at]!);
  }
  return params;
}

function decoded(text: string): string {
  try {
    return storableText(decodeURIComponent(text));
  } catch {
    return text;
  }
}

const storableQuery = (query: URLSearchParams) => new URLSearchParams([...query].map(([name, value]) => [name, storableText(value)]));

/** One call. Never throws, never redirects: 1C follows none, and shows an empty body as a failed connection. */
export async function jsonDoor(ctx: Ctx, request: Request): Promise<Response> {
  const started = performance.now();
  const url = new URL(request.url);
  const mode = `${request.method} ${url.pathname.slice(PREFIX.length).split("/").slice(0, 3).join("/")}`;
  const requestId = newId();
  let baseId: string | null = null;
  let summary: string;
  let answer: Response;
  try {
    const entered = await enterBase(ctx, request.headers.get("authorization"), "json");
    if (entered.kind === "denied") throw entered.isKnown ? new CallRefused(403, entered.message) : new CallRefused(401, entered.message, {}, { "www-authenticate": 'Basic realm="1C"' });
    const { base } = entered;
    baseId = base.id;
    await assertNotTooOften(ctx, base);
    const { operation, params } = findOperation(request.method, url.pathname);
    const bytes = await readBytes(request, operation);
    const reply = await operation.run({ ctx: actingAs(ctx, { kind: "onec", connectionId: base.id }), base, params, query: storableQuery(url.searchParams), bytes, contentType: request.headers.get("content-type") ?? "" });
    ({ summary } = reply);
    answer = responseOf(reply);
  } catch (error) {
    const refused = refusalOf(error);
    if (refused.status >= 500) ctx.log.error({ err: error, requestId, mode }, "a call of the JSON exchange failed");
    summary = `${refused.status}: ${refused.message}`;
    answer = jsonAnswer(errorAnswer(refused.status, refused.message, requestId, refused.more), { status: refused.status, headers: refused.headers });
  } finally {
    // What is not read is let go, so that a refused body does not hold the connection.
    if (request.body && !request.body.locked) await request.body.cancel().catch(() => undefined);
  }
  if (baseId !== null) {
    const call = { base: { id: baseId }, door: "json", mode, isRefused: answer.status >= 400, summary, started };
    await logDoorCall(ctx, call).catch((error: unknown) => ctx.log.warn({ err: error, requestId }, "a call of the JSON exchange could not be written into the journal"));
  }
  return answer;
}

async function readBytes(request: Request, { body }: Operation): Promise<Buffer> {
  if (!body) return Buffer.alloc(0);
  if (/^(?:gzip|deflate|br|zstd)$/i.test(request.headers.get("content-encoding")?.trim() ?? "")) throw new CallRefused(415, "Сжатое тело не принимаем: отправьте без Content-Encoding");
  const bytes = await readBodyBytes(request, body.maxBytes);
  if (bytes === null) throw new CallRefused(413, `Тело больше ${Math.round(body.maxBytes / 1024 / 1024)} МБ: разбейте на части`);
  return bytes;
}

function responseOf(reply: Reply): Response {
  if ("json" in reply) return jsonAnswer(reply.json);
  const { bytes, mime, disposition } = reply.file;
  return new Response(new Uint8Array(bytes), {
    headers: { "content-type": mime, ...lengthHeaders(bytes.byteLength), "content-disposition": disposition, "cache-control": "no-store, no-transform", "x-content-type-options": "nosniff" },
  });
}
