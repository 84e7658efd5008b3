import { CHANGES_MAX, ackChanges, readChanges } from "@/lib/feed/index.ts";
import { conflict, invalid } from "@/lib/kit/errors.ts";
import { formatCount } from "@/lib/kit/format.ts";
import { baseSettings } from "../base-settings.ts";
import type { Call, Reply } from "./operation.ts";
import { readOne } from "./read-package.ts";
import { AckRequest } from "./schema-changes.ts";

const LIMIT = 100;
const WARNINGS_MAX = 20;
const events = ["событие", "события", "событий"] as const;

/** Money goes to a base by one way, or it would be booked twice there. */
function assertChannel({ base }: Call): void {
  const { moneyChannel } = baseSettings(base);
  const names = { commerceml: "стандартным обменом", paykeeper: "как у PayKeeper", json: "" };
  if (moneyChannel !== "json") throw conflict(`Оплаты базе «${base.name}» передаются ${names[moneyChannel]}. Чтобы получать их через changes, включите в настройках базы moneyChannel: json`);
}

/** GET /changes: what 1C must book, in the order of happening; reading confirms nothing (API-20 … API-26). */
export async function changesCall(call: Call): Promise<Reply> {
  assertChannel(call);
  const { ctx, base, query } = call;
  const asked = (query.get("limit") ?? "").replace(/[\s\u00A0\u202F]/gu, "");
  if (asked !== "" && !/^\d{1,9}$/.test(asked)) throw invalid("limit: нужно число от 1 до 1000", { field: "limit" });
  const since = query.get("since")?.trim() || null;
  const page = await readChanges(ctx, base.id, { since, zone: baseSettings(base).zone ?? ctx.zone, limit: asked === "" ? LIMIT : Math.min(Math.max(Number(asked), 1), CHANGES_MAX) });
  return { json: { ...page, msg: "" }, summary: page.items.length === 0 ? "Новых событий для 1С нет" : `Отдано в 1С: ${formatCount(page.items.length, events)}${since === null ? "" : ", повторное чтение"}` };
}

/** POST /changes/ack: 1C has written everything up to the cursor (API-23). */
export async function ackCall(call: Call): Promise<Reply> {
  assertChannel(call);
  const { value, warnings } = readOne(call.bytes, AckRequest);
  const documents = (value.documents ?? []).filter(({ key }) => key !== "").map(({ key, number }) => ({ key, number }));
  const rejected = (value.rejected ?? []).filter(({ key }) => key !== "").map(({ key, msg }) => ({ key, msg }));
  const { cursor, settled, unknown } = await ackChanges(call.ctx, call.base.id, { cursor: value.cursor, documents, rejected });
  const lost = (list: string, what: string, said: readonly { key: string }[]) => said.flatMap(({ key }) => (unknown.has(key) ? [`${list}: события с key «${key.slice(0, 100)}» сайт не передавал, ${what} не учтён`] : [])).slice(0, WARNINGS_MAX);
  warnings.push(...lost("documents", "номер", documents), ...lost("rejected", "отказ", rejected));
  const refused = rejected.length > 0 ? `, отказано ${rejected.length}: ${rejected[0]!.msg.slice(0, 200)}` : "";
  return { json: { ok: true, cursor, settled, warnings, msg: "" }, summary: `1С подтвердила события до ${cursor.replace(/^0+(?=\d)/, "")}, документов ${documents.length}${refused}` };
}
