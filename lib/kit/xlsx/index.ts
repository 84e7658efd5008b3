export { makeWorkbook } from "./workbook.ts";
export type { Cell, Column, Sheet } from "./workbook.ts";
