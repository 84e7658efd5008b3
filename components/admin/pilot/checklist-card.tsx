import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { At } from "@/components/admin/moment.tsx";
import { Panel } from "@/components/admin/page-parts.tsx";
import { Check, Circle } from "lucide-react";
import { checklistItems } from "@/lib/pilot/states.ts";
import type { ChecklistRow } from "@/lib/pilot/read-pilot.ts";

/** What people do themselves, with the name and the time of who ticked it. */
export function ChecklistCard({ storeId, rows, mayTick, tick }: { storeId: string; rows: readonly ChecklistRow[]; mayTick: boolean; tick: FormAction }) {
  const done = rows.filter((row) => row.isDone).length;
  return (
    <Panel title="Чек-лист сотрудников" aside={<span className="num text-dense text-muted-foreground">{done} из {rows.length}</span>}>
      <ul className="mt-2">
        {rows.map((row) => (
          <li key={row.item} className="grid grid-cols-[20px_minmax(0,1fr)] gap-x-3 gap-y-2 border-t px-4 py-2.5 sm:grid-cols-[20px_minmax(0,1fr)_auto] sm:items-center sm:px-5">
            {row.isDone ? <Check size={16} strokeWidth={2.25} className="mt-0.5 text-success sm:mt-0" aria-label="Сделано" /> : <Circle size={16} strokeWidth={1.5} className="mt-0.5 text-muted-foreground sm:mt-0" aria-label="Не сделано" />}
            <div className="min-w-0">
              <p>{checklistItems[row.item]}</p>
              {row.at ? (
                <p className="num text-dense text-muted-foreground">
                  {row.isDone ? "" : "снята отметка, "}
                  {row.byName ?? "система"}, <At at={row.at} />
                </p>
              ) : null}
            </div>
            {mayTick ? (
              <div className="col-start-2 sm:col-start-3">
                <ActionForm action={tick} label={row.isDone ? "Снять" : "Отметить"} look={row.isDone ? "quiet" : "plain"} className="flex flex-wrap items-center gap-2">
                  <input type="hidden" name="storeId" value={storeId} />
                  <input type="hidden" name="item" value={row.item} />
                  <input type="hidden" name="isDone" value={row.isDone ? "no" : "yes"} />
                </ActionForm>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
