import { httpCall, type HttpAnswer } from "@/lib/kit/http.ts";
import { done, refused, unknown, unreached, type Outcome } from "@/lib/kit/outcome.ts";
import type { z } from "zod";
import { faultOutcome, readAnswer, type Fault } from "./errors.ts";
import { basicAuth } from "./signature.ts";
import { Token } from "./wire.ts";

export type ClientConfig = {
  baseUrl: string;
  login: string;
  password: string;
  /** Payment statuses that mean «held, not taken yet» in this cabinet; empty for a one-stage cabinet. */
  heldStatuses?: readonly string[];
};
export type ClientDeps = { /** Only the age of the token is measured with it. */ now(): Date };
type Params = readonly (readonly [string, string])[];

/** The token changes about once per 24 h. */
const tokenAgeMsMax = 22 * 60 * 60 * 1000;

export type Client = ReturnType<typeof createClient>;

export function createClient(config: ClientConfig, deps: ClientDeps) {
  const base = config.baseUrl.replace(/\/+$/, "");
  const authorization = basicAuth(config.login, config.password);
  let cached: { token: string; at: number } | null = null;

  const form = (fields: Params) => ({
    headers: { "content-type": "application/x-www-form-urlencoded; charset=UTF-8", accept: "application/json" },
    body: new URLSearchParams(fields.map(([name, value]) => [name, value])).toString(),
  });

  async function get<T>(path: string, params: Params, shape: z.ZodType<T>, signal: AbortSignal): Promise<Outcome<T>> {
    const query = new URLSearchParams(params.map(([name, value]) => [name, value])).toString();
    const url = `${base}${path}${query && `?${query}`}`;
    const answer = await httpCall({ method: "GET", url, headers: { authorization, accept: "application/json" } }, signal);
    return settle(answer, shape, "read").outcome;
  }

  async function token(signal: AbortSignal, fresh: boolean): Promise<Outcome<string>> {
    const now = deps.now().getTime();
    if (!fresh && cached && now - cached.at < tokenAgeMsMax && now >= cached.at) return done(cached.token);
    const answer = await get("/info/settings/token/", [], Token, signal);
    if (answer.kind !== "done") return answer;
    cached = { token: answer.value.token, at: now };
    return done(answer.value.token);
  }

  /** A write of the cabinet API. Without a token nothing is sent, so a failing token means the write never ran. */
  async function post<T>(path: string, fields: Record<string, string>, shape: z.ZodType<T>, signal: AbortSignal): Promise<Outcome<T>> {
    for (const fresh of [false, true]) {
      const ticket = await token(signal, fresh);
      if (ticket.kind === "refused") return ticket;
      if (ticket.kind !== "done") return unreached(`no token: ${ticket.message}`);
      const sent = form([...Object.entries(fields), ["token", ticket.value]]);
      const answer = await httpCall({ method: "POST", url: `${base}${path}`, ...sent, headers: { ...sent.headers, authorization } }, signal);
      const { outcome, fault } = settle(answer, shape, "write");
      if (fault?.class !== "token_stale") return outcome;
    }
    return refused("auth", "a fresh token was refused");
  }

  /** The buyer's form, which takes neither Basic nor token: its `sign` is the credential. */
  async function create<T>(fields: Record<string, string>, shape: z.ZodType<T>, signal: AbortSignal): Promise<Outcome<T>> {
    const answer = await httpCall({ method: "POST", url: `${base}/create/`, ...form(Object.entries(fields)) }, signal);
    return settle(answer, shape, "write").outcome;
  }

  return { get, post, create, token, heldStatuses: config.heldStatuses ?? [] };
}

function settle<T>(answer: HttpAnswer, shape: z.ZodType<T>, did: "read" | "write"): { outcome: Outcome<T>; fault?: Fault } {
  if (answer.kind === "unreached") return { outcome: unreached(answer.message) };
  if (answer.kind === "unknown") return { outcome: unknown(answer.message) };
  const read = readAnswer({ status: answer.status, contentType: answer.headers["content-type"] ?? "", body: answer.body });
  if (!read.ok) return { outcome: faultOutcome(read.fault, did), fault: read.fault };
  const value = shape.safeParse(read.value);
  if (value.success) return { outcome: done(value.data) };
  // Valid JSON that we do not understand: after a write the work may be done.
  const where = value.error.issues[0]?.path.join(".") ?? "";
  return { outcome: unknown(`an answer of another form${where && ` at ${where}`}`) };
}
