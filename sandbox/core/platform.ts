import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { encode } from "iconv-lite";

/** `Новый HTTPСоединение(…)`: where code in a 1C base connects, and how it signs in. */
export type Connection1C = {
  address: string;
  login: string;
  password: string;
  /** Sent as `Bearer` instead of the pair when it is not empty. */
  token?: string;
  /** The platform sends Basic at once or after the challenge: unconfirmed, so both can be played. */
  waitForChallenge?: boolean;
  loginEncoding?: "utf-8" | "windows-1251";
  timeoutSeconds?: number;
  signal: AbortSignal;
};

export type Request1C = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  resource: string;
  headers?: Record<string, string>;
  body?: Buffer;
  /** The call reaches the site, its answer does not reach us. */
  loseAnswer?: boolean;
};

export type Response1C = { status: number; contentType: string; text: string; headers: IncomingMessage["headers"] };

const MAX_ANSWER = 64 * 1024 * 1024;

/** HTTP as the platform does it: no redirects, one connection per object, text by the charset of Content-Type. Throws like it. */
export async function callSite(to: Connection1C, call: Request1C): Promise<Response1C> {
  const first = await once(to, call, to.waitForChallenge !== true);
  if (!to.waitForChallenge || first.status !== 401) return first;
  if (!/^Basic /i.test(first.headers["www-authenticate"] ?? "")) throw new Error("HTTP 401 без вызова Basic: платформе нечем ответить");
  return once(to, call, true);
}

function once(to: Connection1C, { method, resource, headers = {}, body, loseAnswer }: Request1C, signIn: boolean): Promise<Response1C> {
  const url = new URL(resource, to.address);
  const signal = AbortSignal.any([to.signal, AbortSignal.timeout((to.timeoutSeconds ?? 60) * 1000)]);
  const all: Record<string, string> = { ...headers, "User-Agent": "1C+Enterprise/8.3" };
  if (signIn) all.Authorization = authorization(to);
  if (body) all["Content-Length"] = String(body.length);
  return new Promise((resolve, reject) => {
    const req = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, { method, headers: all, agent: false, signal }, (res) => {
      if (loseAnswer) return void req.destroy(new Error("связь оборвалась: ответ сайта потерян"));
      const chunks: Buffer[] = [];
      let size = 0;
      res.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER) req.destroy(new Error("ответ сайта слишком велик"));
        else chunks.push(chunk);
      });
      // A throw inside the event would end the process, not this call.
      res.on("end", () => {
        try {
          resolve(response(res, Buffer.concat(chunks)));
        } catch (error) {
          reject(error);
        }
      });
      res.on("error", reject);
    });
    req.on("error", reject);
    if (!body) return void req.end();
    if (all.Expect === undefined) return void req.end(body);
    req.flushHeaders();
    req.once("continue", () => req.end(body));
  });
}

function authorization({ login, password, token, loginEncoding }: Connection1C): string {
  if (token) return `Bearer ${token}`;
  return `Basic ${encode(`${login}:${password}`, loginEncoding === "windows-1251" ? "win1251" : "utf8").toString("base64")}`;
}

function response(res: IncomingMessage, bytes: Buffer): Response1C {
  const status = res.statusCode ?? 0;
  if (status >= 300 && status < 400) throw new Error(`HTTP ${status}: сайт перенаправил на ${res.headers.location ?? "?"}, а платформа по перенаправлениям не ходит`);
  const contentType = res.headers["content-type"] ?? "";
  const charset = /charset=["']?([\w-]+)/i.exec(contentType)?.[1] ?? "utf-8";
  return { status, contentType, headers: res.headers, text: new TextDecoder(charset, { ignoreBOM: true }).decode(bytes) };
}

/** `УстановитьТелоИзСтроки`: UTF-8, with a byte order mark when the code asked for it. */
export const bodyOf = (text: string, bom = false): Buffer => Buffer.from(bom ? `\uFEFF${text}` : text, "utf8");
