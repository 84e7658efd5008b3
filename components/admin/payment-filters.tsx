import { payMethodLabels, payMethods } from "@/lib/ledger/kinds.ts";
import { isNarrowed, paymentFilterQuery } from "@/lib/reports/payments/index.ts";
import type { PaymentFilter } from "@/lib/reports/payments/index.ts";
import { providerName } from "@/lib/reports/provider-names.ts";
import { FilterForm, FilterPeriod, FilterSelect, FilterSum, FilterText } from "./list-filter.tsx";

const shown = payMethods.filter((method) => method !== "offset" && method !== "digital_ruble" && method !== "sbp_b2b");
const nothing = { method: null, provider: null, from: null, to: null, min: null, max: null, text: null };

export function PaymentFilters({ filter, providers }: { filter: PaymentFilter; providers: readonly string[] }) {
  return (
    <FilterForm action="/admin/payments" keeps={{ tab: filter.tab === "succeeded" ? null : filter.tab }} resetHref={isNarrowed(filter) ? paymentFilterQuery(filter, nothing) : null} className="border-b p-3 sm:px-4">
      <FilterText title="Заказ, номер в банке, RRN или сумма" value={filter.text} />
      <FilterSelect name="method" title="Способ" value={filter.method} any="Любой" options={shown.map((method) => [method, payMethodLabels[method]])} />
      {providers.length > 0 ? <FilterSelect name="provider" title="Провайдер" value={filter.provider} any="Любой" options={providers.map((provider) => [provider, providerName(provider)])} /> : null}
      <FilterPeriod from={filter.from} to={filter.to} />
      <FilterSum name="min" title="Сумма от, ₽" value={filter.min} />
      <FilterSum name="max" title="до, ₽" value={filter.max} />
    </FilterForm>
  );
}
