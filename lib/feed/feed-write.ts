import type { Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId, stableId } from "@/lib/kit/ids.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { isStatementKey } from "@/lib/payments/statement-money.ts";
import type { FeedType } from "./kinds.ts";

export type NewFeedEvent = {
  type: FeedType;
  key: string;
  orderId: string;
  /** Fact, receipt, attempt, link or registry entry, by type. */
  subjectId: string | null;
  /** Row of `export_messages` that an acknowledgement of the base confirms. */
  exportId?: string | null;
  /** What of the fact this order's event tells of; null = all of it. */
  shareKopecks?: bigint | null;
  /** False: the base told us itself; only a shop still has to learn it. */
  toBase?: boolean;
  /** False: of no use to a shop. */
  toShop?: boolean;
};

/**
 * Tells the machines that follow this order (its 1C base when money goes back to it by JSON, its shop): one row each, none when nobody
 * does. One that is switched off finds it when it is back. The same key and type again add nothing. To be sent in the transaction of the thing itself (API-20).
 */
export function feedWrite(ctx: Ctx, tx: Tx, { type, key, orderId, subjectId, exportId = null, shareKopecks = null, toBase = true, toShop = true }: NewFeedEvent): Write {
  const now = ctx.now();
  return tx`
    insert into feed_events (id, connection_id, type, key, order_id, subject_id, share_kopecks, export_id, created_at, push_state, next_push_at)
    select gen_random_uuid(), c.id, ${type}::text, ${key}::text, o.id, ${subjectId}::uuid, ${shareKopecks}::bigint, case when c.kind = 'onec' then ${exportId}::uuid end, ${now}::timestamptz,
           case when c.settings ? 'push' then 'waiting' else 'none' end, case when c.settings ? 'push' then ${now}::timestamptz end
      from orders o join connections c on c.id in (o.onec_connection_id, o.shop_connection_id)
     where o.id = ${orderId} and ((${toBase} and c.kind = 'onec' and c.money_channel = 'json') or (${toShop} and c.kind = 'shop'))
    on conflict (connection_id, key, type, repeat_no) do nothing`;
}

const typesOfFacts: Record<Exclude<FactKind, "authorized" | "authorization_voided">, readonly [FeedType, string]> = {
  payment_captured: ["payment.succeeded", "payment"],
  payment_reversed: ["payment.reversed", "reversal"],
  refund_succeeded: ["refund.succeeded", "refund"],
  refund_reversed: ["refund.reversed", "refund-reversal"],
  chargeback: ["payment.disputed", "dispute"],
  chargeback_reversed: ["payment.disputed", "dispute-won"],
};

type NewsFact = { factId: string; kind: FactKind; method: string; documentKey?: string | null };
type FactNews = { fact: NewsFact; orderId: string; exportId: string | null; /** What of it came to this order when it was put there later. */ shareKopecks?: bigint; /** What of money that went back or came back this order's event tells of, when there are more of them. */ partKopecks?: bigint; /** False: 1C has its document. */ toBase?: boolean };

/** The event of a money fact on an order; null for holds, which are no money. A transfer that a bank statement brought is an `invoice.matched`. */
export function factEventWrite(ctx: Ctx, tx: Tx, { fact, orderId, exportId, shareKopecks, partKopecks, toBase = !fact.documentKey || isStatementKey(fact.documentKey) }: FactNews): Write | null {
  if (fact.kind === "authorized" || fact.kind === "authorization_voided") return null;
  const [type, stem] = typesOfFacts[fact.kind];
  const isTransfer = fact.kind === "payment_captured" && fact.method === "bank_transfer";
  const news = { type: isTransfer ? ("invoice.matched" as const) : type, key: `${stem}:${partKopecks === undefined ? fact.factId : partId(fact.factId, orderId)}`, orderId, subjectId: fact.factId, exportId, shareKopecks: partKopecks ?? null, toBase };
  return shareKopecks === undefined ? feedWrite(ctx, tx, news) : shareWrite(ctx, tx, { ...news, shareKopecks });
}

/** The id of one order's part of a fact: the same each time, no other part's. */
export const partId = (factId: string, orderId: string): string => stableId("fact-part", factId, orderId);

/**
 * A part of the fact came to this order. Told is at most what this consumer was not told of the fact yet: it books no more than came, and
 * what only moved between orders that it knows a person moves there too (ALR-13). Each part after the first has a key of its own (API-24).
 */
function shareWrite(ctx: Ctx, tx: Tx, { type, key, orderId, subjectId, shareKopecks, toBase }: Omit<NewFeedEvent, "exportId" | "toShop" | "shareKopecks"> & { shareKopecks: bigint }): Write {
  const now = ctx.now();
  return tx`
    insert into feed_events (id, connection_id, type, key, order_id, subject_id, share_kopecks, created_at, push_state, next_push_at)
    select gen_random_uuid(), w.id, ${type}::text, case when w.times = 0 then ${key}::text else ${`${key}:${newId()}`}::text end, ${orderId}::uuid, ${subjectId}::uuid, w.rest, ${now}::timestamptz,
           case when w.is_pushed then 'waiting' else 'none' end, case when w.is_pushed then ${now}::timestamptz end
      from (select c.id, c.settings ? 'push' as is_pushed, told.times, least(${shareKopecks}::bigint, f.amount_kopecks - coalesce(told.kopecks, 0)) as rest
              from orders o join connections c on c.id in (o.onec_connection_id, o.shop_connection_id) join money_facts f on f.id = ${subjectId}
              cross join lateral (select count(*) as times, sum(coalesce(x.share_kopecks, f.amount_kopecks)) as kopecks from feed_events x
                 where x.connection_id = c.id and x.type = ${type} and x.subject_id = f.id and x.repeat_no = 0 and x.order_id in (select a.order_id from allocations a where a.fact_id = f.id)) told
             where o.id = ${orderId} and ((${toBase ?? true} and c.kind = 'onec' and c.money_channel = 'json') or c.kind = 'shop')) w
     where w.rest > 0`;
}
