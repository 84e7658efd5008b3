export { raiseAlert, resolveAlert } from "./raise-alert.ts";
export type { NewAlert } from "./raise-alert.ts";
export { watchAlerts } from "./watch-alerts.ts";
