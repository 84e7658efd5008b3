/** The notification in PayKeeper's manner, for shops that have a handler of it already (json-api.md 2.3). Off by default: MD5 is weak. */
import { createHash } from "node:crypto";
import type { Tx } from "@/db/index.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { actingAs, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { httpCall } from "@/lib/kit/http.ts";
import type { HttpAnswer } from "@/lib/kit/http.ts";
import { newId } from "@/lib/kit/ids.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import { MINUTE_MS, SECOND_MS, addMs, localText } from "@/lib/kit/time.ts";
import { paymentNumber } from "./bill-rows.ts";
import { billSettings } from "./door-settings.ts";
import { markTold } from "./tell-paid.ts";

const LIMIT_MS = 30_000;
const CLAIM_MS = 45 * SECOND_MS;
const ANSWER_MAX = 4 * 1024;
/** Domain 2.7; the last pause repeats without end. */
const pauses = [1, 2, 5, 15].map((minutes) => minutes * MINUTE_MS);

const md5 = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");
export const noticeKey = (fields: { id: string; sum: string; clientid: string; orderid: string }, secretWord: string): string => md5(`${fields.id}${fields.sum}${fields.clientid}${fields.orderid}${secretWord}`);
export const expectedReply = (id: string, secretWord: string): string => `OK ${md5(`${id}${secretWord}`)}`;

/** Notes that a payment of a bill is owed a notification, where its base wants them and does not know the money already. */
export async function oweNotice(ctx: Ctx, tx: Tx, factId: string): Promise<void> {
  const [owed] = await tx<{ factId: string }[]>`
    insert into bill_notices (fact_id, bill_id, next_try_at, created_at)
    select f.id, b.id, ${ctx.now()}::timestamptz, ${ctx.now()}::timestamptz from money_facts f join allocations a on a.fact_id = f.id and a.amount_kopecks > 0
      join bills b on b.order_id = a.order_id join connections c on c.id = b.connection_id and c.enabled and c.money_channel = 'paykeeper' and c.settings->'paykeeper'->>'notifyUrl' <> ''
     where f.id = ${factId} and f.kind = 'payment_captured' and exists (select 1 from export_messages e where e.fact_id = f.id and e.connection_id = c.id) order by b.closed_at is null desc, b.created_at desc limit 1
    on conflict (fact_id) do nothing returning fact_id`;
  if (owed) await ctx.enqueue(tx, "bill.notify", { factId });
}

type Claimed = { billId: string; tries: number };
type News = { connectionId: string; orderId: string; orderRef: string; clientName: string; serviceName: string; email: string; phone: string | null; amountKopecks: bigint; method: string; occurredAt: Date };

/** Job: one try. However many jobs name it, one sends; a try without the right answer is repeated. */
export async function notifyPaid(ctx: Ctx, factId: string): Promise<void> {
  const { sql } = ctx.database;
  const now = ctx.now();
  const [claimed] = await sql<Claimed[]>`
    update bill_notices set tries = tries + 1, claimed_until = ${addMs(now, CLAIM_MS)}
     where fact_id = ${factId} and next_try_at <= ${now} and (claimed_until is null or claimed_until < ${now}) returning bill_id, tries`;
  if (!claimed) return;
  const [news] = await sql<News[]>`
    select b.connection_id, b.order_id, b.order_ref, b.client_name, b.service_name, b.email, b.phone, f.amount_kopecks, f.method, f.occurred_at from bills b, money_facts f where b.id = ${claimed.billId} and f.id = ${factId}`;
  const base = await loadConnection(ctx, news!.connectionId);
  const { notifyUrl } = billSettings(base);
  // Switched off meanwhile: 1C asks itself.
  if (notifyUrl === null || !base.enabled) return void (await sql`delete from bill_notices where fact_id = ${factId} and taken_at is null`);
  const note = await send(ctx, base, notifyUrl, factId, news!);
  const inside = actingAs(ctx, { kind: "onec", connectionId: base.id });
  await inTransaction(inside, (tx) => settle(inside, tx, base, { factId, orderId: news!.orderId, tries: claimed.tries, note }));
  if (note === null) ctx.hint(news!.orderId);
}

