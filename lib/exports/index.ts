export { byHandReasons, byHandSql, byHandTitle, byHandWords, flavourSql, isForBaseSql, isPastPaymentSql, shownStateLabels, shownStates, shownStateSql } from "./by-hand.ts";
export { isTypedInSql } from "./typed-in.ts";
export type { ByHandReason, ShownExportState } from "./by-hand.ts";
