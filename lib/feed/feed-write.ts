import type { Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { isStatementKey } from "@/lib/payments/statement-money.ts";
import type { FeedType } from "./kinds.ts";

export type NewFeedEvent = {
  type: FeedType;
  key: string;
  orderId: string;
  /** Fact, receipt, attempt, link or registry entry, by type. */
  subjectId: string | null;
  /** What of the fact came to this order, when it was put there later; such news has a key of its own after the first (API-24). */
  shareKopecks?: bigint | null;
  /** Row of `export_messages` that an acknowledgement of the base confirms. */
  exportId?: string | null;
  /** False: the base told us itself; only a shop still has to learn it. */
  toBase?: boolean;
  /** False: of no use to a shop. */
  toShop?: boolean;
};

/**
 * Tells the machines that follow this order (its 1C base when money goes back to it by JSON, its shop): one row each, none when nobody
 * does. One that is switched off finds it when it is back. The same key and type again add nothing. To be sent in the transaction of the thing itself (API-20).
 */
export function feedWrite(ctx: Ctx, tx: Tx, { type, key, orderId, subjectId, shareKopecks = null, exportId = null, toBase = true, toShop = true }: NewFeedEvent): Write {
  const now = ctx.now();
  return tx`
    insert into feed_events (id, connection_id, type, key, order_id, subject_id, share_kopecks, export_id, created_at, push_state, next_push_at)
    select gen_random_uuid(), c.id, ${type}::text, ${shareKopecks === null ? tx`${key}::text` : tx`case when exists (select 1 from feed_events x where x.connection_id = c.id and x.key = ${key} and x.type = ${type}) then ${`${key}:${newId()}`} else ${key} end`}, o.id, ${subjectId}::uuid, ${shareKopecks}::bigint, case when c.kind = 'onec' then ${exportId}::uuid end, ${now}::timestamptz,
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

/** The event of a money fact on an order; null for holds, which are no money. A transfer that a bank statement brought is an `invoice.matched`. */
export function factEventWrite(
  ctx: Ctx,
  tx: Tx,
  { fact, orderId, exportId, shareKopecks = null, toBase = !fact.documentKey || isStatementKey(fact.documentKey) }: { fact: { factId: string; kind: FactKind; method: string; documentKey?: string | null }; orderId: string; exportId: string | null; shareKopecks?: bigint | null; toBase?: boolean },
): Write | null {
  if (fact.kind === "authorized" || fact.kind === "authorization_voided") return null;
  const [type, stem] = typesOfFacts[fact.kind];
  const isTransfer = fact.kind === "payment_captured" && fact.method === "bank_transfer";
  return feedWrite(ctx, tx, { type: isTransfer ? "invoice.matched" : type, key: `${stem}:${fact.factId}`, orderId, subjectId: fact.factId, shareKopecks, exportId, toBase });
}
