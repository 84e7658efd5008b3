import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { Empty } from "@/components/admin/page-parts.tsx";
import type { ConflictRow, RuleRow } from "@/lib/onec/inbox/list-conflicts.ts";
import { ConflictCard } from "./conflict-card.tsx";
import type { ConflictRights } from "./conflict-card.tsx";

type Props = { open: readonly ConflictRow[]; decided: readonly ConflictRow[]; rules: readonly RuleRow[]; rights: ConflictRights; dropRule: FormAction };

/** What 1C and we say differently, most money first; decided ones and rules below. */
export function ConflictInbox({ open, decided, rules, rights, dropRule }: Props) {
  return (
    <>
      {open.length === 0 ? <Empty title="Конфликтов нет">Сюда попадает всё, что 1С говорит иначе, чем мы: сумма после оплаты, удалённый заказ с деньгами, контакт, который исправили обе стороны.</Empty> : <List rows={open} rights={rights} />}
      {rules.length > 0 ? (
        <section className="border-t p-4 sm:px-5" aria-labelledby="rules">
          <h3 id="rules" className="text-body font-semibold">
            Правила
          </h3>
          <ul className="mt-2 flex flex-col gap-2 text-dense">
            {rules.map((rule) => (
              <li key={`${rule.connectionId}-${rule.field}`} className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span>
                  {rule.baseName}: {rule.label.toLowerCase()}, {rule.side === "ours" ? "всегда оставлять наше" : "всегда брать из 1С"}
                </span>
                {rights.mayDecide ? (
                  <ActionForm action={dropRule} label="Снять правило" look="quiet">
                    <input type="hidden" name="connectionId" value={rule.connectionId} />
                    <input type="hidden" name="field" value={rule.field} />
                  </ActionForm>
                ) : null}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {decided.length > 0 ? (
        <details className="border-t p-4 sm:px-5">
          <summary className="inline-flex min-h-6 items-center text-dense font-medium text-primary hover:underline">Решённые</summary>
          <List rows={decided} rights={rights} />
        </details>
      ) : null}
    </>
  );
}

const List = ({ rows, rights }: { rows: readonly ConflictRow[]; rights: ConflictRights }) => (
  <ul>
    {rows.map((row) => (
      <li key={row.conflictId} className="border-b p-4 last:border-b-0 sm:px-5">
        <ConflictCard row={row} rights={rights} />
      </li>
    ))}
  </ul>
);
