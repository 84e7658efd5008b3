export { countRepeat, messageWrite, storeMessage } from "./receive.ts";
export type { NewMessage } from "./receive.ts";
export { inboxResultLabels, inboxResults } from "./results.ts";
export type { InboxResult } from "./results.ts";
