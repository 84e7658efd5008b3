/** What we ask of a held payment, and how far it is (two-stage payments, LOST-31). Pure. */

export const holdOperationKinds = ["capture", "void"] as const;
export type HoldOperationKind = (typeof holdOperationKinds)[number];

/** `unknown`: asked about by reading the payment, never sent again blindly. */
export const holdOperationStates = ["requested", "submitting", "unknown", "done", "failed"] as const;
export type HoldOperationState = (typeof holdOperationStates)[number];
export const openHoldOperationStates = ["requested", "submitting", "unknown"] as const satisfies readonly HoldOperationState[];
