import type { Tx } from "@/db/index.ts";
import { dropEdits, endConflictWrite, mergeField, noteOnecWords, openConflict, readEdits, readRules } from "@/lib/conflicts/index.ts";
import type { EditKey, FieldEdit, NewConflict, RuleSide, SharedField } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";

/** What the field belongs to, and the order whose document speaks of it. */
export type SharedObject = { objectType: "order" | "counterparty"; objectId: string; orderId: string | null; counterpartyId?: string | null };

/**
 * Fields of one batch that both sides may edit. `merge` gives the value to keep; what follows from it (a conflict, 1C's last word) is gathered and
 * written by `write`, after the orders.
 */
export type SharedFields = {
  merge(of: SharedObject, field: SharedField, given: { present: string | null; theirs: string | null; isSame?: (a: string, b: string) => boolean }): string | null;
  editOf(objectId: string, field: SharedField): FieldEdit | null;
  /** Counterparties with a word of ours, by their key in the base. */
  buyerIds: ReadonlyMap<string, string>;
  write(ctx: Ctx, tx: Tx, connectionId: string): Promise<void>;
};

/** Reads what our side has said about these orders and about the buyers with these keys. */
export async function readShared(tx: Tx, connectionId: string, about: { orderIds: readonly string[]; buyerKeys: readonly string[] }): Promise<SharedFields> {
  const buyers = about.buyerKeys.length === 0 ? [] : await tx<{ id: string; key: string }[]>`
    select distinct c.id, c.onec_guid as key from onec_field_edits e join counterparties c on c.id = e.object_id
     where e.object_type = 'counterparty' and c.onec_connection_id = ${connectionId} and c.onec_guid = any(${about.buyerKeys as string[]})`;
  const edits = await readEdits(tx, [...about.orderIds, ...buyers.map(({ id }) => id)]);
  return sharedFields(edits, edits.size === 0 ? new Map() : await readRules(tx, connectionId), new Map(buyers.map(({ id, key }) => [key, id])));
}

export function sharedFields(edits: ReadonlyMap<string, FieldEdit>, rules: ReadonlyMap<string, RuleSide>, buyerIds: ReadonlyMap<string, string> = new Map()): SharedFields {
  const words: (EditKey & { onecValue: string })[] = [];
  const drops: EditKey[] = [];
  const conflicts: Omit<NewConflict, "connectionId">[] = [];
  const ended: { objectKey: string; field: string; reason: string }[] = [];
  const editOf = (objectId: string, field: SharedField) => edits.get(`${objectId}:${field}`) ?? null;
  return {
    editOf,
    buyerIds,
    merge(of, field, given) {
      const edit = editOf(of.objectId, field);
      const { value, outcome } = mergeField({ ...given, edit, rule: rules.get(field) ?? null });
      const key = { objectId: of.objectId, field };
      if (edit && given.theirs !== null && outcome !== "silent") {
        if (outcome === "kept" || outcome === "conflict") words.push({ ...key, onecValue: given.theirs });
        else {
          drops.push(key);
          ended.push({ objectKey: of.objectId, field, reason: outcome === "agreed" ? "1С прислала то же значение, что у нас" : "Взято из 1С по правилу" });
        }
        if (outcome === "conflict") {
          conflicts.push({
            objectType: of.objectType, objectKey: of.objectId, orderId: of.orderId, counterpartyId: of.counterpartyId ?? null, field, ours: given.present, theirs: given.theirs, oursBy: edit.oursBy, oursAt: edit.oursAt,
            note: "Пока оставлено наше значение. Выберите, какое верно.",
          });
        }
      }
      return value;
    },
    async write(ctx, tx, connectionId) {
      if (words.length + drops.length === 0) return;
      await Promise.all([noteOnecWords(ctx, tx, words), dropEdits(tx, drops), ...ended.map((each) => endConflictWrite(ctx, tx, { connectionId, ...each }, each.reason)), ...conflicts.map((each) => openConflict(ctx, tx, { ...each, connectionId }))]);
    },
  };
}

/** Two spellings of one contact. */
export const sameContact = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
