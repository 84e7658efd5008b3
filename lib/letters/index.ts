export { letterWrite } from "./queue-letter.ts";
export { sendLetter } from "./send-letter.ts";
