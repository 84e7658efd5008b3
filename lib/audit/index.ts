export { recordAudit } from "./record-audit.ts";
export type { AuditEntry } from "./record-audit.ts";
export { AUDIT_PER_PAGE, listAudit } from "./list-audit.ts";
export type { AuditRow } from "./list-audit.ts";
