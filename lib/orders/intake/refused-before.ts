import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import type { Found } from "./find-order.ts";
import { refusalId } from "./write-journal.ts";
import type { MessageOrigin } from "./write-journal.ts";

/** Refusals and disputed numbers that stood open are over when 1C sends their document again and it is taken, or refused with another content. */
export async function closeAnswered(ctx: Ctx, tx: Tx, base: { id: string }, batch: readonly ReadOrder[], found: readonly Found[], origin: MessageOrigin): Promise<void> {
  const now = ctx.now();
  const guids = batch.map((document) => document.onecRef);
  const taken = guids.filter((_, at) => found[at]!.kind === "take");
  const same = [origin.messageId ?? "", ...batch.filter((_, at) => isRefused(found[at]!)).map((document) => refusalId(base, document))].filter(Boolean);
  await Promise.all([
    tx`update onec_messages set result = 'skipped', result_text = 'Заменено: 1С прислала этот документ ещё раз', handled_at = ${now}
        where connection_id = ${base.id} and direction = 'in' and result = 'error' and object_guid = any(${guids}) and id <> all(${same}::uuid[])`,
    tx`update onec_conflicts set state = 'gone', decided_at = ${now}, decided_by = 'system', reason = '1С прислала документ ещё раз, и он принят'
        where connection_id = ${base.id} and object_type = 'document' and state = 'open' and object_key = any(${taken})`,
  ]);
}

const isRefused = (found: Found): boolean => found.kind === "answer" && found.result.outcome === "refused";

/** Refused documents that a person has set aside are no errors any more: 1C is told `success` and stops sending them (CML-23). */
export async function excuseSkipped(tx: Tx, base: { id: string }, batch: readonly ReadOrder[], found: readonly Found[]): Promise<Found[]> {
  const ids = found.map((each, at) => (isRefused(each) ? refusalId(base, batch[at]!) : null));
  const refused = ids.filter((id): id is string => id !== null);
  if (refused.length === 0) return [...found];
  const skipped = new Set((await tx<{ id: string }[]>`select id from onec_messages where id = any(${refused}::uuid[]) and result = 'skipped' and handled_by is not null`).map(({ id }) => id));
  return found.map((each, at) => {
    const id = ids[at];
    if (each.kind !== "answer" || !id || !skipped.has(id)) return each;
    return { kind: "answer", result: { ...each.result, outcome: "skipped", reason: `${each.result.reason ?? ""} (пропущено сотрудником)` } };
  });
}
