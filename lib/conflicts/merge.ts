/**
 * A field that both sides may edit, when 1C says something: a merge of three values, as of two copies of one text. Its base is the last
 * word of 1C, so a value that 1C only repeats is never news, whatever was decided before. Pure.
 */
import type { RuleSide } from "./states.ts";

/** Our word about a field: it stands while the present value is ours. */
export type FieldEdit = { objectId: string; field: string; ours: string | null; oursBy: string; oursAt: Date; onecValue: string | null; onecAt: Date | null };

export type Merged = {
  /** The value to keep. */
  value: string | null;
  /**
   * `silent`: 1C said nothing new. `taken`: its word counts. `agreed`: it now says what we say. `kept`: a rule keeps ours.
   * `conflict`: ours stays until a person decides.
   */
  outcome: "silent" | "taken" | "agreed" | "kept" | "conflict";
};

/** `theirs` null = 1C does not send this field. `isSame` compares two spellings of one value. */
export function mergeField(given: { present: string | null; theirs: string | null; edit: FieldEdit | null; rule: RuleSide | null; isSame?: (a: string, b: string) => boolean }): Merged {
  const { present, theirs, edit, rule } = given;
  const isSame = given.isSame ?? ((a, b) => a === b);
  const same = (a: string | null, b: string | null) => a === b || (a !== null && b !== null && isSame(a, b));
  if (theirs === null) return { value: present, outcome: "silent" };
  // Put back to 1C's own word by us: nobody says anything else.
  if (!edit || same(present, edit.onecValue)) return same(theirs, present) ? { value: present, outcome: "silent" } : { value: theirs, outcome: "taken" };
  if (same(theirs, present)) return { value: present, outcome: "agreed" };
  if (same(theirs, edit.onecValue)) return { value: present, outcome: "silent" };
  if (rule === "onec") return { value: theirs, outcome: "taken" };
  return { value: present, outcome: rule === "ours" ? "kept" : "conflict" };
}
