import { verify } from "node:crypto";
import type { World } from "../core/world.ts";
import { cut, send, sendEmpty, sendJson, sleep, TooLarge, type Call } from "../core/http.ts";
import { numberParam } from "../core/faults.ts";
import { rubles } from "../core/money.ts";
import type { Kkt } from "./register.ts";
import { GROUPS, type DocumentKind, type Fate, type OrangeState, type StoredDocument } from "./state.ts";
import { checkCorrection, checkCorrection12, checkEnvelope, checkReceipt, hasExponent, isObject } from "./validate.ts";

const MAX_BODY = 512 * 1024;
const SIGNATURE_ERROR = "Подпись не прошла проверку";

export type Orange = { world: World; state: OrangeState; kkt: Kkt; sendCallback(d: StoredDocument): Promise<void> };

/** The API behind one door; `path` begins with /api/v2, `trusted` tells that the client certificate was right. */
export async function orangeApi(o: Orange, call: Call, path: string, trusted: boolean): Promise<void> {
  const take = (fault: string) => o.world.faults.take("orange", fault, path);
  if (!trusted || take("401")) return sendEmpty(call, 401);
  const slow = take("slow");
  if (slow) {
    o.world.log("orange", "held", { path });
    await sleep(numberParam(slow, "seconds", 60, 600) * 1000);
  }
  if (take("500")) return send(call, 500, "text/plain; charset=utf-8", "Internal Server Error");
  if (take("garbage_html")) return send(call, 502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>");

  const status = /^\/api\/v2\/(documents|corrections|correction12)\/(\d{10,12})\/status\/([^/]+)$/.exec(path);
  const devices = /^\/api\/v2\/devices\/status\/(\d{10,12})\/([^/]+)$/.exec(path);
  if (call.method === "POST") {
    const kind = /^\/api\/v2\/(documents|corrections|correction12|check)\/$/.exec(path)?.[1];
    if (kind) return post(o, call, path, kind as DocumentKind | "check");
  } else if (call.method === "GET") {
    if (path === "/api/v2/") return send(call, 200, "text/plain; charset=utf-8", "Nebula.Api v2");
    if (status) return showStatus(o, call, status[1] as DocumentKind, status[2] ?? "", decode(status[3] ?? ""));
    if (devices) return showDevices(o, call, devices[1] ?? "", decode(devices[2] ?? ""));
  }
  sendEmpty(call, 404);
}

async function post(o: Orange, call: Call, path: string, kind: DocumentKind | "check"): Promise<void> {
  const take = (fault: string) => o.world.faults.take("orange", fault, path);
  let raw: Buffer;
  try {
    raw = await call.body(MAX_BODY);
  } catch (error) {
    if (error instanceof TooLarge) return sendEmpty(call, 413);
    throw error;
  }
  const busy = take("503_retry_after");
  if (busy) {
    o.world.log("orange", "503", { path });
    return send(call, 503, "application/json; charset=utf-8", JSON.stringify({ errors: ["Очередь документов переполнена"] }), {
      "Retry-After": String(Math.ceil(numberParam(busy, "retryAfter", 5, 3600))),
    });
  }
  if (take("400_validation")) return refuse(o, call, ["Не указан идентификатор документа 'Id'", "Отсутствует содержимое документа 'Content'"]);
  const text = raw.toString("utf8");
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse(o, call, ["Некорректный формат документа"]);
  }
  if (!isObject(body)) return refuse(o, call, ["Некорректный формат документа"]);
  if (!signed(o, body.key ?? body.inn, raw, call.req.headers["x-signature"])) return refuse(o, call, [SIGNATURE_ERROR]);
  const group = typeof body.group === "string" ? body.group : "Main";
  if (kind === "check") return sendEmpty(call, organization(o, body.inn) && GROUPS.includes(group) ? 200 : 400);

  const errors = checkEnvelope(body, GROUPS);
  if (hasExponent(text)) errors.push("Недопустимая запись числа");
  const inn = String(body.inn);
  if (errors.length === 0 && !organization(o, inn)) errors.push("Организация не найдена");
  if (errors.length > 0) return refuse(o, call, errors);
  const id = String(body.id);
  if (o.kkt.find(inn, id) || take("409")) return sendEmpty(call, 409);
  const content = body.content as Record<string, unknown>;
  const checked = kind === "corrections" ? checkCorrection(content) : kind === "correction12" ? checkCorrection12(content, group) : checkReceipt(content, group);
  if (checked.errors.length > 0) return refuse(o, call, checked.errors);

  const document = o.kkt.enqueue({
    kind,
    inn,
    id,
    group,
    meta: typeof body.meta === "string" ? body.meta : null,
    callbackUrl: typeof body.callbackUrl === "string" ? body.callbackUrl : null,
    content,
    total: checked.total,
    change: checked.change,
    fate: fateOf(o, path, group),
  });
  o.world.log("orange", "taken", { id, inn, kind, total: checked.total.toString(), fate: document.fate });
  if (document.callbackUrl && take("callback_early")) await o.sendCallback(document);
  const lost = take("timeout_after_store");
  if (lost) {
    await sleep(numberParam(lost, "seconds", 0, 600) * 1000);
    return cut(call);
  }
  if (take("500_after")) return send(call, 500, "text/plain; charset=utf-8", "Internal Server Error");
  sendEmpty(call, 201);
}

