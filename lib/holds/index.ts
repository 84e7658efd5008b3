export { readOrderHolds } from "./queries.ts";
export type { HoldView } from "./queries.ts";
export { captureHold, releaseHold, releaseUnwanted } from "./request-hold.ts";
export { holdOperationKinds, holdOperationStates, openHoldOperationStates } from "./states.ts";
export type { HoldOperationKind, HoldOperationState } from "./states.ts";
export { watchHolds } from "./watch-holds.ts";
export { workHold } from "./work-hold.ts";
