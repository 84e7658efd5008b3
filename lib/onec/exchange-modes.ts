import { setTimeout as pause } from "node:timers/promises";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatCount } from "@/lib/kit/format.ts";
import { MINUTE_MS, SECOND_MS, localText } from "@/lib/kit/time.ts";
import { answerQuery } from "./answer-query.ts";
import type { BaseSettings } from "./base-settings.ts";
import { confirmTaken } from "./confirm-taken.ts";
import { plain, xml } from "./exchange-answers.ts";
import type { Handled } from "./exchange-answers.ts";
import { wakeIdleFiles } from "./finish-idle-file.ts";
import type { Call } from "./handle-exchange.ts";
import type { ImportOutcome } from "./import-file.ts";
import { importInOrder } from "./import-in-order.ts";
import { receivePiece } from "./receive-piece.ts";
import { openSession } from "./sessions.ts";
import type { FoundSession } from "./sessions.ts";
import { checkauth, exchangeFileName, failure, init, progress, success, writeInfo, writeOrders } from "./wire/index.ts";

/** Below the 180 s that УТ waits; long enough that `progress` is no busy loop (commerceml.md 3.4). */
const IMPORT_BUDGET_MS = 20 * SECOND_MS;
/** One import works for so long at most, whoever waits for it. */
const WORK_BUDGET_MS = 10 * MINUTE_MS;
const BUSY_PAUSE_MS = 500;
const WARNINGS_SHOWN = 20;

const orders = (count: number) => formatCount(count, ["заказ", "заказа", "заказов"]);

export async function runMode(ctx: Ctx, base: OpenConnection, settings: BaseSettings, sessionId: string | null, call: Call): Promise<Handled> {
  if (call.mode === "checkauth") return signIn(ctx, base, call);
  // CML-4: the credentials were right; a client that has lost its session goes on in a new one.
  const session: FoundSession = { base, sessionId: sessionId ?? (await openSession(ctx, base.id, call.type)).sessionId };
  switch (call.mode) {
    case "init":
      return tellLimits(settings, call);
    case "file":
      return takeFile(ctx, session, settings, call);
    case "import":
      return call.type === "catalog" ? catalog(settings) : runImport(ctx, session, call.param("filename"));
    case "deactivate":
    case "complete":
      return plain(success(), "Завершение обмена");
  }
  if (call.type === "sale") {
    switch (call.mode) {
      case "query":
        return giveOrders(ctx, session, settings, call);
      case "success": {
        const count = await confirmTaken(ctx, session);
        return plain(success(), count > 0 ? `1С подтвердила загрузку: ${orders(count)}` : "1С подтвердила загрузку, новых заказов не было");
      }
      case "info":
        return xml(writeInfo(listsOf(settings)), "Переданы способы оплаты и статусы для настройки 1С");
    }
  }
  return plain(failure("Неизвестный режим"), `Неизвестный режим «${call.mode.slice(0, 20)}»`);
}

const listsOf = ({ offeredMethods, methodNames }: BaseSettings) => ({
  statuses: [{ id: "paid", name: "Оплачен" }, { id: "cancelled", name: "Отменен" }],
  paySystems: offeredMethods.map((code) => methodNames[code]),
  deliveries: [],
});

async function signIn(ctx: Ctx, base: OpenConnection, call: Call): Promise<Handled> {
  const session = await openSession(ctx, base.id, call.type);
  if (call.type === "sale") await wakeIdleFiles(ctx, base.id);
  return plain(checkauth(session), call.type === "catalog" ? "Проверка соединения или начало обмена товарами" : "1С начала обмен заказами");
}

function tellLimits({ zip, fileLimitBytes }: BaseSettings, { param }: Call): Handled {
  const [version, sessid] = [/^[\d.]{1,10}$/.exec(param("version"))?.[0], /^[\w-]{1,128}$/.exec(param("sessid"))?.[0]];
  const body = init({ zip, fileLimitBytes, ...(version && sessid && { bitrix: { sessid, version } }) });
  return plain(body, `Условия обмена: части до ${Math.floor(fileLimitBytes / 1024)}${NBSP}КБ, ${zip ? "в архиве" : "без архива"}`);
}

const catalog = ({ catalog: policy }: BaseSettings): Handled => {
  const said = policy === "refuse" ? "Каталог не принимается" : "Каталог сайту не нужен, файл пропущен";
  return plain(policy === "refuse" ? failure(said) : success(said), said);
};

async function takeFile(ctx: Ctx, session: FoundSession, settings: BaseSettings, call: Call): Promise<Handled> {
  if (call.request.method !== "POST") return plain(failure("Файл передаётся методом POST"), "Файл передан не методом POST");
  if (call.type === "catalog") return catalog(settings);
  const received = await receivePiece(ctx, session, settings, { filename: call.param("filename"), body: call.request.body, declaredBytes: call.request.contentLength });
  return received.ok ? plain(success(), received.note) : plain(failure(received.reason), received.reason);
}

