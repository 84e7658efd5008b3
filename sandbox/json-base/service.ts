import { basicAuth, cut, same, send, sendJson, sleep, type Call } from "../core/http.ts";
import { numberParam } from "../core/faults.ts";
import { distrust } from "../core/standard-webhooks.ts";
import { readJson, textField } from "../core/structure.ts";
import { book, labelsOf, noteArrival } from "./book.ts";
import type { JsonBase } from "./engine.ts";
import type { ServiceCall } from "./state.ts";

const BODY_MAX = 256 * 1024;
const CALLS_KEPT = 500;
const SHOWN = 400;

/** `POST /<base>/hs/kopeyka/events`: the HTTP-сервис of the extension. Basic of a 1C user, then the signature, then the books. */
export async function takePush(base: JsonBase, call: Call): Promise<void> {
  const started = Date.now();
  const { state } = base;
  const note: ServiceCall = { at: base.now(), status: null, eventId: header(call, "webhook-id"), key: "", tookMs: 0, answer: "", why: "" };
  state.serviceCalls.unshift(note);
  state.serviceCalls.length = Math.min(state.serviceCalls.length, CALLS_KEPT);
  const finish = (status: number | null, answer: string, why: string) => {
    Object.assign(note, { status, answer: answer.slice(0, SHOWN), why, tookMs: Date.now() - started });
    base.touch();
  };
  const reply = (status: number, value: Record<string, unknown>, why = "") => {
    finish(status, JSON.stringify(value), why);
    sendJson(call, status, value);
  };
  const body = await call.body(BODY_MAX);
  if (base.take("down")) {
    finish(null, "", "сервис недоступен (переключатель)");
    return cut(call);
  }
  if (call.method !== "POST") return reply(405, { ok: false, msg: "Метод не поддерживается" });
  const user = basicAuth(call);
  const { login, password, signingSecret } = base.secrets().service;
  if (!user || !same(user.login, login) || !same(user.password, password)) {
    finish(401, "", "неверный пользователь 1С");
    return send(call, 401, "text/html; charset=utf-8", "<html><body><h1>401</h1>1C:Enterprise</body></html>", { "WWW-Authenticate": 'Basic realm="1C:Enterprise 8"' });
  }
  const slow = base.take("service_slow");
  if (slow) await sleep(numberParam(slow, "seconds", 5, 120) * 1000);
  if (base.take("service_500")) {
    finish(500, "Внутренняя ошибка сервера", "ошибка 500 (переключатель)");
    return send(call, 500, "text/html; charset=utf-8", "<html><body>Ошибка при выполнении запроса: {Сервис.Модуль(42)}: Недостаточно прав</body></html>");
  }
  const doubt = distrust(signingSecret, { id: note.eventId, timestamp: header(call, "webhook-timestamp"), signature: header(call, "webhook-signature") }, body, base.now(), state.settings.pushToleranceSeconds);
  if (doubt !== null) return reply(403, { ok: false, msg: `Сообщение не принято: ${doubt}` }, doubt);
  write(base, body, note, reply, () => {
    finish(null, "", "база упала (переключатель)");
    cut(call);
  });
}

function write(base: JsonBase, body: Buffer, note: ServiceCall, reply: (status: number, value: Record<string, unknown>, why?: string) => void, die: () => void): void {
  const { state } = base;
  let labels = { key: "", type: "", orderNumber: "" };
  const arrived = (outcome: "booked" | "known" | "noted" | "refused" | "lost", why = "") => noteArrival(state, { at: base.now(), way: "push", ...labels, outcome, note: why });
  try {
    const event = readJson(body.toString("utf8"));
    labels = labelsOf(event);
    note.key = labels.key;
    if (textField(event, "id") !== note.eventId) throw new Error("id события не равен webhook-id");
    if (base.take("service_die_before_booking")) {
      arrived("lost", "база упала до записи");
      return die();
    }
    const refuse = base.take("service_refuse");
    const { outcome, number } = book(state, event, base.now(), refuse ? String(refuse.params.msg ?? "Период закрыт для изменений") : null);
    arrived(outcome);
    if (base.take("service_die_after_booking")) return die();
    reply(200, number === "" ? { ok: true } : { ok: true, number }, outcome === "known" ? "уже учтено" : "");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    arrived("refused", why);
    reply(200, { ok: false, msg: why }, why);
  }
}

const header = (call: Call, name: string): string => {
  const value = call.req.headers[name];
  return typeof value === "string" ? value : "";
};
