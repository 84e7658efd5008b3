import Link from "next/link";
import { At } from "@/components/admin/moment.tsx";
import { Table, Td, Th } from "@/components/admin/table.tsx";
import { formatCount, formatDuration } from "@/lib/kit/format.ts";
import type { MessageRow } from "@/lib/onec/inbox/list-messages.ts";
import { directionLabels, kindLabels } from "@/lib/onec-messages/states.ts";
import { MessageBadge } from "./message-words.tsx";

/** The first line is the sentence; what became of it stands below. */
export function MessageRows({ rows }: { rows: readonly MessageRow[] }) {
  return (
    <Table label="Сообщения обмена">
      <thead>
        <tr>
          <Th className="max-sm:hidden">Когда</Th>
          <Th className="max-sm:hidden">Что</Th>
          <Th>Сообщение</Th>
          <Th className="max-sm:hidden">Итог</Th>
          <Th right className="max-sm:hidden">Время</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          return (
            <tr key={row.messageId}>
              <Td className="whitespace-nowrap max-sm:hidden">
                <At at={row.at} />
              </Td>
              <Td className="py-1.5 max-sm:hidden">
                {kindLabels[row.kind]}
                <br />
                <span className="text-caption wrap-anywhere text-muted-foreground">
                  {directionLabels[row.direction]}, {row.baseName}
                </span>
              </Td>
              <Td className="py-1.5 max-sm:pl-4 sm:min-w-64">
                <p className="text-caption text-muted-foreground sm:hidden">
                  <At at={row.at} /> · {kindLabels[row.kind]}, {row.direction === "in" ? "из" : "в"}&nbsp;1С
                </p>
                <Link href={`/admin/exchange/messages/${row.messageId}`} prefetch={false} className="-my-0.5 inline-block min-h-6 py-0.5 font-medium wrap-anywhere text-primary hover:underline">
                  {row.summary}
                </Link>
                {row.objectNumber && !row.summary.includes(row.objectNumber) ? <span className="wrap-anywhere text-muted-foreground"><span className="max-sm:hidden"> · </span>№&nbsp;{row.objectNumber}</span> : null}
                {row.resultText && !row.summary.includes(row.resultText) ? <p className="text-caption wrap-anywhere text-muted-foreground">{row.resultText}</p> : null}
                <div className="mt-1 flex flex-wrap items-center gap-x-2 sm:hidden">
                  <Result row={row} />
                </div>
              </Td>
              <Td className="py-1.5 max-sm:hidden">
                <Result row={row} />
              </Td>
              <Td right className="max-sm:hidden">{row.durationMs === null ? "" : formatDuration(row.durationMs)}</Td>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}

const Result = ({ row }: { row: MessageRow }) => (
  <>
    <MessageBadge result={row.result} isTypedIn={row.isTypedIn} />
    {row.attempts > 1 ? <p className="text-caption whitespace-nowrap text-muted-foreground">{formatCount(row.attempts, ["попытка", "попытки", "попыток"])}</p> : null}
  </>
);
