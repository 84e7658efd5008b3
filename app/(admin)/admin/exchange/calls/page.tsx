import type { Metadata } from "next";
import Link from "next/link";
import { requireWorld } from "../../../session/world.ts";
import { At } from "@/components/admin/moment.tsx";
import { Empty, PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { Table, Td, Th } from "@/components/admin/table.tsx";
import { formatDuration } from "@/lib/kit/format.ts";
import { readCalls } from "@/lib/onec/exchange-page.ts";

export const metadata: Metadata = { title: "Обращения 1С" };

const answerTones = { success: "success", progress: "info", failure: "danger" } as const;

export default async function CallsPage() {
  const { ctx, isTest } = await requireWorld();
  const calls = await readCalls(ctx, isTest);
  return (
    <>
      <PageHead title="Последние обращения 1С" note={<Link href="/admin/exchange" className="inline-flex min-h-6 items-center text-primary hover:underline">Все сообщения</Link>} />
      <Panel>
        {calls.length === 0 ? (
          <Empty title="Журнал пуст">Здесь будет каждое обращение 1С и наш ответ.</Empty>
        ) : (
          <Table label="Последние обращения 1С">
            <thead>
              <tr>
                <Th className="max-sm:hidden">Когда</Th>
                <Th className="max-sm:hidden">База</Th>
                <Th>Что было</Th>
                <Th>Ответ</Th>
                <Th right className="max-sm:hidden">Время</Th>
              </tr>
            </thead>
            <tbody>
              {calls.map((call) => {
                const word = call.answer.split(/\s/)[0] ?? "";
                return (
                  <tr key={call.callId}>
                    <Td className="whitespace-nowrap max-sm:hidden">
                      <At at={call.at} />
                    </Td>
                    <Td className="min-w-36 py-1.5 wrap-anywhere max-sm:hidden">{call.baseName ?? "Неизвестная"}</Td>
                    <Td className="py-1.5 wrap-anywhere max-sm:pl-4 sm:min-w-56">
                      <p className="text-caption text-muted-foreground sm:hidden">
                        <At at={call.at} /> · {call.baseName ?? "Неизвестная база"}
                      </p>
                      {call.summary} <span className="text-muted-foreground">({call.mode})</span>
                    </Td>
                    <Td>
                      <StateBadge tone={answerTones[word as keyof typeof answerTones] ?? "neutral"}>{{ success: "Принято", progress: "Продолжается", failure: "Отказ" }[word] ?? "Отдано"}</StateBadge>
                    </Td>
                    <Td right className="max-sm:hidden">{formatDuration(call.durationMs)}</Td>
                  </tr>
                );
              })}
            </tbody>
          </Table>
        )}
      </Panel>
    </>
  );
}
