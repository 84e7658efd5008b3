import type { Ctx } from "@/lib/context.ts";
import { httpCall } from "@/lib/kit/http.ts";
import type { HttpAnswer } from "@/lib/kit/http.ts";
import { newId } from "@/lib/kit/ids.ts";
import { redactJson } from "@/lib/kit/redact.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import { webhookHeaders } from "@/lib/kit/webhook-signature.ts";
import { appVersion } from "@/lib/version.ts";
import type { EventRow } from "./event-rows.ts";
import type { PushConsumer } from "./push-consumer.ts";
import { renderEvent } from "./render-event.ts";

/** json-api.md 5: time limit of one push. */
const LIMIT_MS = 30_000;
const ANSWER_MAX = 64 * 1024;
const TEXT_LIMIT = 16_000;

/** `refused`: it runs and says no, in its own words. `lost`: nobody knows whether it was taken; the key makes the next try harmless. */
export type Delivery = { kind: "taken"; number: string | null } | { kind: "refused" | "lost"; note: string };

/** One try of one event, and its line in the log of calls. */
export async function deliverEvent(ctx: Ctx, consumer: PushConsumer, event: EventRow & { orderId: string | null }): Promise<Delivery> {
  const at = ctx.now();
  const item = renderEvent(event, consumer.zone ?? ctx.zone);
  const body = JSON.stringify(item);
  // SEC-03: what is kept holds no buyer.
  const kept = event.document === null ? body : JSON.stringify({ ...item, document: redactJson(item["document"]) });
  const started = performance.now();
  const answer = await httpCall(
    {
      method: "POST", url: consumer.url, body, sizeMax: ANSWER_MAX, isCut: true, totalMs: LIMIT_MS,
      headers: {
        ...consumer.headers, ...(consumer.secret !== null && webhookHeaders(consumer.secret, { id: event.id, at, body })),
        "content-type": "application/json; charset=utf-8", accept: "application/json", "user-agent": `Kopeyka/${appVersion}`,
      },
    },
    AbortSignal.timeout(LIMIT_MS),
  );
  const delivery = readAnswer(consumer, answer);
  await ctx.database.sql`
    insert into exchange_log (id, connection_id, order_id, subject_id, at, action, request, answer, http_status, outcome, duration_ms)
    values (${newId()}, ${consumer.connectionId}, ${event.orderId}, ${event.id}, ${at}, 'feed.push', ${kept.slice(0, TEXT_LIMIT)},
      ${storableText(answer.kind === "answer" ? answer.body : answer.message).slice(0, TEXT_LIMIT)}, ${answer.kind === "answer" ? answer.status : null}, ${delivery.kind}, ${Math.round(performance.now() - started)})`;
  return delivery;
}

const NOTE_MAX = 500;

function readAnswer(consumer: PushConsumer, answer: HttpAnswer): Delivery {
  if (answer.kind === "unreached") return { kind: "lost", note: unreached[answer.reason] };
  if (answer.kind === "unknown") return { kind: "lost", note: "Ответа не было: связь прервалась или вышло время ожидания" };
  const { status, body } = answer;
  if (consumer.kind === "shop") return status >= 200 && status < 300 ? { kind: "taken", number: null } : { kind: "lost", note: `Сайт магазина ответил кодом ${status}` };
  const said = parsed(body);
  if (status === 200 && said?.ok === true) return { kind: "taken", number: textOf(said.number) };
  if (said?.ok === false) return { kind: "refused", note: (textOf(said.msg) ?? "1С отказала и не назвала причину").slice(0, NOTE_MAX) };
  return { kind: "lost", note: status === 200 ? "HTTP-сервис 1С ответил не по правилам: нужен JSON с полем ok" : status === 401 || status === 403 ? `HTTP-сервис 1С не принял логин или пароль (код ${status})` : `HTTP-сервис 1С ответил кодом ${status}` };
}

const unreached = {
  dns: "Адрес не найден", refused: "Сервер не принимает соединения", timeout: "Сервер не ответил вовремя", tls: "Не удалось установить защищённое соединение: проверьте сертификат", aborted: "Отправка прервана",
} as const;

function parsed(body: string): { ok?: unknown; number?: unknown; msg?: unknown } | null {
  try {
    const value: unknown = JSON.parse(body.replace(/^\uFEFF/, ""));
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** A number of a document may be a Число for its programmer. */
function textOf(value: unknown): string | null {
  const text = typeof value === "string" || typeof value === "number" ? storableText(String(value)).trim() : "";
  return text === "" ? null : text.slice(0, NOTE_MAX);
}
