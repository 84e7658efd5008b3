/** The site side of the stock exchange (commerceml.md 3): one door, Basic credentials, a session, a mode, a plain text answer. */
import type { OpenConnection } from "@/lib/connections/index.ts";
import { actingAs } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { baseSettings } from "./base-settings.ts";
import { findBaseByCredentials, readBasic } from "./authenticate.ts";
import { WRONG_LOGIN_PAUSE_MS } from "./enter-base.ts";
import { humanPage, ofMalformed, plain } from "./exchange-answers.ts";
import type { Handled } from "./exchange-answers.ts";
import { runMode } from "./exchange-modes.ts";
import { logCall, logRefusedLogin } from "./log-call.ts";
import type { PieceBody } from "./receive-piece.ts";
import { cookieOf, findSession } from "./sessions.ts";
import { failure } from "./wire/index.ts";

export type ExchangeRequest = {
  method: string;
  query: URLSearchParams;
  authorization: string | null;
  cookie: string | null;
  /** Declared size of the body, when the client told it. */
  contentLength: number | null;
  body: PieceBody;
};
export type ExchangeAnswer = { status: number; headers: Record<string, string>; body: string };

export type Call = {
  type: "sale" | "catalog";
  mode: string;
  request: ExchangeRequest;
  param(name: string): string;
};

/** Never throws: what goes wrong is an answer that 1C writes into its log (CML-6), and a line in ours. */
export async function handleExchange(ctx: Ctx, request: ExchangeRequest): Promise<ExchangeAnswer> {
  const started = performance.now();
  const { query } = request;
  const [type, mode] = [query.get("type") ?? "", query.get("mode") ?? ""];
  // A person opened the address in a browser: no login prompt, nothing to log.
  if (type === "" || mode === "") return humanPage();
  let base: OpenConnection | null = null;
  try {
    const entered = await enter(ctx, request, mode);
    if (entered.kind === "denied") return entered.answer;
    base = entered.base;
    const inside = actingAs(ctx, { kind: "onec", connectionId: base.id });
    const handled =
      type === "sale" || type === "catalog"
        ? await runMode(inside, base, baseSettings(base), entered.sessionId, { type, mode, request, param: (name) => query.get(name) ?? "" })
        : plain(failure("Неизвестный тип обмена"), `Неизвестный тип обмена «${type.slice(0, 20)}»`);
    await logCall(inside, { base, type, mode, handled, started });
    return handled.answer;
  } catch (error) {
    const handled = ofMalformed(error) ?? internalError(ctx, error, mode);
    if (base) await logCall(ctx, { base, type, mode, handled, started }).catch(() => undefined);
    return handled.answer;
  }
}

function internalError(ctx: Ctx, error: unknown, mode: string): Handled {
  ctx.log.error({ err: error, mode }, "the exchange with 1C failed");
  return plain(failure("Внутренняя ошибка сайта, повторите обмен"), "Внутренняя ошибка, подробности в журнале сервера");
}

type Entered = { kind: "in"; base: OpenConnection; sessionId: string | null } | { kind: "denied"; answer: ExchangeAnswer };

/** CML-3, CML-4: credentials or a live session; wrong credentials are refused whatever else came along. */
async function enter(ctx: Ctx, request: ExchangeRequest, mode: string): Promise<Entered> {
  const credentials = readBasic(request.authorization);
  if (request.authorization !== null) {
    const base = credentials && (await findBaseByCredentials(ctx, credentials));
    if (!base) {
      await logRefusedLogin(ctx, mode);
      await new Promise((resolve) => setTimeout(resolve, WRONG_LOGIN_PAUSE_MS));
      return denied("Неверный логин или пароль обмена");
    }
    if (!baseSettings(base).doors.includes("commerceml")) return denied(`Для базы «${base.name}» стандартный обмен выключен`);
    if (mode === "checkauth") return { kind: "in", base, sessionId: null };
    const session = await findSession(ctx, keysOf(request), base);
    return { kind: "in", base, sessionId: session?.sessionId ?? null };
  }
  const session = mode === "checkauth" ? null : await findSession(ctx, keysOf(request), null);
  if (!session) return denied("Укажите логин и пароль обмена");
  if (!baseSettings(session.base).doors.includes("commerceml")) return denied(`Для базы «${session.base.name}» стандартный обмен выключен`);
  return { kind: "in", base: session.base, sessionId: session.sessionId };
}

const keysOf = ({ cookie, query }: ExchangeRequest) => ({ cookie: cookieOf(cookie), sessid: query.get("sessid") || null });

function denied(reason: string): Entered {
  const { answer } = plain(failure(reason), reason);
  return { kind: "denied", answer: { ...answer, status: 401, headers: { ...answer.headers, "www-authenticate": 'Basic realm="1C"' } } };
}

