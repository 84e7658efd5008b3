import { failureCause } from "@/lib/fiscal/failure-causes.ts";
import type { FailedGroup } from "@/lib/fiscal/list-receipts.ts";
import { formatCount, formatMoney } from "@/lib/kit/format.ts";
import { Ago } from "./moment.tsx";

/** Failed receipts by cause, not by row: one cause is mended once (A5). */
export function ReceiptCauses({ groups, now }: { groups: readonly FailedGroup[]; now: Date }) {
  if (groups.length === 0) return null;
  return (
    <ul className="grid gap-3 p-4 md:grid-cols-2 xl:grid-cols-3">
      {groups.map((group) => {
        const cause = failureCause(group.failCode);
        return (
          <li key={group.failCode ?? "-"} className="num flex flex-col gap-1 rounded-control border p-3 text-dense">
            <p className="font-medium text-body">
              {cause.title}, {formatCount(group.count, ["чек", "чека", "чеков"])}
            </p>
            <p className="text-muted-foreground">
              {formatMoney(group.kopecks)} под риском, первый <Ago at={group.since} now={now} />
              {group.nextTryAt ? (
                <>
                  , следующая попытка <Ago at={group.nextTryAt} now={now} />
                </>
              ) : null}
            </p>
            <p>{group.nextTryAt ? "Касса не отвечает или занята. Повторы идут сами." : cause.advice}</p>
            {group.sample ? <p className="wrap-anywhere text-muted-foreground">Ответ кассы: {group.sample.slice(0, 200)}</p> : null}
          </li>
        );
      })}
    </ul>
  );
}