async function runImport(ctx: Ctx, session: FoundSession, filename: string): Promise<Handled> {
  const name = exchangeFileName(filename)?.path;
  const file = name === undefined ? null : await findFile(ctx, session.sessionId, name);
  const until = performance.now() + IMPORT_BUDGET_MS;
  if (!file) {
    const unpacked = name === undefined ? null : await openArchives(ctx, session, name, until);
    return unpacked ? told(unpacked) : plain(failure(`Файл ${filename.slice(0, 80)} не передавался`), `Запрошена загрузка файла, которого нет: ${filename.slice(0, 80)}`);
  }
  return told(await importWithin(ctx, session.base, file.id, until));
}

const findFile = async (ctx: Ctx, sessionId: string, name: string) =>
  (await ctx.database.sql<{ id: string }[]>`select id from onec_files where session_id = ${sessionId} and name = ${name}`)[0] ?? null;

/** With `zip=yes` 1C asks for the files inside the archive; the archive is loaded as a whole at the first of them. */
async function openArchives(ctx: Ctx, session: FoundSession, name: string, until: number): Promise<ImportOutcome | null> {
  const { sql } = ctx.database;
  const archives = await sql<{ id: string }[]>`
    select id from onec_files where session_id = ${session.sessionId} and lower(name) like '%.zip' order by created_at limit 20`;
  for (const { id } of archives) {
    const outcome = await importWithin(ctx, session.base, id, until);
    if (outcome.kind === "progress") return outcome;
    const [archive] = await sql<{ state: string; entries: string[] | null }[]>`select state, entries from onec_files where id = ${id}`;
    if (archive?.entries?.includes(name) || archive?.state === "failed") return outcome;
  }
  return null;
}

/**
 * The work goes on after `progress` was said, and the next call finds it further: begun anew it would read all that is done once more, and
 * a file of 100 000 orders would never end. Another call that works on the same file is waited for, or 1C would ask again at once.
 */
async function importWithin(ctx: Ctx, base: OpenConnection, fileId: string, until: number): Promise<ImportOutcome> {
  for (;;) {
    const work = importInOrder(ctx, base, fileId, WORK_BUDGET_MS);
    // Nobody may be waiting for it any more when it fails; the next call begins where it stopped.
    work.catch((error: unknown) => ctx.log.error({ err: error, fileId }, "an import of a file of 1C failed"));
    const answered = new AbortController();
    const late = pause(Math.max(0, until - performance.now()), null, { signal: answered.signal }).catch(() => null);
    const outcome = (await Promise.race([work, late])) ?? (await soFar(ctx, fileId));
    answered.abort();
    if (outcome.kind !== "progress" || performance.now() + BUSY_PAUSE_MS > until) return outcome;
    await pause(BUSY_PAUSE_MS);
  }
}

async function soFar(ctx: Ctx, fileId: string): Promise<ImportOutcome> {
  const [file] = await ctx.database.sql<{ documentsDone: number }[]>`select documents_done from onec_files where id = ${fileId}`;
  return { kind: "progress", documentsDone: file?.documentsDone ?? 0 };
}

function told(outcome: ImportOutcome): Handled {
  switch (outcome.kind) {
    case "progress":
      return plain(progress(`Обработано документов: ${outcome.documentsDone}`), `Загрузка идёт, обработано документов: ${outcome.documentsDone}`);
    case "refused":
      return plain(failure(outcome.reason), `Загружено: ${orders(outcome.ordersTaken)}, отказано: ${outcome.reason}`);
    case "done": {
      const said = `Загружено заказов: ${outcome.ordersTaken}`;
      return plain(success(said, ...outcome.notes.slice(0, WARNINGS_SHOWN).map((note) => `${note.number}: ${note.text}`)), said);
    }
  }
}

async function giveOrders(ctx: Ctx, session: FoundSession, settings: BaseSettings, { param }: Call): Promise<Handled> {
  // The base learns of money by another door; told here as well, 1C would book it twice.
  if (settings.moneyChannel !== "commerceml") {
    return xml(writeOrders([], { flavour: settings.flavour, generatedLocal: localText(ctx.now(), settings.zone ?? ctx.zone) }), "Оплаты эта база получает другим способом, здесь ей нечего отдать");
  }
  const flavour = atLeast(param("version"), 2, 9) && atLeast(param("cmlVersion"), 2, 10) ? "unf" : settings.flavour;
  const { xml: body, count } = await answerQuery(ctx, session, settings, flavour);
  return xml(body, count > 0 ? `Отдано в 1С: ${orders(count)}` : "Новых оплат для 1С нет");
}

/** CML-30: `2.09` and `2.10` are two numbers each, not decimals. */
function atLeast(version: string, major: number, minor: number): boolean {
  const [, a, b] = /^(\d{1,3})\.(\d{1,3})/.exec(version) ?? [];
  return a !== undefined && b !== undefined && (Number(a) > major || (Number(a) === major && Number(b) >= minor));
}
