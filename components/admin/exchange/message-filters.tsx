import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { isNarrowed, messageQuery } from "@/lib/onec/inbox/message-filter.ts";
import type { MessageFilter } from "@/lib/onec/inbox/message-filter.ts";
import { directionLabels, kindLabels, messageDirections, messageKinds, messageResults, resultLabels } from "@/lib/onec-messages/states.ts";

const box = "h-8 rounded-control border border-input bg-card px-2 text-dense text-foreground";
const label = "flex min-w-0 flex-col gap-1 text-caption text-muted-foreground";

type Choice = { name: string; title: string; value: string | null; options: readonly [value: string, label: string][] };

const Select = ({ name, title, value, options }: Choice) => (
  <label className={label}>
    {title}
    <select name={name} defaultValue={value ?? ""} className={`max-w-44 ${box}`}>
      <option value="">Все</option>
      {options.map(([code, text]) => (
        <option key={code} value={code}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

/** A plain form: everything stands in the address. */
export function MessageFilters({ filter, bases }: { filter: MessageFilter; bases: readonly { connectionId: string; name: string }[] }) {
  return (
    <form action="/admin/exchange" className="flex flex-wrap items-end gap-2 border-b p-3 sm:px-4">
      {filter.tab === "all" ? null : <input type="hidden" name="tab" value={filter.tab} />}
      {filter.orderId ? <input type="hidden" name="order" value={filter.orderId} /> : null}
      <label className={`${label} grow basis-48 sm:max-w-64`}>
        Номер, GUID или слова
        <input type="search" name="q" defaultValue={filter.text ?? ""} maxLength={100} className={box} />
      </label>
      {bases.length > 1 ? <Select name="base" title="База" value={filter.baseId} options={bases.map((base) => [base.connectionId, base.name])} /> : null}
      <Select name="direction" title="Куда" value={filter.direction} options={messageDirections.map((each) => [each, directionLabels[each]])} />
      <Select name="kind" title="Что" value={filter.kind} options={messageKinds.map((each) => [each, kindLabels[each]])} />
      <Select name="result" title="Итог" value={filter.result} options={messageResults.map((each) => [each, resultLabels[each]])} />
      <label className={label}>
        С
        <input type="date" name="from" defaultValue={filter.from ?? ""} className={box} />
      </label>
      <label className={label}>
        По
        <input type="date" name="to" defaultValue={filter.to ?? ""} className={box} />
      </label>
      <Button type="submit" className="!h-8 !text-dense">
        Показать
      </Button>
      {isNarrowed(filter) ? (
        <Link href={`/admin/exchange${messageQuery(filter, { baseId: null, direction: null, kind: null, result: null, from: null, to: null, text: null, orderId: null })}`} prefetch={false} className="flex h-8 items-center rounded-control px-2 text-dense font-medium text-primary hover:bg-muted">
          Сбросить
        </Link>
      ) : null}
    </form>
  );
}
