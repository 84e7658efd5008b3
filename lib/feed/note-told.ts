import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { writeMessages } from "@/lib/onec-messages/index.ts";
import type { MessageResult } from "@/lib/onec-messages/index.ts";
import type { FeedType } from "./kinds.ts";
import { toldKinds, toldSentence } from "./told-sentence.ts";

type Row = { seq: bigint; id: string; connectionId: string; type: FeedType; key: string; orderId: string | null; number: string; onecGuid: string | null; amountKopecks: bigint | null; factKind: FactKind | null; isReturn: boolean; isPushed: boolean };

export type Told = {
  result: Extract<MessageResult, "confirmed" | "waiting_1c" | "error" | "skipped">;
  text: string | ((key: string) => string);
  /** It has just gone out. */
  isAttempt?: boolean;
};

/** What one statement writes: an acknowledgement may cover months. */
const BATCH = 1_000;

/**
 * What 1C was told beside money that has a row of its own (`noteExports`): a new order, a receipt, a term that ended, a payout. Each of these
 * events (alias `e`) is one message of the journal however often it is told: its id is that of the first telling. In the transaction that
 * moved it; all of one consumer. A shop's events are no messages of 1C.
 */
export async function noteTold(ctx: Ctx, tx: Tx, events: ReturnType<Tx>, { result, text, isAttempt = false }: Told): Promise<void> {
  for (let after = 0n; ; ) {
    const rows = await tx<Row[]>`
      select e.seq, z.id, e.connection_id, e.type, e.key, e.order_id, coalesce(o.number, '') as number, o.onec_guid, e.push_state <> 'none' as is_pushed, f.kind as fact_kind, coalesce(r.kind like 'income_return%', false) as is_return,
             coalesce(e.share_kopecks, f.amount_kopecks, r.total_kopecks, t.amount_kopecks, g.amount_kopecks, case when e.type = 'order.created' then o.total_kopecks end) as amount_kopecks
        from feed_events e join feed_events z on z.connection_id = e.connection_id and z.key = e.key and z.type = e.type and z.repeat_no = 0 join connections c on c.id = e.connection_id and c.kind = 'onec' left join orders o on o.id = e.order_id left join money_facts f on f.id = e.subject_id
          left join receipts r on r.id = e.subject_id left join payment_attempts t on t.id = e.subject_id left join registry_entries g on g.id = e.subject_id
       where e.export_id is null and e.seq > ${after} and ${events} order by e.seq limit ${BATCH}`;
    const messages = [...new Map(rows.map((row) => [row.id, row])).values()];
    for (const connectionId of new Set(messages.map((row) => row.connectionId))) {
      await writeMessages(ctx, tx, connectionId, messages.filter((row) => row.connectionId === connectionId).map((row) => ({
        id: row.id, door: row.isPushed ? "push" : "json", direction: "out", kind: toldKinds[row.type], objectGuid: row.onecGuid, objectNumber: row.number || null, orderId: row.orderId, summary: toldSentence(row), result,
        resultText: typeof text === "string" ? text : text(row.key),
      })), { countsAttempt: isAttempt });
    }
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.seq;
  }
}
