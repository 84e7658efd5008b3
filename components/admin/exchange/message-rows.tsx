import Link from "next/link";
import { At } from "@/components/admin/moment.tsx";
import { Table, Td, Th } from "@/components/admin/table.tsx";
import { formatCount, formatDuration } from "@/lib/kit/format.ts";
import type { MessageRow } from "@/lib/onec/inbox/list-messages.ts";
import { directionLabels, kindLabels } from "@/lib/onec-messages/states.ts";
import { MessageBadge } from "./message-words.tsx";

/** The first line is the sentence; what became of it stands below. A message that was never given out has no page of its own yet. */
export function MessageRows({ rows }: { rows: readonly MessageRow[] }) {
  return (
    <Table label="Сообщения обмена">
      <thead>
        <tr>
          <Th>Когда</Th>
          <Th>Что</Th>
          <Th>Сообщение</Th>
          <Th>Итог</Th>
          <Th right>Время</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const href = row.attempts > 0 ? `/admin/exchange/messages/${row.messageId}` : row.orderId ? `/admin/orders/${row.orderId}` : null;
          return (
            <tr key={row.messageId}>
              <Td className="whitespace-nowrap">
                <At at={row.at} />
              </Td>
              <Td className="whitespace-nowrap">
                {kindLabels[row.kind]}
                <br />
                <span className="text-caption text-muted-foreground">
                  {directionLabels[row.direction]}, {row.baseName}
                </span>
              </Td>
              <Td className="min-w-64 py-1.5">
                {href ? (
                  <Link href={href} prefetch={false} className="font-medium wrap-anywhere text-primary hover:underline">
                    {row.summary}
                  </Link>
                ) : (
                  <span className="font-medium wrap-anywhere">{row.summary}</span>
                )}
                {row.objectNumber && !row.summary.includes(row.objectNumber) ? <span className="text-muted-foreground"> · №&nbsp;{row.objectNumber}</span> : null}
                {row.resultText ? <p className="text-caption wrap-anywhere text-muted-foreground">{row.resultText}</p> : null}
              </Td>
              <Td>
                <MessageBadge result={row.result} />
                {row.attempts > 1 ? <p className="text-caption whitespace-nowrap text-muted-foreground">{formatCount(row.attempts, ["попытка", "попытки", "попыток"])}</p> : null}
              </Td>
              <Td right>{row.durationMs === null ? "" : formatDuration(row.durationMs)}</Td>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}
