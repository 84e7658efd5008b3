/** Invariant 19: no card number, CVC or secret in what we keep. */
import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import type { Breaks, Invariant } from "./invariant.ts";
import { EXAMPLES_MAX, together } from "./invariant.ts";

/** New texts only: what was clean yesterday cannot change (append-only). */
const LOOK_BACK_MS = 3 * DAY_MS;
const ROWS_MAX = 100_000;

/** First digits and length of cards that are in use; anything else of that length is a number of ours or of the tax service. */
const CARD = /(?<![\d.])(?:220[0-4]\d{12,15}|4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|62\d{14,17})(?![\d.])/gu;
const SECRET = /authorization["']?\s*[:=]\s*["']?(?:basic|bearer)\s+[A-Za-z0-9+/=_-]{6,}|-----BEGIN (?:RSA |EC )?PRIVATE KEY-----|["']?(?:cvc|cvv2?|card_code)["']?\s*[:=]\s*["']?\d{3,4}\b/iu;

/** ISO 7812 check digit. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const value = i % 2 === 1 ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** True when a text holds what must never be kept (SEC-03, SEC-09). Pure. */
export const holdsSecret = (text: string): boolean => SECRET.test(text) || [...text.matchAll(CARD)].some(([digits]) => isLuhn(digits));

async function look(tx: Tx, query: ReturnType<Tx>): Promise<Breaks> {
  const found: string[] = [];
  await tx<{ what: string; text: string | null }[]>`${query}`.cursor(1_000, (rows) => {
    for (const row of rows) if (row.text !== null && holdsSecret(row.text)) found.push(row.what);
  });
  return { count: found.length, examples: found.slice(0, EXAMPLES_MAX) };
}

async function find(ctx: Ctx, tx: Tx): Promise<Breaks> {
  const since = addMs(ctx.now(), -LOOK_BACK_MS);
  return together([
    await look(tx, tx`select 'обмен ' || id as what, request || ' ' || coalesce(answer, '') as text from exchange_log where at > ${since} order by at desc limit ${ROWS_MAX}`),
    await look(tx, tx`select 'входящее ' || id as what, body || ' ' || headers::text as text from inbox_messages where received_at > ${since} order by received_at desc limit ${ROWS_MAX}`),
    await look(tx, tx`select 'событие ' || id as what, detail::text as text from order_events where at > ${since} order by at desc limit ${ROWS_MAX}`),
    await look(tx, tx`select 'аудит ' || id as what, coalesce(before::text, '') || coalesce(after::text, '') || coalesce(reason, '') as text from audit_log where at > ${since} order by at desc limit ${ROWS_MAX}`),
    await look(tx, tx`select 'подключение ' || id as what, settings::text as text from connections`),
  ]);
}

export const secretInvariants: Invariant[] = [{ no: 19, title: "Нет номеров карт и секретов в журналах", find }];
