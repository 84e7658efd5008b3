import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { OfferedOrder } from "./answer-query.ts";
import { noteTaken } from "./note-given.ts";
import type { FoundSession } from "./sessions.ts";

/**
 * `mode=success` (CML-16): what this session's last `query` gave out is taken, each order up to the version that went out: a
 * change in between goes again. Only messages that 1C can book from that answer become «Передано в 1С»: a refund, a part payment for УТ and
 * the like go on waiting until somebody books them there (CML-32). Said twice it changes nothing. Returns how many orders were taken now.
 */
export async function confirmTaken(ctx: Ctx, session: FoundSession): Promise<number> {
  const taken = await inTransaction(ctx, async (tx) => {
    const [row] = await tx<{ offered: OfferedOrder[] | null; takenAt: Date | null }[]>`select offered, taken_at from onec_sessions where id = ${session.sessionId} for update`;
    if (!row?.offered || row.takenAt !== null) return [];
    // Given out by a version of ours that did not say which messages: they go once more, which is harmless.
    const offered = row.offered.filter((order) => Array.isArray(order.messages));
    const now = ctx.now();
    await tx`select id from orders where id = any(${offered.map((o) => o.orderId)}::uuid[]) order by id for no key update`;
    const delivered = await tx<{ id: string; orderId: string; amountKopecks: bigint }[]>`
      with given as (select * from json_to_recordset(${JSON.stringify(offered)}::text::json) as g("orderId" uuid, version int)),
      moved as (update orders o set exported_version = greatest(o.exported_version, g.version) from given g where o.id = g."orderId")
      update export_messages m set state = 'delivered', delivered_at = ${now}
       where m.id = any(${offered.flatMap((order) => order.messages)}::uuid[]) and m.connection_id = ${session.base.id} and m.state = 'pending'
      returning m.id, m.order_id, m.amount_kopecks`;
    for (const message of delivered) {
      await recordEvent(ctx, tx, { orderId: message.orderId, kind: "export.delivered", subjectId: message.id, amountKopecks: message.amountKopecks });
    }
    await noteTaken(ctx, tx, session.base.id, offered, delivered.map(({ id }) => id));
    await tx`update onec_sessions set taken_at = ${now} where id = ${session.sessionId}`;
    return offered;
  });
  for (const { orderId } of taken) ctx.hint(orderId);
  return taken.length;
}
