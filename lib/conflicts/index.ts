export { fieldOf, fieldsNamed, showValue } from "./fields.ts";
export type { Field, FieldDefinition, SharedField } from "./fields.ts";
export { dropEdits, noteOnecWords, ownEditWrite, readEdits, readRules } from "./field-edits.ts";
export type { EditKey, OwnEdit } from "./field-edits.ts";
export { mergeField } from "./merge.ts";
export type { FieldEdit, Merged } from "./merge.ts";
export { endConflictWrite, openConflict, raiseConflict } from "./open-conflict.ts";
export type { NewConflict } from "./open-conflict.ts";
export type { ConflictObject, ConflictState, RuleSide } from "./states.ts";
