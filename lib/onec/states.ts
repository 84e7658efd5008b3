/** Export to 1C (2.7, CML-32) and uploaded files: states and words. Pure. */

export const exportStates = ["pending", "delivered", "confirmed", "rejected"] as const;
export type ExportState = (typeof exportStates)[number];

export const exportStateLabels: Record<ExportState, string> = {
  pending: "Ждёт 1С",
  delivered: "Передано в 1С",
  confirmed: "Учтено в 1С",
  rejected: "1С не приняла",
};

export const fileStates = ["receiving", "processing", "done", "failed"] as const;
export type FileState = (typeof fileStates)[number];
