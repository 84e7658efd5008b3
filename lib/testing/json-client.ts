import { jsonDoor } from "@/lib/onec/json/index.ts";
import type { TestContext } from "./context.ts";

export type JsonReply<T = Record<string, unknown>> = { status: number; json: T; headers: Headers };

type Options = { body?: unknown; bytes?: Uint8Array; authorization?: string | null; headers?: Record<string, string> };

/** The JSON exchange as a program of 1C calls it, without HTTP around it. `body` is sent as JSON, `bytes` as they are. */
export function jsonClient(t: Pick<TestContext, "ctx">, login: string, password = "secret") {
  const basic = `Basic ${Buffer.from(`${login}:${password}`, "utf8").toString("base64")}`;

  async function raw(method: string, path: string, options: Options = {}): Promise<Response> {
    const { authorization = basic, headers = {} } = options;
    const bytes = options.bytes ?? (options.body === undefined ? null : Buffer.from(JSON.stringify(options.body), "utf8"));
    return jsonDoor(
      t.ctx,
      new Request(`https://pay.test/api/1c/v1${path}`, { method, headers: { ...(authorization !== null && { authorization }), ...headers }, ...(bytes && { body: new Uint8Array(bytes) }) }),
    );
  }

  async function call<T = Record<string, unknown>>(method: string, path: string, options: Options = {}): Promise<JsonReply<T>> {
    const answer = await raw(method, path, options);
    return { status: answer.status, json: JSON.parse(await answer.text()) as T, headers: answer.headers };
  }

  return {
    raw,
    call,
    get: <T = Record<string, unknown>>(path: string) => call<T>("GET", path),
    post: <T = Record<string, unknown>>(path: string, body: unknown) => call<T>("POST", path, { body }),
  };
}
