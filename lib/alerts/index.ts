export { raiseAlert, resolveAlert } from "./raise-alert.ts";
export type { NewAlert } from "./raise-alert.ts";
export { watchAlerts } from "./watch-alerts.ts";
export { closeAlert, endsByHand } from "./close-alert.ts";
export { acknowledgeAlert } from "./acknowledge-alert.ts";
export { countOpenAlerts, lastHeartbeat, listAlerts } from "./list-alerts.ts";
export type { AlertRow, AlertScope } from "./list-alerts.ts";
