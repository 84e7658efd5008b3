import type { Tx, Write } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { NewAlert } from "@/lib/alerts/raise-alert.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { ConflictObject } from "./states.ts";

export type NewConflict = {
  connectionId: string;
  objectType: ConflictObject;
  /** Our id of the order or counterparty; 1C's GUID of a document that is nobody's yet. */
  objectKey: string;
  orderId: string | null;
  counterpartyId?: string | null;
  /** A name of `fields.ts`; `payment:<document>` for one payment. */
  field: string;
  ours: string | null;
  theirs: string | null;
  oursBy?: string | null;
  oursAt?: Date | null;
  /** Russian: what was done meanwhile, and what is to be decided. */
  note: string;
  alert?: Pick<NewAlert, "code" | "objectKey"> | null;
  amountKopecks?: bigint | null;
  /** The message that brought it, when it is known already; else the journal names it. */
  messageId?: string | null;
};

/** Opens a conflict, or tells the open one of the same object and field what 1C says now. */
export async function openConflict(ctx: Ctx, tx: Tx, conflict: NewConflict): Promise<void> {
  const now = ctx.now();
  await tx`
    insert into onec_conflicts as c (id, connection_id, object_type, object_key, order_id, counterparty_id, field, state, ours, theirs, ours_by, ours_at, theirs_at, note, alert_code, alert_key,
      amount_kopecks, message_id, repeats, opened_at)
    values (${newId()}, ${conflict.connectionId}, ${conflict.objectType}, ${conflict.objectKey}, ${conflict.orderId}, ${conflict.counterpartyId ?? null}, ${conflict.field}, 'open', ${conflict.ours},
      ${conflict.theirs}, ${conflict.oursBy ?? null}, ${conflict.oursAt ?? null}, ${now}, ${conflict.note}, ${conflict.alert?.code ?? null}, ${conflict.alert?.objectKey ?? null},
      ${conflict.amountKopecks ?? null}, ${conflict.messageId ?? null}, 0, ${now})
    on conflict (connection_id, object_key, field) where state = 'open' do update set ours = excluded.ours, theirs = excluded.theirs, ours_by = excluded.ours_by, ours_at = excluded.ours_at,
      theirs_at = excluded.theirs_at, note = excluded.note, alert_code = excluded.alert_code, alert_key = excluded.alert_key, amount_kopecks = excluded.amount_kopecks, message_id = excluded.message_id,
      repeats = c.repeats + (case when c.theirs is distinct from excluded.theirs then 1 else 0 end)`;
}

/**
 * An alert about 1C saying something else than our books, and the conflict that stands in the inbox of the exchange beside it. Only the
 * alert when the order is of no base, or when it was not 1C that said it. Nothing when a person has decided on these very words last.
 */
export async function raiseConflict(ctx: Ctx, tx: Tx, alert: NewAlert & { orderId: string }, conflict: Pick<NewConflict, "field" | "ours" | "theirs"> & { connectionId: string | null }): Promise<void> {
  const { connectionId } = conflict;
  const isOnec = connectionId !== null && ctx.actor.kind === "onec";
  if (isOnec && (await isDecided(tx, connectionId, alert.orderId, conflict))) return;
  await raiseAlert(ctx, tx, alert);
  if (!isOnec) return;
  await openConflict(ctx, tx, {
    ...conflict, connectionId, objectType: "order", objectKey: alert.orderId, orderId: alert.orderId, note: `${alert.title}. ${alert.advice}`, alert, amountKopecks: alert.amountKopecks ?? null,
  });
}

async function isDecided(tx: Tx, connectionId: string, objectKey: string, { field, ours, theirs }: Pick<NewConflict, "field" | "ours" | "theirs">): Promise<boolean> {
  const [last] = await tx<{ isSame: boolean }[]>`
    select state in ('ours', 'settled') and ours is not distinct from ${ours} and theirs is not distinct from ${theirs} as is_same
      from onec_conflicts where connection_id = ${connectionId} and object_key = ${objectKey} and field = ${field} order by opened_at desc, id desc limit 1`;
  return last?.isSame === true;
}

/** The cause is gone: 1C says what we say, or the money is where it belongs. Nothing happens when no such conflict is open. */
export function endConflictWrite(ctx: Ctx, tx: Tx, key: Pick<NewConflict, "connectionId" | "objectKey" | "field">, reason: string): Write {
  return tx`
    update onec_conflicts set state = 'gone', decided_at = ${ctx.now()}, decided_by = ${actorText(ctx.actor)}, reason = ${reason}
     where connection_id = ${key.connectionId} and object_key = ${key.objectKey} and field = ${key.field} and state = 'open'`;
}