/** Null: taken; else why not, for staff. */
async function send(ctx: Ctx, base: OpenConnection, url: string, factId: string, news: News): Promise<string | null> {
  const secretWord = base.secret["secretWord"] ?? "";
  if (secretWord === "") return "Не задано секретное слово";
  const fields = { id: paymentNumber(factId), sum: rublesText(news.amountKopecks), clientid: news.clientName, orderid: news.orderRef };
  const body = new URLSearchParams({
    ...fields, ps_id: news.method, service_name: news.serviceName, client_email: news.email, client_phone: news.phone ?? "", obtain_datetime: localText(news.occurredAt, ctx.zone).replace("T", " "),
    batch_date: "", bank_id: "", card_number: "", card_holder: "", card_expiry: "", key: noticeKey(fields, secretWord),
  }).toString();
  const at = ctx.now();
  const started = performance.now();
  const answer = await httpCall({ method: "POST", url, body, headers: { "content-type": "application/x-www-form-urlencoded" }, sizeMax: ANSWER_MAX, totalMs: LIMIT_MS }, AbortSignal.timeout(LIMIT_MS));
  const note = readAnswer(answer, expectedReply(fields.id, secretWord));
  await ctx.database.sql`
    insert into exchange_log (id, connection_id, order_id, subject_id, at, action, request, answer, http_status, outcome, duration_ms)
    values (${newId()}, ${base.id}, ${news.orderId}, ${factId}, ${at}, 'bill.notify', ${`id=${fields.id}&sum=${fields.sum}&orderid=${fields.orderid}`}, ${storableText(answer.kind === "answer" ? answer.body : answer.message).slice(0, 1000)},
      ${answer.kind === "answer" ? answer.status : null}, ${note === null ? "taken" : "lost"}, ${Math.round(performance.now() - started)})`;
  return note;
}

function readAnswer(answer: HttpAnswer, expected: string): string | null {
  if (answer.kind !== "answer") return "Адрес уведомлений не ответил";
  if (answer.status !== 200) return `Адрес уведомлений ответил кодом ${answer.status}`;
  return answer.body.trim() === expected ? null : "Ответ на уведомление не тот: нужен «OK» и подпись секретным словом";
}

async function settle(ctx: Ctx, tx: Tx, base: OpenConnection, given: { factId: string; orderId: string; tries: number; note: string | null }): Promise<void> {
  const { factId, note, tries } = given;
  const objectKey = `connection:${base.id}:bill-notices`;
  if (note === null) {
    // Its order first, as every verb takes them.
    await markTold(ctx, tx, base, [given.orderId]);
    await tx`update bill_notices set taken_at = ${ctx.now()}, next_try_at = null, claimed_until = null, note = null where fact_id = ${factId} and taken_at is null`;
    return resolveAlert(ctx, tx, "ALR-13", objectKey);
  }
  const nextAt = addMs(ctx.now(), pauses[Math.min(tries, pauses.length) - 1]!);
  const [kept] = await tx`update bill_notices set next_try_at = ${nextAt}, claimed_until = null, note = ${note} where fact_id = ${factId} and taken_at is null returning 1`;
  if (!kept) return;
  await ctx.enqueue(tx, "bill.notify", { factId }, { startAfter: nextAt });
  if (tries < 3) return;
  await raiseAlert(ctx, tx, {
    code: "ALR-13", objectKey, severity: "P2", title: `«${base.name}» не принимает уведомления об оплате счетов`, advice: `${note}. Повторы идут сами; ничего не потеряно.`, detail: { factId, tries },
  });
}

/** Janitor: a job for every notification that lost its own. */
export async function wakeNotices(ctx: Ctx, tx: Tx, late: Date): Promise<void> {
  const due = await tx<{ factId: string }[]>`select fact_id from bill_notices where next_try_at < ${late} and (claimed_until is null or claimed_until < ${ctx.now()}) order by next_try_at limit 200`;
  for (const { factId } of due) await ctx.enqueue(tx, "bill.notify", { factId });
}