function fateOf(o: Orange, path: string, group: string): Fate {
  const take = (fault: string) => o.world.faults.take("orange", fault, path) !== null;
  if (take("422")) return "422";
  if (take("524")) return "524";
  // A group without registers never answers (pitfall 4).
  return take("pending_forever") || !GROUPS.includes(group) ? "pending" : "done";
}

function refuse(o: Orange, call: Call, errors: string[]): void {
  o.world.log("orange", "400", { errors });
  sendJson(call, 400, { errors });
}

function signed(o: Orange, key: unknown, raw: Buffer, signature: string | string[] | undefined): boolean {
  if (typeof signature !== "string" || !/^[A-Za-z0-9+/]{300,}={0,2}$/.test(signature)) return false;
  const name = String(key);
  const pem = (Object.hasOwn(o.state.keys, name) ? o.state.keys[name] : undefined) ?? o.world.secrets.orange.signingPublicKeyPem;
  return verify("RSA-SHA256", raw, pem, Buffer.from(signature, "base64"));
}

function organization(o: Orange, inn: unknown): boolean {
  return o.state.organizations.some((org) => org.inn === inn);
}

/** The body of a finished document (section 6). */
export function statusBody(o: Orange, d: StoredDocument): Record<string, unknown> {
  const { fp, ...fiscal } = d.fiscal ?? { fp: "" };
  return {
    id: d.id,
    ...fiscal,
    ofdName: "ОФД «Песочница»",
    ofdWebsite: "www.ofd.example",
    ofdinn: "7709123453",
    fnsWebsite: "www.nalog.gov.ru",
    companyINN: d.inn,
    companyName: o.state.organizations.find((org) => org.inn === d.inn)?.name ?? "",
    content: d.content,
    change: Number(rubles(d.change)),
    fp,
    callbackUrl: d.callbackUrl,
    meta: d.meta,
  };
}

function showStatus(o: Orange, call: Call, kind: DocumentKind, inn: string, id: string): void {
  const d = o.kkt.find(inn, id);
  if (!organization(o, inn) || !d || d.kind !== kind) return sendJson(call, 400, { errors: ["Документ не найден"] });
  if (d.fiscal) return sendJson(call, 200, statusBody(o, d));
  if (o.world.clock.now() < d.readyAt || d.fate === "pending" || d.fate === "done") return sendEmpty(call, 202);
  if (d.fate === "524") return sendEmpty(call, 524);
  sendJson(call, 422, [{ position: 0, itemCode: "", checkResult: { fsCheckStatus: 1, fsCheckStatusCause: 0, fsItemCodeType: 1, checkResult: 3, oismCheckResultCode: 0 } }]);
}

function showDevices(o: Orange, call: Call, inn: string, group: string): void {
  if (!organization(o, inn) || !GROUPS.includes(group)) return sendJson(call, 400, { errors: ["Организация или группа не найдена"] });
  const cash = o.kkt.register(inn, group);
  const yearAhead = new Date(o.world.clock.now() + 365 * 86_400_000).toISOString().slice(0, 19);
  sendJson(call, 200, {
    devices: [
      { deviceSN: cash.deviceSN, fsNumber: cash.fsNumber, ofdName: "ОФД «Песочница»", ofdAddress: "ofd.example:7777", unsentDocumentsCount: 0, fsDocumentsCount: cash.documentNumber, fsExpirationDate: yearAhead },
    ],
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
