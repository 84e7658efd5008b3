export { factKinds, fiscalOwners, orderColumnOf, payMethodLabels, payMethods } from "./kinds.ts";
export type { FactKind, FiscalOwner, PayMethodCode } from "./kinds.ts";
export { factWrites, recordFact } from "./record-fact.ts";
export type { NewFact, RecordedFact } from "./record-fact.ts";
