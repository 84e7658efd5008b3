import type { ColumnMap, ColumnNames } from "./columns.ts";
import { findColumns, missingColumns } from "./columns.ts";
import { csvRows } from "./csv-rows.ts";
import { readLine } from "./read-line.ts";
import type { RegistryLine, RegistryOwner } from "./read-line.ts";
import { RegistryFileRefused, registryLimits } from "./refused.ts";
import { isZip, xlsxRows } from "./xlsx-rows.ts";

export { columnLabels, registryColumns } from "./columns.ts";
export type { ColumnNames, RegistryColumn } from "./columns.ts";
export type { RegistryLine, RegistryOperation, RegistryOwner, RegistryProblem, RegistryProblemCode } from "./read-line.ts";
export { RegistryFileRefused, registryLimits } from "./refused.ts";

/** Banks put their name, a period and empty rows above the header. */
const HEADER_WITHIN_ROWS = 30;

/**
 * Operations of an acquirer's registry, CSV or XLSX, one by one. Throws `RegistryFileRefused` when the file as a whole cannot be
 * read: unreadable, wrong encoding, no such columns, too long, nothing in it, nothing but another merchant's lines.
 */
export async function* readRegistryFile(bytes: Uint8Array, owner: RegistryOwner, named: ColumnNames = {}): AsyncGenerator<NonNullable<RegistryLine>, void, undefined> {
  if (bytes.length === 0) throw new RegistryFileRefused("empty", "Файл пуст");
  if (bytes.length > registryLimits.bytesMax) throw new RegistryFileRefused("too_big", `Файл больше ${registryLimits.bytesMax / 1024 / 1024} МБ. Разделите реестр на части`);
  let columns: ColumnMap | null = null;
  let [seen, lines, strangers] = [0, 0, 0];
  for await (const row of isZip(bytes) ? xlsxRows(bytes) : csvRows(bytes)) {
    if (columns === null) {
      columns = findColumns(row.cells, named);
      if (columns !== null) requireColumns(columns);
      else if (++seen >= HEADER_WITHIN_ROWS) throw noHeader();
      continue;
    }
    const line = readLine(row, columns, owner);
    if (line === null) continue;
    if (++lines > registryLimits.linesMax) throw new RegistryFileRefused("too_big", `В файле больше ${registryLimits.linesMax} строк. Разделите реестр на части`);
    if (line.problem?.code === "OTHER_MERCHANT") strangers += 1;
    yield line;
  }
  if (columns === null) throw noHeader();
  if (lines === 0) throw new RegistryFileRefused("empty", "В реестре нет ни одной операции");
  if (strangers === lines) throw new RegistryFileRefused("other_merchant", "Это реестр другого магазина: ни одна строка не относится к этому подключению");
}

const noHeader = () => new RegistryFileRefused("columns", "Не нашли строку с названиями столбцов. Нужны дата, сумма и номер платежа, RRN или номер заказа");

function requireColumns(columns: ColumnMap): void {
  const missing = missingColumns(columns);
  if (missing.length > 0) throw new RegistryFileRefused("columns", `В файле нет столбцов: ${missing.join("; ")}. Назовите их так или задайте соответствие в настройках подключения`);
}
