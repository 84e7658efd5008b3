export { createHinter, EVERY_ORDER } from "./hints.ts";
export type { Hinter } from "./hints.ts";
export { subscribe } from "./subscribe.ts";
export { closeStreams, eventStream } from "./streams.ts";
