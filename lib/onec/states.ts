/** Export to 1C (2.7, CML-32), its forms and uploaded files: states. The words: `lib/exports`. Pure. */

export const exportStates = ["pending", "delivered", "confirmed", "rejected"] as const;
export type ExportState = (typeof exportStates)[number];

/** CML-30: which configuration an answer is written for. */
export const queryFlavours = ["ut", "ut103", "unf_plain", "unf"] as const;

export const fileStates = ["receiving", "processing", "done", "failed"] as const;
export type FileState = (typeof fileStates)[number];
