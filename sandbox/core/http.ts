import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** One call being answered. */
export type Call = {
  req: IncomingMessage;
  res: ServerResponse;
  method: string;
  url: URL;
  path: string;
  /** Reads the body once; throws TooLarge over the bound. */
  body(maxBytes?: number): Promise<Buffer>;
};

export class TooLarge extends Error {}

const DEFAULT_BODY = 1024 * 1024;
const READ_TIMEOUT_MS = 30_000;

export function callOf(req: IncomingMessage, res: ServerResponse): Call {
  const url = new URL(req.url ?? "/", "http://sandbox.local");
  let read: Promise<Buffer> | null = null;
  return {
    req,
    res,
    method: req.method ?? "GET",
    url,
    path: url.pathname,
    body: (max = DEFAULT_BODY) => (read ??= readBounded(req, max)),
  };
}

function readBounded(req: IncomingMessage, max: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => reject(new TooLarge("body too slow")), READ_TIMEOUT_MS);
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > max) {
        clearTimeout(timer);
        req.removeAllListeners("data");
        req.resume();
        reject(new TooLarge("body too large"));
        return;
      }
      chunks.push(chunk);
    });
    req.on("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    req.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

export async function formOf(call: Call): Promise<URLSearchParams> {
  return new URLSearchParams((await call.body()).toString("utf8"));
}

/** The JSON or form body of a control call as a plain object. */
export async function inputOf(call: Call, maxBytes = DEFAULT_BODY): Promise<Record<string, unknown>> {
  const raw = (await call.body(maxBytes)).toString("utf8");
  if ((call.req.headers["content-type"] ?? "").includes("form-urlencoded")) {
    return Object.fromEntries(new URLSearchParams(raw));
  }
  if (raw.trim() === "") return {};
  const parsed: unknown = JSON.parse(raw);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new SyntaxError("object expected");
  return parsed as Record<string, unknown>;
}

export function isForm(call: Call): boolean {
  return (call.req.headers["content-type"] ?? "").includes("form-urlencoded");
}

export function send(call: Call, status: number, type: string, body: string | Buffer, headers: Record<string, string> = {}): void {
  const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
  call.res.writeHead(status, { "Content-Type": type, "Content-Length": String(bytes.length), "Cache-Control": "no-store", ...headers });
  call.res.end(call.method === "HEAD" ? undefined : bytes);
}

export function sendJson(call: Call, status: number, value: unknown): void {
  send(call, status, "application/json; charset=utf-8", JSON.stringify(value, jsonBigint));
}

export function sendEmpty(call: Call, status: number, headers: Record<string, string> = {}): void {
  call.res.writeHead(status, { "Content-Length": "0", ...headers });
  call.res.end();
}

export function sendHtml(call: Call, status: number, html: string): void {
  send(call, status, "text/html; charset=utf-8", html, {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
  });
}

export function redirect(call: Call, to: string): void {
  sendEmpty(call, 303, { Location: to });
}

/** Drops the connection as a lost answer looks to the client. */
export function cut(call: Call): void {
  call.req.socket.destroy();
}

export function jsonBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** A browser on another site must not move the sandbox: form posts and fetches carry Origin. */
export function foreignOrigin(call: Call): boolean {
  const origin = call.req.headers.origin;
  if (origin === undefined) return false;
  return origin !== `http://${call.req.headers.host ?? ""}`;
}

export function basicAuth(call: Call): { login: string; password: string } | null {
  const m = /^Basic\s+([A-Za-z0-9+/=]+)$/.exec(call.req.headers.authorization ?? "");
  if (!m?.[1]) return null;
  const text = Buffer.from(m[1], "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? null : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

export function same(a: string, b: string): boolean {
  const hash = (s: string) => createHash("sha256").update(s).digest();
  return timingSafeEqual(hash(a), hash(b));
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
