import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { Chip, Empty } from "@/components/admin/page-parts.tsx";
import { isNarrowed, messageQuery } from "@/lib/onec/inbox/message-filter.ts";
import type { MessageFilter } from "@/lib/onec/inbox/message-filter.ts";
import type { ConflictRow } from "@/lib/onec/inbox/list-conflicts.ts";
import type { RuleRow } from "@/lib/onec/inbox/list-rules.ts";
import { ConflictCard } from "./conflict-card.tsx";
import type { ConflictRights } from "./conflict-card.tsx";
import { MoreLink } from "./more-link.tsx";

type Props = { filter: MessageFilter; rows: readonly ConflictRow[]; next: string | null; rules: readonly RuleRow[]; rights: ConflictRights; dropRule: FormAction };

/** What 1C and we say differently, most money first, or what was decided, the last first; rules below. */
export function ConflictInbox({ filter, rows, next, rules, rights, dropRule }: Props) {
  const isDecided = filter.decided !== null;
  const address = (change: Partial<MessageFilter>) => `/admin/exchange${messageQuery(filter, change)}`;
  return (
    <>
      <div className="flex gap-1.5 border-b px-3 py-2.5 sm:px-4" role="group" aria-label="Какие конфликты">
        <Chip href={address({ decided: null })} isOn={!isDecided}>
          Открытые
        </Chip>
        <Chip href={address({ decided: "yes" })} isOn={isDecided}>
          Решённые
        </Chip>
      </div>
      {rows.length > 0 ? <List rows={rows} rights={rights} /> : <Nothing isNarrow={isNarrowed(filter)} isDecided={isDecided} />}
      {next ? <MoreLink href={address({ cursor: next })} /> : null}
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
    </>
  );
}

function Nothing({ isNarrow, isDecided }: { isNarrow: boolean; isDecided: boolean }) {
  if (isNarrow) return <Empty title="Ничего не нашлось">Измените отбор или сбросьте его.</Empty>;
  if (isDecided) return <Empty title="Решённых пока нет">Здесь останется каждый конфликт: кто, когда и как его решил.</Empty>;
  return <Empty title="Конфликтов нет">Сюда попадает всё, что 1С говорит иначе, чем мы: сумма после оплаты, удалённый заказ с деньгами, контакт, который исправили обе стороны.</Empty>;
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
