import type { Tx } from "@/db/index.ts";
import { discrepancyClasses } from "./states.ts";

/** Classes and severities of 5.2 as a table for statements. */
export const severityTable = (tx: Tx) =>
  tx`(select * from jsonb_to_recordset(${JSON.stringify(Object.entries(discrepancyClasses).map(([name, { severity, label }]) => ({ class: name, severity, label })))}::text::jsonb) as c(class text, severity text, label text))`;
