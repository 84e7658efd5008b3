import { handleExchange } from "@/lib/onec/index.ts";
import type { ExchangeAnswer } from "@/lib/onec/index.ts";
import type { TestContext } from "./context.ts";

export type OnecSession = { cookie: string; sessid: string };
type CallOptions = { session?: OnecSession | null; body?: Uint8Array; authorization?: string | null; cookie?: string | null; contentLength?: number };

/** 1C as the calls of the protocol, without HTTP around them. The strict client over HTTP is the sandbox's. */
export function onecClient(t: Pick<TestContext, "ctx">, login: string, password = "secret") {
  const basic = `Basic ${Buffer.from(`${login}:${password}`, "utf8").toString("base64")}`;

  async function call(query: string, options: CallOptions = {}): Promise<ExchangeAnswer> {
    const { session = null, body } = options;
    return handleExchange(t.ctx, {
      method: body ? "POST" : "GET",
      query: new URLSearchParams(session ? `${query}&sessid=${session.sessid}` : query),
      authorization: options.authorization === undefined ? basic : options.authorization,
      cookie: options.cookie === undefined ? (session ? `ONECSESSID=${session.cookie}` : null) : options.cookie,
      contentLength: options.contentLength ?? body?.length ?? null,
      body: pieces(body),
    });
  }

  async function open(): Promise<OnecSession> {
    const lines = (await call("type=sale&mode=checkauth")).body.split("\n");
    return { cookie: lines[2]!, sessid: lines[3]!.replace("sessid=", "") };
  }

  /** The file in pieces of `pieceBytes`; stops at the first answer that is no success, as 1C does. */
  async function send(session: OnecSession, name: string, bytes: Uint8Array, pieceBytes = 1024 * 1024): Promise<string> {
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      const answer = await call(`type=sale&mode=file&filename=${encodeURIComponent(name)}`, { session, body: bytes.subarray(from, from + pieceBytes) });
      if (!answer.body.startsWith("success")) return answer.body;
    }
    return "success";
  }

  /** Calls `import` while the answer is `progress`, at most 100 times. */
  async function load(session: OnecSession, name: string): Promise<string> {
    for (let round = 0; round < 100; round++) {
      const { body } = await call(`type=sale&mode=import&filename=${encodeURIComponent(name)}`, { session });
      if (!body.startsWith("progress")) return body;
    }
    throw new Error("import never ends");
  }

  /** A whole session of orders out of 1C. */
  async function give(bytes: Uint8Array, name = "orders-1.xml"): Promise<string> {
    const session = await open();
    const sent = await send(session, name, bytes);
    return sent === "success" ? load(session, name) : sent;
  }

  return { call, open, send, load, give };
}

async function* pieces(body: Uint8Array | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  for (let from = 0; body && from < body.length; from += 16_384) yield body.subarray(from, from + 16_384);
}
