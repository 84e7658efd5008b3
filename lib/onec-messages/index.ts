export { PAYLOAD_MAX, freshMessages, messagesWrite, writeMessages } from "./write-messages.ts";
export type { NewMessage, Payload } from "./write-messages.ts";
export type { FieldChange, FieldOwner, MessageDirection, MessageDoor, MessageKind, MessageResult, PayloadFormat } from "./states.ts";
