import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import { orderFilterQuery, orderMethods, orderViewLabels, orderViews } from "@/lib/orders/order-filter.ts";
import type { OrderFilter } from "@/lib/orders/order-filter.ts";
import { FilterForm, FilterPeriod, FilterSelect, FilterText } from "./list-filter.tsx";
import { Chip } from "./page-parts.tsx";

const nothing = { view: null, method: null, from: null, to: null, text: null };

/** Ready questions as chips, the rest as the filter of any list. */
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
      <FilterForm action="/admin/orders" keeps={{ tab: filter.tab === "all" ? null : filter.tab, view: filter.view, sort: filter.sort === "-date" ? null : filter.sort }} resetHref={isNarrow ? orderFilterQuery(filter, nothing) : null}>
        <FilterText title="Номер, покупатель, сумма или ИНН" value={filter.text} />
        <FilterSelect name="method" title="Способ" value={filter.method} any="Любой" options={orderMethods.map((method) => [method, payMethodLabels[method]])} />
        <FilterPeriod from={filter.from} to={filter.to} />
      </FilterForm>
    </div>
  );
}
