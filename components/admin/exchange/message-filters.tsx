import { FilterForm, FilterPeriod, FilterSelect, FilterText } from "@/components/admin/list-filter.tsx";
import { isNarrowed, messageQuery, noNarrowing } from "@/lib/onec/inbox/message-filter.ts";
import type { MessageFilter } from "@/lib/onec/inbox/message-filter.ts";
import { directionLabels, kindLabels, messageDirections, messageKinds, messageResults, resultLabels } from "@/lib/onec-messages/states.ts";

type Props = { filter: MessageFilter; bases: readonly { connectionId: string; name: string }[]; /** This person may look for words in the documents. */ seesDocuments: boolean };

/** The filter of the journal; conflicts have the part of it that means something for them. */
export function MessageFilters({ filter, bases, seesDocuments }: Props) {
  const isInbox = filter.tab === "conflicts";
  return (
    <FilterForm
      action="/admin/exchange" keeps={{ tab: filter.tab === "all" ? null : filter.tab, order: filter.orderId, decided: filter.decided }} className="border-b p-3 sm:px-4"
      resetHref={isNarrowed(filter) ? `/admin/exchange${messageQuery(filter, noNarrowing)}` : null}
    >
      <FilterText title={isInbox ? "Заказ, поле, сумма или слова" : "Номер, GUID или слова"} value={filter.text} />
      {bases.length > 1 ? <FilterSelect name="base" title="База" value={filter.baseId} options={bases.map((base) => [base.connectionId, base.name])} /> : null}
      {isInbox ? null : (
        <>
          <FilterSelect name="direction" title="Куда" value={filter.direction} options={messageDirections.map((each) => [each, directionLabels[each]])} />
          <FilterSelect name="kind" title="Что" value={filter.kind} options={messageKinds.map((each) => [each, kindLabels[each]])} />
          <FilterSelect name="result" title="Итог" value={filter.result} options={messageResults.map((each) => [each, resultLabels[each]])} />
        </>
      )}
      <FilterPeriod from={filter.from} to={filter.to} />
      {seesDocuments && !isInbox ? (
        <label className="col-span-2 flex h-8 items-center gap-2 px-1 text-dense pointer-coarse:h-11">
          <input type="checkbox" name="in" value="documents" defaultChecked={filter.where === "documents"} className="size-4" />
          Слова и в документах
        </label>
      ) : null}
    </FilterForm>
  );
}
