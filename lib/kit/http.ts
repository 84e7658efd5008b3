/** One bounded HTTP call of an adapter: limits on time and size, no redirects, and an honest answer to "did it run?". Node only. */
import { Agent, request } from "undici";
import type { Dispatcher } from "undici";
import { tapHttp } from "./http-tap.ts";

export type HttpCall = {
  method: "GET" | "POST";
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Text of these bytes is returned; more than `sizeMax` of the answer makes the call unknown. */
  sizeMax?: number;
  /** The status says all that is asked: a longer answer is cut there and still an answer. */
  isCut?: boolean;
  totalMs?: number;
  dispatcher?: Dispatcher;
};

/** `unreached` = no byte of the request left, so it is safe to repeat. `tls` also covers a refused client certificate. */
export type HttpAnswer =
  | { kind: "answer"; status: number; headers: Record<string, string>; body: string }
  | { kind: "unreached"; reason: "dns" | "refused" | "timeout" | "tls" | "aborted"; message: string }
  | { kind: "unknown"; message: string };

export const connectMs = 4_000;
const totalMsDefault = 20_000;
const sizeMaxDefault = 2 * 1024 * 1024;

/** Certificates and limits of one service. `connections` bounds how many sockets it may hold. */
export const httpAgent = (options: { cert?: string; key?: string; passphrase?: string; ca?: string; connections?: number } = {}): Agent =>
  new Agent({
    connections: options.connections ?? 8,
    connect: {
      timeout: connectMs,
      ...(options.cert === undefined ? {} : { cert: options.cert }),
      ...(options.key === undefined ? {} : { key: options.key }),
      ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
  });

const plainAgent = httpAgent({ connections: 16 });

export async function httpCall(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
  const answer = await httpOnce(call, signal);
  tapHttp(call.method, call.url, call.body, answer.kind === "answer" ? `${answer.status}\n\n${answer.body}` : `${answer.kind}: ${answer.message}`);
  return answer;
}

async function httpOnce(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
  if (signal.aborted) return { kind: "unreached", reason: "aborted", message: "canceled before sending" };
  const totalMs = call.totalMs ?? totalMsDefault;
  const sizeMax = call.sizeMax ?? sizeMaxDefault;
  try {
    const answer = await request(call.url, {
      method: call.method,
      headers: call.headers ?? {},
      body: call.body === undefined ? null : Buffer.from(call.body, "utf8"),
      signal: AbortSignal.any([signal, AbortSignal.timeout(totalMs)]),
      dispatcher: call.dispatcher ?? plainAgent,
      headersTimeout: totalMs,
      bodyTimeout: totalMs,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > sizeMax && call.isCut) {
        answer.body.destroy();
        chunks.push(chunk.subarray(0, chunk.length - (size - sizeMax)));
        break;
      }
      if (size > sizeMax) {
        answer.body.destroy();
        return { kind: "unknown", message: `the answer is larger than ${sizeMax} bytes` };
      }
      chunks.push(chunk);
    }
    const headers = Object.fromEntries(
      Object.entries(answer.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value]])),
    );
    return { kind: "answer", status: answer.statusCode, headers, body: Buffer.concat(chunks).toString("utf8") };
  } catch (error) {
    return explain(error);
  }
}

const dnsCodes = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA", "ERR_INVALID_URL", "UND_ERR_INVALID_ARG"]);
const refusedCodes = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]);
const timeoutCodes = new Set(["UND_ERR_CONNECT_TIMEOUT"]);
/** One side refused the other's certificate or version, so no request was served; other TLS faults may come later. */
const tlsCodes = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS_CERT|HOSTNAME_MISMATCH|ERR_OSSL_|ERR_SSL_.*(?:CERT|UNKNOWN_CA|HANDSHAKE|VERSION|ACCESS_DENIED))/;

function explain(error: unknown): HttpAnswer {
  const code = codeOf(error);
  const message = code || (error instanceof Error ? error.name : "failed");
  if (dnsCodes.has(code)) return { kind: "unreached", reason: "dns", message };
  if (refusedCodes.has(code)) return { kind: "unreached", reason: "refused", message };
  if (timeoutCodes.has(code)) return { kind: "unreached", reason: "timeout", message };
  if (tlsCodes.test(code)) return { kind: "unreached", reason: "tls", message };
  return { kind: "unknown", message };
}

/** The message is left out on purpose: it may repeat URLs and headers. */
function codeOf(error: unknown, depth = 0): string {
  if (typeof error !== "object" || error === null || depth > 3) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  if ("errors" in error && Array.isArray(error.errors)) return codeOf(error.errors[0], depth + 1);
  return "cause" in error ? codeOf(error.cause, depth + 1) : "";
}
