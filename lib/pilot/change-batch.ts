import type { Tx } from "@/db/index.ts";
import { violated } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, invalid, notFound } from "@/lib/kit/errors.ts";
import { NBSP } from "@/lib/kit/format.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { refreshOffer } from "@/lib/payments/offer-links.ts";
import { addRefs, holdNamed, parseRefs } from "./batch-refs.ts";
import type { HeldBatch } from "./batch-refs.ts";
import { allow, who } from "./may-act.ts";

async function readBatch(tx: Tx, batchId: string, lock: boolean): Promise<HeldBatch> {
  const [batch] = await tx<HeldBatch[]>`
    select id as batch_id, no, store_id, is_test, max_orders, taken_count, ends_at, closed_at from pilot_batches where id = ${uuidOrNull(batchId)} ${lock ? tx`for update` : tx``}`;
  if (!batch) throw notFound("Отбор не найден");
  return batch;
}

function assertOpen(ctx: Ctx, batch: HeldBatch): void {
  if (batch.closedAt !== null) throw conflict("Отбор закрыт. Сделайте новый");
  if (batch.endsAt <= ctx.now()) throw conflict("Срок отбора вышел. Сделайте новый");
}

/**
 * Names more orders for an open batch, whether 1C has brought them or not (PIL-02, permission `pilot.change`, audited). Answers how many of
 * them were taken now and how many are still awaited. Throws `forbidden`, `invalid`, `not_found`, `conflict`.
 */
export async function addToBatch(ctx: Ctx, input: { batchId: string; refs: string }): Promise<{ taken: number; awaited: number }> {
  const refs = parseRefs(input.refs);
  if (refs.length === 0) throw invalid("Напишите номера заказов", { field: "refs" });
  return inTransaction(ctx, async (tx) => {
    const seen = await readBatch(tx, input.batchId, false);
    allow(ctx, "pilot.change", seen.storeId);
    const orders = await holdNamed(tx, seen, refs);
    const batch = await readBatch(tx, input.batchId, true);
    assertOpen(ctx, batch);
    const [other] = await tx<{ number: string; no: bigint }[]>`
      select o.number, b.no from orders o join pilot_batches b on b.id = o.pilot_batch_id where o.id = any(${orders}::uuid[]) and b.id <> ${batch.batchId} limit 1`;
    if (other) throw conflict(`Заказ №${NBSP}${other.number} уже в пилоте №${NBSP}${other.no}`, { field: "refs" });
    const { takenNow } = await addRefs(ctx, tx, batch, refs, orders);
    for (const orderId of takenNow) await refreshOffer(ctx, tx, orderId);
    await recordAudit(ctx, tx, { action: "pilot.orders_added", objectType: "pilot_batch", objectId: batch.batchId, after: { no: batch.no, refs: refs.slice(0, 50).join(", "), taken: takenNow.length } });
    return { taken: takenNow.length, awaited: refs.length - orders.length };
  });
}

/**
 * Takes an order out of its batch, or a name that has not come yet (permission `pilot.change`, audited). Throws `forbidden`, `invalid`,
 * `not_found`, `conflict` once money was asked for: such an order finishes its life in the pilot.
 */
export async function removeFromBatch(ctx: Ctx, input: { batchId: string; ref: string }): Promise<{ number: string | null }> {
  const ref = input.ref.trim().toLowerCase();
  if (ref === "" || ref.length > 64) throw invalid("Укажите номер заказа", { field: "ref" });
  try {
    return await inTransaction(ctx, async (tx) => {
      const seen = await readBatch(tx, input.batchId, false);
      allow(ctx, "pilot.change", seen.storeId);
      const [order] = await tx<{ id: string; number: string; onecNumber: string | null; onecGuid: string | null }[]>`
        select o.id, o.number, o.onec_number, o.onec_guid from orders o where o.pilot_batch_id = ${seen.batchId} and ${ref} in (lower(o.number), lower(o.onec_number), lower(o.onec_guid), o.id::text) limit 1 for no key update`;
      const names = order ? [order.number, order.onecNumber, order.onecGuid].flatMap((name) => (name === null ? [] : [name.toLowerCase()])) : [ref];
      const picks = await tx`
        update pilot_picks set removed_at = ${ctx.now()}, removed_by = ${who(ctx)} where batch_id = ${seen.batchId} and removed_at is null and lower(ref) = any(${names}) returning 1`;
      if (!order && picks.length === 0) throw notFound("Такого заказа в отборе нет");
      if (order) {
        await tx`update orders set pilot_batch_id = null where id = ${order.id}`;
        await recordEvent(ctx, tx, { orderId: order.id, kind: "pilot.released", subjectId: seen.batchId, detail: { batchNo: seen.no.toString() } });
        await refreshOffer(ctx, tx, order.id);
      }
      await recordAudit(ctx, tx, { action: "pilot.order_removed", objectType: "pilot_batch", objectId: seen.batchId, after: { no: seen.no, ref: order?.number ?? input.ref.trim(), orderId: order?.id ?? null } });
      return { number: order?.number ?? null };
    });
  } catch (error) {
    if (violated(error, "orders_pilot_chosen_once", "23001")) throw conflict("По заказу уже начата оплата или выставлен счёт: он пройдёт пилот до конца", { field: "ref" });
    throw error;
  }
}

/** Ends a batch: it chooses no more, its orders stay chosen (permission `pilot.change`, audited). Throws `forbidden`, `not_found`, `conflict`. */
export async function closeBatch(ctx: Ctx, input: { batchId: string }): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const batch = await readBatch(tx, input.batchId, true);
    allow(ctx, "pilot.change", batch.storeId);
    if (batch.closedAt !== null) throw conflict("Отбор уже закрыт");
    await tx`update pilot_batches set closed_at = ${ctx.now()}, closed_by = ${who(ctx)} where id = ${batch.batchId}`;
    await recordAudit(ctx, tx, { action: "pilot.batch_closed", objectType: "pilot_batch", objectId: batch.batchId, after: { no: batch.no, taken: batch.takenCount } });
  });
}
