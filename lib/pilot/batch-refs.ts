import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, invalid } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { chooseOrders } from "./choose-orders.ts";
import { who } from "./may-act.ts";

const REF_MAX = 64;
const REFS_MAX = 1_000;

/** Numbers and GUIDs as people type them: one a line, or parted by commas, semicolons or spaces. Throws `invalid` (field `refs`). */
export function parseRefs(text: string): string[] {
  const refs = text.split(/[\s,;]+/u).map((ref) => ref.replace(/^[№#]+/u, "")).filter((ref) => ref !== "");
  if (refs.length > REFS_MAX) throw invalid(`За один раз можно добавить до ${REFS_MAX} заказов`, { field: "refs" });
  const long = refs.find((ref) => ref.length > REF_MAX);
  if (long !== undefined) throw invalid(`«${long.slice(0, 20)}…» длиннее номера заказа и GUID`, { field: "refs" });
  return [...new Map(refs.map((ref) => [ref.toLowerCase(), ref])).values()];
}

export type HeldBatch = { batchId: string; no: bigint; storeId: string; isTest: boolean; maxOrders: number; takenCount: number; endsAt: Date; closedAt: Date | null };

/** An order answers to its number on the site, its number in 1C and its GUID. */
const named = (tx: Tx, refs: readonly string[]) => tx`(lower(o.number) = any(${refs as string[]}) or lower(o.onec_number) = any(${refs as string[]}) or lower(o.onec_guid) = any(${refs as string[]}))`;

/** The orders of these names, held in the order in which every verb holds orders: before the batch, as the intake does. */
export async function holdNamed(tx: Tx, { storeId, isTest }: Pick<HeldBatch, "storeId" | "isTest">, refs: readonly string[]): Promise<string[]> {
  if (refs.length === 0) return [];
  const lower = refs.map((ref) => ref.toLowerCase());
  const rows = await tx<{ id: string }[]>`select o.id from orders o where o.store_id = ${storeId} and o.is_test = ${isTest} and ${named(tx, lower)} order by o.id for no key update`;
  return rows.map((row) => row.id);
}

/**
 * Notes the named orders of a batch and takes those that are here already (`holdNamed` found them). Throws `conflict` (field `refs`) when
 * the cap does not allow that many, those that have not come yet included.
 */
export async function addRefs(ctx: Ctx, tx: Tx, batch: HeldBatch, refs: readonly string[], orderIds: readonly string[]): Promise<{ takenNow: string[] }> {
  const picks = await tx<{ ref: string; isHere: boolean }[]>`
    select lower(p.ref) as ref, exists (select 1 from orders o where o.pilot_batch_id = p.batch_id and lower(p.ref) in (lower(o.number), lower(o.onec_number), lower(o.onec_guid))) as is_here
      from pilot_picks p where p.batch_id = ${batch.batchId} and p.removed_at is null`;
  const known = new Set(picks.map((pick) => pick.ref));
  const fresh = refs.filter((ref) => !known.has(ref.toLowerCase()));
  const room = batch.maxOrders - batch.takenCount - picks.filter((pick) => !pick.isHere).length;
  if (fresh.length > room) throw conflict(room > 0 ? `В пилоте осталось мест: ${room}, а вы добавляете ${fresh.length}` : "В пилоте больше нет мест", { field: "refs" });
  if (fresh.length === 0) return { takenNow: [] };
  const rows = fresh.map((ref) => ({ id: newId(), ref }));
  await tx`
    insert into pilot_picks (id, batch_id, ref, added_at, added_by)
    select id, ${batch.batchId}, ref, ${ctx.now()}::timestamptz, ${who(ctx)}::text from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, ref text)`;
  const chosen = await chooseOrders(ctx, tx, { storeId: batch.storeId, isTest: batch.isTest, fresh: [], known: orderIds });
  return { takenNow: chosen.map((each) => each.orderId) };
}
