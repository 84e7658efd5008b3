import type { Metadata } from "next";
import { notFound } from "next/navigation";
import Link from "next/link";
import { requireWorld } from "../../session/world.ts";
import { oneOf } from "../../session/search-params.ts";
import type { PageWithSearch } from "../../session/search-params.ts";
import { auditActions, auditObjects, auditText } from "@/components/admin/audit-words.ts";
import { At } from "@/components/admin/moment.tsx";
import { Empty, PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { Table, Td, Th } from "@/components/admin/table.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { listAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { roleLabels } from "@/lib/auth/roles.ts";
import type { Role } from "@/lib/auth/roles.ts";

export const metadata: Metadata = { title: "Журнал аудита" };

export default async function AuditPage({ searchParams }: PageWithSearch) {
  const { ctx, staff } = await requireWorld();
  if (!can(staff.role, "audit.see")) notFound();
  const { rows, next } = await listAudit(ctx, { before: oneOf((await searchParams)["before"]), objectId: null });
  return (
    <>
      <PageHead title="Журнал аудита" note="Кто, что и когда изменил. Записи нельзя исправить или удалить" />
      <Panel>
        {rows.length === 0 ? (
          <Empty title="Записей ещё нет">Здесь появится каждое действие сотрудников.</Empty>
        ) : (
          <Table label="Журнал аудита">
            <thead>
              <tr>
                <Th>Когда</Th>
                <Th>Кто</Th>
                <Th>Действие</Th>
                <Th>Было и стало</Th>
                <Th>Адрес</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.auditId}>
                  <Td className="whitespace-nowrap">
                    <At at={row.at} />
                  </Td>
                  <Td className="whitespace-nowrap">
                    {row.actorName ?? (row.actor === "system" ? "Система" : row.actor.startsWith("onec:") ? "1С" : row.actor)}
                    {row.role ? <span className="block text-caption text-muted-foreground">{roleLabels[row.role as Role] ?? row.role}</span> : null}
                  </Td>
                  <Td>
                    {auditActions[row.action] ?? row.action}
                    <span className="block text-caption text-muted-foreground">
                      {row.objectType === "order" ? (
                        <Link href={`/admin/orders/${row.objectId}`} prefetch={false} className="hover:underline">
                          {auditObjects[row.objectType]}
                        </Link>
                      ) : (
                        (auditObjects[row.objectType] ?? row.objectType)
                      )}
                    </span>
                  </Td>
                  <Td className="max-w-96 wrap-anywhere">
                    {auditText(row.before) ? <span className="block text-muted-foreground">было: {auditText(row.before)}</span> : null}
                    {auditText(row.after) ? <span className="block">{auditText(row.after)}</span> : null}
                    {row.reason ? <span className="block">{row.reason}</span> : null}
                  </Td>
                  <Td className="whitespace-nowrap">{row.ip ?? ""}</Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
        {next ? (
          <div className="border-t px-4 py-3 text-right sm:px-5">
            <Link href={`/admin/audit?before=${next}`} prefetch={false} className={buttonClass()}>
              Дальше
            </Link>
          </div>
        ) : null}
      </Panel>
    </>
  );
}
