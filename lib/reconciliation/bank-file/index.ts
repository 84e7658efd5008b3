export { StatementRefused, decodeStatement, statementLimits } from "./decode.ts";
export { parseStatement } from "./parse-statement.ts";
export type { ParsedStatement, Section } from "./parse-statement.ts";
export { amountOf, dayOf, readDocument } from "./read-document.ts";
export type { BankDocument, BankLineKind, ReadDocument } from "./read-document.ts";
