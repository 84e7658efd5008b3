export { changeDispute, watchDisputes, winDispute } from "./change-dispute.ts";
export type { ChangeDispute } from "./change-dispute.ts";
export { countNearDisputes, listDisputes } from "./list-disputes.ts";
export type { DisputeRow } from "./list-disputes.ts";
export { openDispute } from "./open-dispute.ts";
export type { OpenDispute } from "./open-dispute.ts";
export { canDisputeMove, disputeStateLabels, disputeStates, openDisputeStates } from "./states.ts";
export type { DisputeState } from "./states.ts";
