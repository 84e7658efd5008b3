import { contentDisposition } from "@/lib/kit/content-disposition.ts";
import type { Ctx } from "@/lib/context.ts";
import { documentFileName, documentKindLabels, documentKinds, hideDocument, readDocument, readDocumentFile, storeDocument } from "@/lib/documents/index.ts";
import type { DocumentWords } from "@/lib/documents/index.ts";
import { invalid, notFound } from "@/lib/kit/errors.ts";
import { NBSP } from "@/lib/kit/format.ts";
import { MoneyFormatError, parseRubles, rublesText } from "@/lib/kit/money.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import { localText, offsetText } from "@/lib/kit/time.ts";
import { baseSettings } from "../base-settings.ts";
import { findOrderId } from "./find-order.ts";
import { journal } from "./journal.ts";
import type { Call, Reply } from "./operation.ts";
import type { DocumentAnswer } from "./schema-documents.ts";
import { readGuid, readWhen } from "./values.ts";

const NUMBER_MAX = 100;
const REF_MAX = 255;

/** PUT /documents/{guid}: a file for the buyer (INV-13 … INV-16). */
export async function putDocumentCall(call: Call): Promise<Reply> {
  const { ctx, base, bytes, contentType } = call;
  const started = performance.now();
  const guid = guidOf(call);
  const warnings: string[] = [];
  const words = await wordsOf(call, warnings);
  const { status, isTwofold } = await storeDocument(ctx, base, { guid, bytes, mime: contentType, words });
  const json = await answer(call, guid, status, warnings);
  if (isTwofold) json.warnings.push("order: этот номер у нескольких заказов, назовите заказ его GUID; пока документ видят только сотрудники");
  else if (json.orderRef !== "" && json.orderId === "" && json.orderNumber === "") json.warnings.push("заказа пока нет на сайте: документ появится у покупателя, когда заказ придёт");
  if (json.orderRef === "" && json.counterpartyId === "") json.warnings.push("не указан order: документ увидят только сотрудники");
  const summary = `${nameOf(json)}: ${{ created: "принят", updated: "заменён", unchanged: "без изменений" }[status]}`;
  if (status !== "unchanged") await note(call, json, `${summary}${json.visibleToBuyer ? ", виден покупателю" : ""}`, performance.now() - started);
  return { json, summary };
}

/** GET /documents/{guid}: what is kept, without the bytes. */
export async function getDocumentCall(call: Call): Promise<Reply> {
  const json = await answer(call, guidOf(call), null, []);
  return { json, summary: `Сведения о документе ${json.number}` };
}

/** GET /documents/{guid}/file: the bytes, of the present version or of `version`. */
export async function getFileCall(call: Call): Promise<Reply> {
  const found = await readDocument(call.ctx, call.base.id, guidOf(call));
  const asked = call.query.get("version");
  if (asked !== null && !/^\d{1,6}$/.test(asked)) throw invalid("version: нужен номер версии", { field: "version" });
  const file = found && (await readDocumentFile(call.ctx, found.documentId, asked === null ? null : Number(asked)));
  if (!file) throw notFound("Документа или такой его версии нет");
  return { file: { bytes: file.bytes, mime: file.mime, disposition: contentDisposition(documentFileName(file)) }, summary: `Файл документа ${file.number ?? ""}` };
}

/** DELETE /documents/{guid}: hides it from the buyer; a second time changes nothing. */
export async function deleteDocumentCall(call: Call): Promise<Reply> {
  const started = performance.now();
  const guid = guidOf(call);
  const isNews = await hideDocument(call.ctx, call.base.id, guid);
  const json = await answer(call, guid, isNews ? "hidden" : "unchanged", []);
  const summary = `${nameOf(json)}: отозван в 1С, покупателю больше не виден`;
  if (isNews) await note(call, json, summary, performance.now() - started);
  return { json, summary };
}

const nameOf = ({ kind, number }: DocumentAnswer): string => `Документ «${documentKindLabels[kind]}»${number === "" ? "" : ` №${NBSP}${number}`}`;

async function note({ ctx, base }: Call, { id, number }: DocumentAnswer, summary: string, durationMs: number): Promise<void> {
  const found = await readDocument(ctx, base.id, id);
  await journal(ctx, base.id, [{ kind: "document", guid: id, number, orderId: found?.orderId ?? null, summary, refusal: null, raw: null }], durationMs);
}

function guidOf({ params }: Call): string {
  const guid = readGuid(params["guid"] ?? "");
  if (guid === null || /^[0-]+$/.test(guid)) throw invalid("В адресе нужен GUID документа 1С", { field: "guid" });
  return guid;
}

