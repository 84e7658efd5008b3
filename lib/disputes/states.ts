/** Disputes of buyers at their bank (chargebacks, 2.8). Pure. */

export const disputeStates = ["opened", "evidence_needed", "under_review", "won", "lost", "accepted"] as const;
export type DisputeState = (typeof disputeStates)[number];
export const openDisputeStates = ["opened", "evidence_needed", "under_review"] as const satisfies readonly DisputeState[];

export const disputeStateLabels: Record<DisputeState, string> = {
  opened: "Открыт",
  evidence_needed: "Нужны документы",
  under_review: "Банк рассматривает",
  won: "Выигран, деньги вернулись",
  lost: "Проигран",
  accepted: "Признан нами",
};

const moves: Record<DisputeState, readonly DisputeState[]> = {
  opened: ["evidence_needed", "under_review", "won", "lost", "accepted"],
  evidence_needed: ["under_review", "won", "lost", "accepted"],
  under_review: ["evidence_needed", "won", "lost", "accepted"],
  won: [],
  lost: [],
  accepted: [],
};
export const canDisputeMove = (from: DisputeState, to: DisputeState): boolean => moves[from].includes(to);
