import type { Tx } from "@/db/index.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import type { ExportState } from "@/lib/onec/states.ts";
import { noteExports } from "@/lib/onec/note-exports.ts";
import { feedTypeLabels } from "./kinds.ts";
import type { FeedType } from "./kinds.ts";

const REASON_MAX = 500;

/** The alert of a refused event that is no money. */
export const refusalKey = (connectionId: string, key: string): string => `event:${connectionId}:${key}`;

/** What the journal says of a refused event; `isSettled`: nobody needs it any more. */
export const refusalText = (reason: string, isSettled: boolean): string => (isSettled ? `Больше не нужно. 1С не приняла: ${reason}` : `1С не приняла: ${reason}`);

/**
 * 1C will not book money that it was told of (2.7 `rejected`, ALR-14): the reason is kept, a person decides. Money that is booked already stays so
 * (`settled`). The same refusal again is no news: a base may repeat it with each exchange.
 */
export async function refuseTold(ctx: Ctx, tx: Tx, given: { connectionId: string; key: string; reason: string }): Promise<"told" | "settled"> {
  const reason = storableText(given.reason.trim()).slice(0, REASON_MAX) || "1С не назвала причину";
  const [refused] = await tx<{ id: string; orderId: string; number: string; amountKopecks: bigint; state: ExportState; rejectedReason: string | null }[]>`
    select m.id, m.order_id, o.number, m.amount_kopecks, m.state, m.rejected_reason from export_messages m join orders o on o.id = m.order_id
     where m.id = (select e.export_id from feed_events e where e.connection_id = ${given.connectionId} and e.key = ${given.key} and e.export_id is not null limit 1) for update of m`;
  if (!refused) return tellOfRefused(ctx, tx, { ...given, reason });
  if (refused.state === "confirmed") return "settled";
  if (refused.state === "rejected" && refused.rejectedReason === reason) return "told";
  await tx`update export_messages set state = 'rejected', rejected_reason = ${reason} where id = ${refused.id}`;
  await noteExports(ctx, tx, [refused.id]);
  await raiseAlert(ctx, tx, {
    code: "ALR-14", objectKey: `export:${refused.id}`, orderId: refused.orderId, severity: "P2", amountKopecks: refused.amountKopecks,
    title: `1С не провела ${formatMoney(refused.amountKopecks)} по заказу №${NBSP}${refused.number}`,
    advice: `Причина от 1С: ${reason}. Исправьте в 1С и повторите передачу или проведите документ вручную и внесите его номер.`,
    detail: { reason },
  });
  return "told";
}

/** A new order, a receipt: nothing waits for it here, but what 1C does not have somebody has to bring there. */
async function tellOfRefused(ctx: Ctx, tx: Tx, { connectionId, key, reason }: { connectionId: string; key: string; reason: string }): Promise<"told" | "settled"> {
  // A new order that 1C has by now, typed by a person, or that is off: the base must not make it.
  const [isOver] = await tx`
    select 1 from feed_events e join orders o on o.id = e.order_id where e.connection_id = ${connectionId} and e.key = ${key} and e.type = 'order.created'
       and (o.onec_guid is not null or o.lifecycle in ('cancelled', 'deleted')) limit 1`;
  if (isOver) {
    await resolveAlert(ctx, tx, "ALR-14", refusalKey(connectionId, key));
    return "settled";
  }
  const [event] = await tx<{ type: FeedType; orderId: string; number: string }[]>`
    select e.type, e.order_id, o.number from feed_events e join orders o on o.id = e.order_id where e.connection_id = ${connectionId} and e.key = ${key} and e.export_id is null
       and not exists (select 1 from alerts a where a.code = 'ALR-14' and a.object_key = ${refusalKey(connectionId, key)} and a.state <> 'resolved' and a.detail ->> 'reason' = ${reason}) order by e.insert_no desc limit 1`;
  if (!event) return "told";
  await raiseAlert(ctx, tx, {
    code: "ALR-14", objectKey: refusalKey(connectionId, key), orderId: event.orderId, severity: "P2",
    title: `1С не приняла «${feedTypeLabels[event.type]}» по заказу №${NBSP}${event.number}`,
    advice: event.type === "order.created"
      ? `Причина от 1С: ${reason}. Исправьте её в 1С, и заказ придёт туда сам. Заводить его вручную не нужно: получится второй.`
      : `Причина от 1С: ${reason}. Исправьте её в 1С; если она не повторит приём сама, внесите это там вручную.`,
    detail: { reason },
  });
  return "told";
}
