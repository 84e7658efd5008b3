import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { WireStep } from "../core/steps.ts";

const TIMEOUT_MS = 180_000;
const MAX_ANSWER = 64 * 1024 * 1024;
const SHOWN = 2000;

export type Answer = { status: number; contentType: string; bytes: Buffer };

export type Wire = {
  get(query: string, cookie: string | null): Promise<Answer>;
  post(query: string, cookie: string | null, body: Buffer): Promise<Answer>;
  /** At Bitrix's own path, whatever path the user typed. */
  getBitrix(query: string, cookie: string | null): Promise<Answer>;
  steps: WireStep[];
};

export type Node1C = { url: string; login: string; password: string; signal: AbortSignal };

/** The node's address as УТ takes it: no path typed = the Bitrix one; `?` is not allowed. */
export function exchangeAddress(typed: string): string {
  if (typed.includes("?")) throw new Error("адрес обмена не должен содержать «?»");
  const url = new URL(typed);
  return url.pathname === "/" || url.pathname === "" ? `${url.origin}/bitrix/admin/1c_exchange.php` : url.href;
}

/** HTTP as the 1C platform does it: Basic on every call, our own Cookie header, no redirects, 180 s. */
export function openWire(node: Node1C): Wire {
  const address = exchangeAddress(node.url);
  const authorization = `Basic ${Buffer.from(`${node.login}:${node.password}`, "utf8").toString("base64")}`;
  const steps: WireStep[] = [];

  async function call(method: "GET" | "POST", query: string, cookie: string | null, body?: Buffer, at = address): Promise<Answer> {
    const step: WireStep = { request: `${method} ${new URL(at).pathname}?${query}${body ? ` (${body.length} байт)` : ""}`, status: null, answer: "" };
    steps.push(step);
    try {
      const answer = await send(method, `${at}?${query}`, cookie, body);
      step.status = answer.status;
      step.answer = preview(answer);
      if (answer.bytes.length === 0) throw new Error(`пустой ответ сайта (HTTP ${answer.status})`);
      return answer;
    } catch (error) {
      step.error = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  function send(method: string, url: string, cookie: string | null, body?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = url.startsWith("https:") ? httpsRequest : httpRequest;
      const headers: Record<string, string> = { Authorization: authorization, "User-Agent": "1C+Enterprise/8.3" };
      if (cookie !== null) headers.Cookie = cookie;
      if (body) headers["Content-Length"] = String(body.length);
      const signal = AbortSignal.any([node.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const req = request(url, { method, headers, agent: false, signal }, (res) => {
        const chunks: Buffer[] = [];
        let size = 0;
        res.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER) req.destroy(new Error("ответ сайта слишком велик"));
          else chunks.push(chunk);
        });
        res.on("end", () => resolve({ status: res.statusCode ?? 0, contentType: res.headers["content-type"] ?? "", bytes: Buffer.concat(chunks) }));
        res.on("error", reject);
      });
      req.on("error", reject);
      req.end(body);
    });
  }

  return {
    steps,
    get: (query, cookie) => call("GET", query, cookie),
    post: (query, cookie, body) => call("POST", query, cookie, body),
    getBitrix: (query, cookie) => call("GET", query, cookie, undefined, `${new URL(address).origin}/bitrix/admin/1c_exchange.php`),
  };
}

/** Text by the charset of the HTTP header, UTF-8 if none; a BOM stays in, as it does in 1C. */
export function textOfAnswer(answer: Answer): string {
  const charset = /charset=["']?([\w-]+)/i.exec(answer.contentType)?.[1] ?? "utf-8";
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(charset, { ignoreBOM: true });
  } catch {
    throw new Error(`неизвестная кодировка ответа «${charset}»`);
  }
  return decoder.decode(answer.bytes);
}

function preview(answer: Answer): string {
  if (answer.bytes.subarray(0, 2).toString("latin1") === "PK") return `архив, ${answer.bytes.length} байт`;
  const text = answer.bytes.subarray(0, SHOWN).toString("utf8").replace(/^(success\n[^\n]*\n)[^\n]+/, "$1…");
  return answer.bytes.length > SHOWN ? `${text}…` : text;
}