async function wordsOf({ ctx, base, query }: Call, warnings: string[]): Promise<DocumentWords> {
  const given = (name: string): string | undefined => {
    const value = query.get(name);
    return value === null ? undefined : storableText(value).trim();
  };
  for (const name of new Set(query.keys())) if (!["kind", "number", "date", "order", "amount", "counterparty"].includes(name)) warnings.push(`неизвестный параметр ${name.slice(0, 40)}`);
  const [kind, number, date, order, amount, counterparty] = [given("kind"), given("number"), given("date"), given("order"), given("amount"), given("counterparty")];
  if (kind && !(documentKinds as readonly string[]).includes(kind)) throw invalid(`kind: нет вида «${kind.slice(0, 30)}», есть ${documentKinds.join(", ")}`, { field: "kind" });
  if (number && number.length > NUMBER_MAX) throw invalid(`number: длиннее ${NUMBER_MAX} знаков`, { field: "number" });
  return {
    ...(kind && { kind: kind as NonNullable<DocumentWords["kind"]> }),
    ...(number !== undefined && { number: number || null }),
    ...(date !== undefined && { documentDate: dayOf(date, baseSettings(base).zone ?? ctx.zone) }),
    ...(amount !== undefined && { amountKopecks: kopecksOf(amount) }),
    ...(order !== undefined && { order: await orderOf(ctx, base.id, order.slice(0, REF_MAX)) }),
    ...(counterparty !== undefined && { counterparty: await counterpartyOf(ctx, base.id, counterparty) }),
  };
}

function dayOf(text: string, zone: string): string | null {
  if (text === "") return null;
  const when = readWhen(text);
  if (when === "unreadable") throw invalid(`date: не дата «${text.slice(0, 30)}»`, { field: "date" });
  return when === null ? null : ("local" in when ? when.local : localText(when.at, zone)).slice(0, 10);
}

function kopecksOf(text: string): bigint | null {
  if (text === "") return null;
  try {
    const kopecks = parseRubles(text, { trimZeros: true });
    if (kopecks >= 0n) return kopecks;
  } catch (error) {
    if (!(error instanceof MoneyFormatError)) throw error;
  }
  throw invalid(`amount: не сумма «${text.slice(0, 30)}»`, { field: "amount" });
}

async function orderOf(ctx: Ctx, connectionId: string, ref: string): Promise<NonNullable<DocumentWords["order"]> | null> {
  const guid = readGuid(ref);
  if (ref === "" || (guid !== null && /^[0-]+$/.test(guid))) return null;
  return { ref: guid ?? ref, orderId: await findOrderId(ctx.database.sql, connectionId, { guid, number: guid === null ? ref : null }) };
}

async function counterpartyOf(ctx: Ctx, connectionId: string, text: string): Promise<NonNullable<DocumentWords["counterparty"]> | null> {
  if (text === "") return null;
  const ref = readGuid(text);
  if (ref === null) throw invalid("counterparty: нужен GUID контрагента", { field: "counterparty" });
  if (/^[0-]+$/.test(ref)) return null;
  const [row] = await ctx.database.sql<{ id: string }[]>`select id from counterparties where onec_connection_id = ${connectionId} and onec_guid = ${ref}`;
  return { ref, counterpartyId: row?.id ?? null };
}

async function answer({ ctx, base }: Call, guid: string, status: DocumentAnswer["status"] | null, warnings: string[]): Promise<DocumentAnswer> {
  const found = await readDocument(ctx, base.id, guid);
  if (!found) throw notFound("Документа с таким GUID нет");
  const [order] = found.orderId === null ? [] : await ctx.database.sql<{ onecGuid: string | null; number: string }[]>`select onec_guid, number from orders where id = ${found.orderId}`;
  const zone = baseSettings(base).zone ?? ctx.zone;
  const sum = (kopecks: bigint | null) => (kopecks === null ? "" : rublesText(kopecks));
  return {
    id: guid, status: status ?? (found.hiddenAt === null ? "stored" : "hidden"), kind: found.kind, number: found.number ?? "", date: found.documentDate ?? "", amount: sum(found.amountKopecks),
    orderId: order?.onecGuid ?? "", orderNumber: order?.number ?? "", orderRef: found.orderRef ?? "", counterpartyId: found.counterpartyRef ?? "", visibleToBuyer: found.hiddenAt === null && found.orderId !== null, version: found.versionNo,
    versions: found.versions.map((one) => ({ version: one.no, mime: one.mime, size: one.sizeBytes, sha256: one.sha256, number: one.number ?? "", date: one.documentDate ?? "", amount: sum(one.amountKopecks), receivedAt: offsetText(one.receivedAt, zone), receivedAtLocal: localText(one.receivedAt, zone) })),
    warnings, msg: "",
  };
}
