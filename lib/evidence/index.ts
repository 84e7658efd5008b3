export { addEvidence, checkEvidence } from "./add-evidence.ts";
export type { GivenEvidence } from "./add-evidence.ts";
export { listEvidence, readEvidenceFile } from "./list-evidence.ts";
export type { EvidenceRow } from "./list-evidence.ts";
