/** Conflicts with 1C: states and their words. Pure. */

/**
 * `open`: waits for a person. `ours`, `theirs`: decided so. `settled`: a person said how it was dealt with. `gone`: the cause went
 * away (1C sent our value, the money was returned).
 */
export const conflictStates = ["open", "ours", "theirs", "settled", "gone"] as const;
export type ConflictState = (typeof conflictStates)[number];
export const conflictStateLabels: Record<ConflictState, string> = {
  open: "Ждёт решения",
  ours: "Оставлено наше",
  theirs: "Взято из 1С",
  settled: "Разобрано",
  gone: "Причина ушла",
};

export const conflictObjects = ["order", "counterparty", "document"] as const;
export type ConflictObject = (typeof conflictObjects)[number];

export const ruleSides = ["ours", "onec"] as const;
export type RuleSide = (typeof ruleSides)[number];
