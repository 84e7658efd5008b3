import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormArea, FormField } from "@/components/admin/form-field.tsx";
import { Empty, Panel } from "@/components/admin/page-parts.tsx";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { NBSP, formatCount, formatDate, formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import { localDate } from "@/lib/kit/time.ts";
import type { BatchRow } from "@/lib/pilot/read-pilot.ts";
import { BatchForm, payerWords } from "./batch-form.tsx";

type Props = {
  storeId: string; batches: readonly BatchRow[]; now: Date; zone: string; maxOrders: number; isPilot: boolean; mayChange: boolean;
  make: FormAction; add: FormAction; remove: FormAction; close: FormAction;
};

/** Selections of orders (PIL-02): what each takes, how full it is, which named orders 1C has not brought. */
export function BatchesCard({ storeId, batches, now, zone, maxOrders, isPilot, mayChange, make, add, remove, close }: Props) {
  const closed = batches.filter((batch) => batch.closedAt !== null);
  const open = batches.filter((batch) => batch.closedAt === null);
  const item = (batch: BatchRow) => (
    <li key={batch.batchId} className="flex flex-col gap-2 border-t px-4 py-3 sm:px-5">
      <Batch batch={batch} now={now} zone={zone} />
      {batch.awaited.length > 0 ? <Awaited batch={batch} mayChange={mayChange} remove={remove} /> : null}
      {mayChange && isOpen(batch, now) ? (
        <div className="flex flex-wrap gap-2">
          <ConfirmDetails summary="Добавить заказы…">
            <ActionForm action={add} label="Добавить" look="primary" fields={["refs"]}>
              <input type="hidden" name="batchId" value={batch.batchId} />
              <FormArea id={`add-${batch.batchId}`} name="refs" label="Номера или GUID" hint="Через запятую или с новой строки; можно и тех заказов, которые 1С ещё не прислала" />
            </ActionForm>
          </ConfirmDetails>
          <ConfirmDetails summary="Убрать заказ…">
            <ActionForm action={remove} label="Убрать" fields={["ref"]}>
              <input type="hidden" name="batchId" value={batch.batchId} />
              <FormField id={`remove-${batch.batchId}`} name="ref" label="Номер заказа" hint="Убрать можно, пока по заказу не начата оплата" autoComplete="off" />
            </ActionForm>
          </ConfirmDetails>
          <ConfirmDetails summary="Закрыть отбор…">
            <p>Новых заказов этот отбор не возьмёт. Его заказы останутся в пилоте.</p>
            <ActionForm action={close} label="Закрыть отбор">
              <input type="hidden" name="batchId" value={batch.batchId} />
            </ActionForm>
          </ConfirmDetails>
        </div>
      ) : null}
    </li>
  );
  return (
    <Panel title="Отбор заказов">
      {batches.length === 0 ? (
        <Empty title="Отборов нет">{isPilot ? "Пока нет отбора, ни один заказ не войдёт в пилот. Создайте список номеров или правило." : "Отбор понадобится, когда магазин перейдёт в режим пилота. Создать его можно заранее."}</Empty>
      ) : (
        <>
          <ul className="mt-2">{open.map(item)}</ul>
          {closed.length > 0 ? (
            <details className="border-t">
              <summary className="flex min-h-11 items-center px-4 text-dense font-medium text-primary hover:underline sm:px-5">Закрытые отборы, {closed.length}</summary>
              <ul>{closed.map(item)}</ul>
            </details>
          ) : null}
        </>
      )}
      {mayChange ? (
        <div className="border-t p-4 sm:px-5">
          <BatchForm storeId={storeId} maxOrders={maxOrders} today={localDate(now, zone)} make={make} />
        </div>
      ) : null}
    </Panel>
  );
}

const isOpen = (batch: BatchRow, now: Date): boolean => batch.closedAt === null && batch.endsAt > now;

function Batch({ batch, now, zone }: { batch: BatchRow; now: Date; zone: string }) {
  const lastDay = localDate(new Date(batch.endsAt.getTime() - 1), zone);
  const rule = [
    batch.payerKind ? payerWords[batch.payerKind] : null,
    batch.buyerName,
    batch.manager === null ? null : `менеджер ${batch.manager}`,
    batch.totalMaxKopecks === null ? null : `до ${formatMoney(batch.totalMaxKopecks)}`,
  ].filter((text) => text !== null);
  const isFull = batch.takenCount >= batch.maxOrders;
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-center gap-2 font-medium">
        Пилот №{NBSP}
        {batch.no.toString()}
        {batch.closedAt ? <StateBadge tone="neutral">Закрыт</StateBadge> : batch.endsAt <= now ? <StateBadge tone="neutral">Срок вышел</StateBadge> : isFull ? <StateBadge tone="info">Набран</StateBadge> : <StateBadge tone="success">Набирает</StateBadge>}
      </p>
      <p className="num text-dense text-muted-foreground wrap-anywhere">
        {batch.kind === "list" ? "По списку" : rule.length > 0 ? `По правилу: ${rule.join(", ")}` : "По правилу: все новые заказы"} · {batch.takenCount} из {formatCount(BigInt(batch.maxOrders), ["заказа", "заказов", "заказов"])} · по {formatDate(lastDay)} · создан{" "}
        {formatDateTime(batch.createdAt)}
        {batch.createdByName ? `, ${batch.createdByName}` : ""}
      </p>
    </div>
  );
}

function Awaited({ batch, mayChange, remove }: { batch: BatchRow; mayChange: boolean; remove: FormAction }) {
  return (
    <div className="flex flex-col gap-1.5 text-dense">
      <p className="text-muted-foreground">Ещё не пришли из 1С:</p>
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        {batch.awaited.map((ref) => (
          <li key={ref} className="flex min-w-0 items-center gap-2">
            <span className="num wrap-anywhere">{ref}</span>
            {mayChange && batch.closedAt === null ? (
              <ActionForm action={remove} label="Убрать" look="quiet" className="flex items-center gap-2">
                <input type="hidden" name="batchId" value={batch.batchId} />
                <input type="hidden" name="ref" value={ref} />
              </ActionForm>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
