import type { Sql, Tx, Write } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import type { SharedField } from "./fields.ts";
import type { FieldEdit } from "./merge.ts";
import type { RuleSide } from "./states.ts";

export type OwnEdit = { objectType: "order" | "counterparty"; objectId: string; field: SharedField; /** The value before: 1C's word, unless it was ours already. */ before: string | null; after: string | null };

/**
 * Notes that our side (a buyer, staff) set a field that 1C may set too, in the transaction of the change: from now on 1C does not overwrite it in silence. Writes
 * nothing when nothing changed.
 */
export function ownEditWrite(ctx: Ctx, tx: Tx, { objectType, objectId, field, before, after }: OwnEdit): Write | null {
  if (before === after) return null;
  return tx`
    insert into onec_field_edits as e (object_type, object_id, field, ours, ours_by, ours_at, onec_value)
    values (${objectType}, ${objectId}, ${field}, ${after}, ${actorText(ctx.actor)}, ${ctx.now()}, ${before})
    on conflict (object_id, field) do update set ours = excluded.ours, ours_by = excluded.ours_by, ours_at = excluded.ours_at`;
}

/** Our words about these orders and counterparties, by `object:field`. */
export async function readEdits(on: Sql | Tx, objectIds: readonly string[]): Promise<Map<string, FieldEdit>> {
  if (objectIds.length === 0) return new Map();
  const rows = await on<FieldEdit[]>`select object_id, field, ours, ours_by, ours_at, onec_value, onec_at from onec_field_edits where object_id = any(${objectIds as string[]}::uuid[])`;
  return new Map(rows.map((edit) => [`${edit.objectId}:${edit.field}`, edit]));
}

/** What a base has decided for ever, by field. */
export async function readRules(on: Sql | Tx, connectionId: string): Promise<Map<string, RuleSide>> {
  const rows = await on<{ field: string; side: RuleSide }[]>`select field, side from onec_field_rules where connection_id = ${connectionId}`;
  return new Map(rows.map(({ field, side }) => [field, side]));
}

export type EditKey = Pick<FieldEdit, "objectId" | "field">;

/** 1C said something new about fields that are ours: its word is the base of the next merge. */
export async function noteOnecWords(ctx: Ctx, tx: Tx, words: readonly (EditKey & { onecValue: string })[]): Promise<void> {
  if (words.length === 0) return;
  await tx`
    update onec_field_edits e set onec_value = w.value, onec_at = ${ctx.now()}::timestamptz
      from json_to_recordset(${JSON.stringify(words.map((w) => ({ id: w.objectId, field: w.field, value: w.onecValue })))}::text::json) as w(id uuid, field text, value text)
     where e.object_id = w.id and e.field = w.field`;
}

/** The fields are 1C's again. */
export async function dropEdits(tx: Tx, keys: readonly EditKey[]): Promise<void> {
  if (keys.length === 0) return;
  await tx`
    delete from onec_field_edits e using json_to_recordset(${JSON.stringify(keys.map((k) => ({ id: k.objectId, field: k.field })))}::text::json) as w(id uuid, field text)
     where e.object_id = w.id and e.field = w.field`;
}
