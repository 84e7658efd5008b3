export { byHandReasons, byHandSql, byHandTitle, byHandWords, flavourSql, shownStateLabels, shownStates, shownStateSql, unknownNumberSql } from "./by-hand.ts";
export type { ByHandReason, ShownExportState } from "./by-hand.ts";
