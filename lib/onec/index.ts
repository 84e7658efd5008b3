export { settleClosings } from "./book-closing.ts";
export { finishIdleFile } from "./finish-idle-file.ts";
export { forgetSessions } from "./forget-sessions.ts";
export { handleExchange } from "./handle-exchange.ts";
export type { ExchangeAnswer, ExchangeRequest } from "./handle-exchange.ts";
export { baseHealth, latestCalls } from "./queries.ts";
export type { BaseHealth, ExchangeCall } from "./queries.ts";
export { exportStateLabels, exportStates } from "./states.ts";
export type { ExportState } from "./states.ts";
