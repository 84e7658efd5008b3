import { bodyOf, callSite, type Connection1C, type Response1C } from "../core/platform.ts";
import type { WireStep } from "../core/steps.ts";
import { readJson, type Structure } from "../core/structure.ts";
import type { JsonSettings } from "./state.ts";

export const PREFIX = "/api/1c/v1";
const SHOWN = 2000;
const STEPS_MAX = 200;

/** An answer with an error status: the programmer's code shows `msg`. */
export class SiteError extends Error {
  readonly status: number;
  readonly answer: Structure | null;
  constructor(status: number, message: string, answer: Structure | null) {
    super(message);
    this.status = status;
    this.answer = answer;
  }
}

export type Site = {
  steps: WireStep[];
  warnings: string[];
  get(resource: string): Promise<Structure>;
  post(resource: string, data: unknown, options?: { loseAnswer?: boolean }): Promise<Structure>;
  /** Any bytes of any kind: files and statements. */
  send(method: "POST" | "PUT" | "DELETE", resource: string, bytes: Buffer | undefined, contentType: string): Promise<Structure>;
};

/** The programmer's `Вызвать(…)` of one run: reads the body whatever the status, and lets an error name its `msg`. */
export function openSite(to: Connection1C, settings: JsonSettings): Site {
  const steps: WireStep[] = [];
  const warnings: string[] = [];

  async function call(method: "GET" | "POST" | "PUT" | "DELETE", resource: string, headers: Record<string, string>, body?: Buffer, loseAnswer = false): Promise<Structure> {
    const step: WireStep = { request: `${method} ${decodeURI(resource)}${body ? ` (${body.length} байт)` : ""}`, status: null, answer: "" };
    if (steps.length < STEPS_MAX) steps.push(step);
    try {
      const answer = await callSite(to, { method, resource, headers: { Accept: "application/json", ...headers }, ...(body && { body }), loseAnswer });
      step.status = answer.status;
      step.answer = answer.text.slice(0, SHOWN);
      complain(answer, warnings);
      const value = readJson(answer.text);
      if (answer.status >= 400) throw new SiteError(answer.status, `HTTP ${answer.status}: ${String(value.msg ?? "без msg")}`, value);
      return value;
    } catch (error) {
      step.error = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  const careless = settings.style === "careless";
  return {
    steps,
    warnings,
    get: (resource) => call("GET", resource, {}),
    post: (resource, data, options) =>
      call("POST", resource, careless ? {} : { "Content-Type": "application/json; charset=utf-8" }, bodyOf(JSON.stringify(data), careless), options?.loseAnswer ?? false),
    send: (method, resource, bytes, contentType) => call(method, resource, { "Content-Type": contentType }, bytes),
  };
}

/** What a programmer would stumble over one day, though today's answer was readable. */
function complain({ contentType, headers, text, status }: Response1C, warnings: string[]): void {
  const note = (why: string) => void (warnings.includes(why) || warnings.push(why));
  if (!/^application\/json;\s*charset=utf-8$/i.test(contentType)) note(`Content-Type ответа «${contentType}», ожидался application/json; charset=utf-8`);
  if (headers["content-length"] === undefined) note("в ответе нет Content-Length");
  if (status >= 400 && !text.includes('"msg"')) note(`HTTP ${status} без msg`);
}
