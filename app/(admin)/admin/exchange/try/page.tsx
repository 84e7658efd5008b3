import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { requireWorld } from "../../../session/world.ts";
import { rehearseAction } from "../actions.ts";
import { RehearsalForm } from "@/components/admin/exchange/rehearsal-form.tsx";
import { Empty, PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { can } from "@/lib/auth/permissions.ts";
import { listBases } from "@/lib/onec/exchange-page.ts";

export const metadata: Metadata = { title: "Пробная загрузка файла 1С" };

export default async function TryPage() {
  const { ctx, staff, isTest } = await requireWorld();
  if (!can(staff.role, "onec.repeat")) notFound();
  const bases = await listBases(ctx, isTest);
  return (
    <>
      <PageHead title="Пробная загрузка файла" note={<Link href="/admin/exchange" className="inline-flex min-h-6 items-center text-primary hover:underline">Все сообщения</Link>} />
      <Panel>
        {bases.length === 0 ? (
          <Empty title="База 1С не подключена">Проверять файл можно, когда заведена база, от имени которой он пришёл бы.</Empty>
        ) : (
          <>
            <p className="px-4 pt-4 text-dense text-muted-foreground sm:px-5">Покажем, что сделал бы сайт с каждым документом. Ничего не записывается и никому не отправляется.</p>
            <RehearsalForm action={rehearseAction} bases={bases} />
          </>
        )}
      </Panel>
    </>
  );
}
