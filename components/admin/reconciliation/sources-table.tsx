import { Table, Th } from "@/components/admin/table.tsx";
import type { DayConnection } from "@/lib/reconciliation/index.ts";
import { dayColumnLabels, dayColumns } from "@/lib/reconciliation/index.ts";
import { SourceCell } from "./source-cell.tsx";

export const bankName = (row: { connectionName: string | null }): string => row.connectionName ?? "Переводы, наличные и прочее";

/** Five sources of a day by bank: a cell is coloured only where it says something else. */
export function SourcesTable({ day, isToday, rows }: { day: string; isToday: boolean; rows: readonly DayConnection[] }) {
  return (
    <>
      <Table label="Пять источников" className="hidden pt-2 md:block">
        <thead>
          <tr>
            <Th>Банк</Th>
            {dayColumns.map((column) => (
              <Th key={column} right>
                {dayColumnLabels[column]}, ₽
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.connectionId ?? "none"}>
              <th scope="row" className="border-b py-2 pr-3 pl-4 text-left font-medium wrap-anywhere sm:pl-5">
                {bankName(row)}
              </th>
              {dayColumns.map((column) => (
                <td key={column} className="border-b p-1 last:pr-2">
                  <SourceCell day={day} isToday={isToday} row={row} column={column} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
      <div className="num flex flex-col gap-4 p-4 text-dense md:hidden">
        {rows.map((row) => (
          <section key={row.connectionId ?? "none"}>
            <h3 className="mb-1 font-medium wrap-anywhere">{bankName(row)}</h3>
            <dl>
              {dayColumns.map((column) => (
                <div key={column} className="flex items-start justify-between gap-3 border-t py-1">
                  <dt className="py-1.5 text-muted-foreground">{dayColumnLabels[column]}</dt>
                  <dd>
                    <SourceCell day={day} isToday={isToday} row={row} column={column} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </>
  );
}
