import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import { orderFilterQuery, orderMethods, orderViewLabels, orderViews } from "@/lib/orders/order-filter.ts";
import type { OrderFilter } from "@/lib/orders/order-filter.ts";
import { Chip } from "./page-parts.tsx";

const field = "h-8 rounded-control border border-input bg-card px-2 text-dense";

/** Ready questions as chips, the rest as a plain form: everything stands in the address. */
export function OrderFilters({ filter }: { filter: OrderFilter }) {
  const isNarrow = filter.view !== null || filter.method !== null || filter.from !== null || filter.to !== null || filter.text !== null;
  return (
    <div className="flex flex-col gap-2.5 border-b p-3 sm:px-4">
      <div className="flex gap-1.5 overflow-x-auto" role="group" aria-label="Готовые вопросы">
        {orderViews.map((view) => (
          <Chip key={view} href={orderFilterQuery(filter, { view: filter.view === view ? null : view })} isOn={filter.view === view}>
            {orderViewLabels[view]}
          </Chip>
        ))}
      </div>
      <form action="/admin/orders" className="flex flex-wrap items-end gap-2">
        {filter.tab === "all" ? null : <input type="hidden" name="tab" value={filter.tab} />}
        {filter.view ? <input type="hidden" name="view" value={filter.view} /> : null}
        {filter.sort === "-date" ? null : <input type="hidden" name="sort" value={filter.sort} />}
        <label className="flex min-w-0 grow basis-48 flex-col gap-1 text-caption text-muted-foreground sm:max-w-72">
          Номер, покупатель, сумма или ИНН
          <input type="search" name="q" defaultValue={filter.text ?? ""} maxLength={100} className={`${field} text-foreground`} />
        </label>
        <label className="flex flex-col gap-1 text-caption text-muted-foreground">
          Способ
          <select name="method" defaultValue={filter.method ?? ""} className={`${field} text-foreground`}>
            <option value="">Любой</option>
            {orderMethods.map((method) => (
              <option key={method} value={method}>
                {payMethodLabels[method]}
              </option>
            ))}
          </select>
        </label>
        <label className="flex flex-col gap-1 text-caption text-muted-foreground">
          С
          <input type="date" name="from" defaultValue={filter.from ?? ""} className={`${field} text-foreground`} />
        </label>
        <label className="flex flex-col gap-1 text-caption text-muted-foreground">
          По
          <input type="date" name="to" defaultValue={filter.to ?? ""} className={`${field} text-foreground`} />
        </label>
        <Button type="submit" className="!h-8 !text-dense">
          Показать
        </Button>
        {isNarrow ? (
          <Link href={orderFilterQuery(filter, { view: null, method: null, from: null, to: null, text: null })} prefetch={false} className="flex h-8 items-center rounded-control px-2 text-dense font-medium text-primary hover:bg-muted">
            Сбросить
          </Link>
        ) : null}
      </form>
    </div>
  );
}
