/** «Проверить подключение»: a closed port, a refused certificate and a refused signature are different things to repair. */
import type { CashRegister } from "@/lib/fiscal/cash-register.ts";
import type { HttpAnswer } from "@/lib/kit/http.ts";
import { parseJsonExactly } from "@/lib/kit/json.ts";
import { writeBody } from "./body.ts";
import type { Client } from "./client.ts";
import { Devices } from "./wire.ts";

type Step = Awaited<ReturnType<CashRegister["check"]>>[number];
type Account = { inn: string; group: string; key: string };

export async function checkAccount(client: Client, account: Account, signal: AbortSignal): Promise<Step[]> {
  const reach = await timed(() => client.get("/api/v2/", signal));
  const reached = { name: "Адрес и порт", ms: reach.ms, ...reachAdvice(reach.answer) };
  if (!reached.ok) return [reached];
  const sign = await timed(() => client.post("/api/v2/check/", writeBody({ inn: account.inn, group: account.group, key: account.key }), signal));
  const signed = { name: "Сертификат и подпись", ms: sign.ms, ...signAdvice(sign.answer) };
  if (!signed.ok) return [reached, signed];
  const list = await timed(() => client.get(`/api/v2/devices/status/${account.inn}/${encodeURIComponent(account.group)}`, signal));
  return [reached, signed, { name: "Кассы группы", ms: list.ms, ...devicesAdvice(list.answer) }];
}

async function timed(call: () => Promise<HttpAnswer>) {
  const started = performance.now();
  const answer = await call();
  return { answer, ms: Math.round(performance.now() - started) };
}

const good = { ok: true, advice: null };
const bad = (advice: string) => ({ ok: false, advice });
const tls = "Сертификат не принят при соединении. Проверьте клиентский сертификат, его ключ и сертификат центра.";
const certificate = "Клиентский сертификат не принят. Выпустите новый в личном кабинете Orange Data и загрузите его.";

function reachAdvice(answer: HttpAnswer) {
  if (answer.kind === "answer") return answer.status === 401 || answer.status === 403 ? bad(certificate) : good;
  if (answer.kind === "unknown") return bad(`Соединение оборвалось (${answer.message}). Так бывает и тогда, когда сервер не принял клиентский сертификат.`);
  if (answer.reason === "tls") return bad(tls);
  if (answer.reason === "dns") return bad("Адрес не найден. Проверьте имя сервера и доступ в интернет.");
  return bad("Порт закрыт. Разрешите исходящие соединения на порт из адреса: это не 443.");
}

function signAdvice(answer: HttpAnswer) {
  if (answer.kind !== "answer") return bad(`Сервер не ответил (${answer.message}). Повторите проверку позже.`);
  if (answer.status === 200) return good;
  if (answer.status === 401 || answer.status === 403) return bad(certificate);
  if (answer.status === 400) return bad("Подпись, ИНН, группа или ключ не подошли. Проверьте, что открытый ключ загружен в кабинет.");
  return bad(`Неожиданный ответ: HTTP ${answer.status}.`);
}

function devicesAdvice(answer: HttpAnswer) {
  if (answer.kind !== "answer") return bad(`Сервер не ответил (${answer.message}). Повторите проверку позже.`);
  if (answer.status === 400) return bad("Группа касс не найдена. Проверьте название группы.");
  if (answer.status !== 200) return bad(`Неожиданный ответ: HTTP ${answer.status}.`);
  const read = Devices.safeParse(safeJson(answer.body));
  if (!read.success) return bad("Список касс не удалось прочитать.");
  return read.data.devices.length > 0 ? good : bad("В группе нет ни одной кассы: чеки будут ждать в очереди.");
}

function safeJson(body: string): unknown {
  try {
    return parseJsonExactly(body);
  } catch {
    return undefined;
  }
}
