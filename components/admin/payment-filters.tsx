import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { payMethodLabels, payMethods } from "@/lib/ledger/kinds.ts";
import { isNarrowed, paymentFilterQuery } from "@/lib/reports/payments/index.ts";
import type { PaymentFilter } from "@/lib/reports/payments/index.ts";
import { providerName } from "@/lib/reports/provider-names.ts";

const box = "h-8 rounded-control border border-input bg-card px-2 text-dense text-foreground";
const label = "flex flex-col gap-1 text-caption text-muted-foreground";
const shown = payMethods.filter((method) => method !== "offset" && method !== "digital_ruble" && method !== "sbp_b2b");

/** A plain form: everything stands in the address. */
export function PaymentFilters({ filter, providers }: { filter: PaymentFilter; providers: readonly string[] }) {
  return (
    <form action="/admin/payments" className="flex flex-wrap items-end gap-2 border-b p-3 sm:px-4">
      {filter.tab === "succeeded" ? null : <input type="hidden" name="tab" value={filter.tab} />}
      <label className={`${label} min-w-0 grow basis-48 sm:max-w-64`}>
        Заказ, номер в банке, RRN или сумма
        <input type="search" name="q" defaultValue={filter.text ?? ""} maxLength={100} className={box} />
      </label>
      <label className={label}>
        Способ
        <select name="method" defaultValue={filter.method ?? ""} className={box}>
          <option value="">Любой</option>
          {shown.map((method) => (
            <option key={method} value={method}>
              {payMethodLabels[method]}
            </option>
          ))}
        </select>
      </label>
      {providers.length > 0 ? (
        <label className={label}>
          Провайдер
          <select name="provider" defaultValue={filter.provider ?? ""} className={box}>
            <option value="">Любой</option>
            {providers.map((provider) => (
              <option key={provider} value={provider}>
                {providerName(provider)}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <label className={label}>
        С
        <input type="date" name="from" defaultValue={filter.from ?? ""} className={box} />
      </label>
      <label className={label}>
        По
        <input type="date" name="to" defaultValue={filter.to ?? ""} className={box} />
      </label>
      <label className={`${label} w-24`}>
        Сумма от, ₽
        <input name="min" inputMode="decimal" defaultValue={filter.min ?? ""} maxLength={30} className={`num ${box}`} />
      </label>
      <label className={`${label} w-24`}>
        до, ₽
        <input name="max" inputMode="decimal" defaultValue={filter.max ?? ""} maxLength={30} className={`num ${box}`} />
      </label>
      <Button type="submit" className="!h-8 !text-dense">
        Показать
      </Button>
      {isNarrowed(filter) ? (
        <Link href={paymentFilterQuery(filter, { method: null, provider: null, from: null, to: null, min: null, max: null, text: null })} prefetch={false} className="flex h-8 items-center rounded-control px-2 text-dense font-medium text-primary hover:bg-muted">
          Сбросить
        </Link>
      ) : null}
    </form>
  );
}
