export { checkInvariants, findBreaks, invariants } from "./check-invariants.ts";
export type { Checked } from "./check-invariants.ts";
