export { entranceMark, findByEntrance, markEntrances, openOrSkip, refuseTaken } from "./entrance.ts";
export { listAcquirers } from "./list-acquirers.ts";
export type { AcquirerChoice } from "./list-acquirers.ts";
export { findConnectionByDoor, loadConnection } from "./load-connection.ts";
export type { OpenConnection } from "./load-connection.ts";
export { createConnection, setBlocked } from "./save-connection.ts";
export type { NewConnection } from "./save-connection.ts";
