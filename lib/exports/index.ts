export { byHandReasons, byHandSql, byHandTitle, byHandWords, flavourSql, isForBaseSql, shownStateLabels, shownStates, shownStateSql } from "./by-hand.ts";
export type { ByHandReason, ShownExportState } from "./by-hand.ts";
