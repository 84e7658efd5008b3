import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import { requestRegistryAction } from "@/app/(admin)/admin/reconciliation/actions.ts";
import { ActionForm } from "@/components/admin/action-form.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { Notice } from "@/components/ui/notice.tsx";
import type { DayConnection } from "@/lib/reconciliation/index.ts";
import { bankName } from "./sources-table.tsx";

/** Banks whose list of the day is not here: upload it, or ask for it. */
export function MissingRegistry({ day, rows, mayUpload }: { day: string; rows: readonly DayConnection[]; mayUpload: boolean }) {
  return rows.map((row) => (
    <Notice key={row.connectionId} tone="warning" title={`Нет реестра от банка ${bankName(row)}`} icon={<TriangleAlert size={18} strokeWidth={1.75} aria-hidden />}>
      <p>Сравнить деньги дня с банком пока не с чем.</p>
      {mayUpload ? (
        <div className="mt-1 flex flex-wrap items-start gap-2">
          <Link href="/admin/reconciliation/uploads" prefetch={false} className={buttonClass()}>
            Загрузить
          </Link>
          <ActionForm action={requestRegistryAction} label="Запросить у банка" className="flex flex-col gap-1">
            <input type="hidden" name="connectionId" value={row.connectionId ?? ""} />
            <input type="hidden" name="day" value={day} />
          </ActionForm>
        </div>
      ) : null}
    </Notice>
  ));
}
