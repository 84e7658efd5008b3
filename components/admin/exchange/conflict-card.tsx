import Link from "next/link";
import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormField } from "@/components/admin/form-field.tsx";
import { At } from "@/components/admin/moment.tsx";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { formatMoney } from "@/lib/kit/format.ts";
import type { ConflictRow } from "@/lib/onec/inbox/list-conflicts.ts";
import { conflictStateLabels } from "@/lib/conflicts/states.ts";

export type ConflictRights = { mayDecide: boolean; mayRepeat: boolean; decide: FormAction; settle: FormAction };

/** One difference: the field, both values, who said them and when, what was done, and the decision. */
export function ConflictCard({ row, rights, isOnOrder = false }: { row: ConflictRow; rights: ConflictRights; isOnOrder?: boolean }) {
  const maySettle = rights.mayDecide || (rights.mayRepeat && row.isTechnical);
  return (
    <article className="num flex min-w-0 flex-col gap-2 text-dense" aria-label={`${row.label}${row.orderNumber ? `, заказ ${row.orderNumber}` : ""}`}>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-semibold">{row.label}</span>
        {row.state === "open" ? null : <StateBadge tone="neutral">{conflictStateLabels[row.state]}</StateBadge>}
        {row.amountKopecks === null ? null : <span>{formatMoney(row.amountKopecks)}</span>}
        {isOnOrder || row.orderId === null ? null : (
          <Link href={`/admin/orders/${row.orderId}`} className="-my-0.5 inline-block min-h-6 min-w-0 py-0.5 font-medium wrap-anywhere text-primary hover:underline">
            Заказ №&nbsp;{row.orderNumber}
          </Link>
        )}
        {row.messageId ? (
          <Link href={`/admin/exchange/messages/${row.messageId}`} className="inline-flex min-h-6 items-center text-primary hover:underline">
            Сообщение
          </Link>
        ) : null}
        {row.alertId && !isOnOrder ? (
          <Link href="/admin/alerts" className="inline-flex min-h-6 items-center text-primary hover:underline">
            Событие
          </Link>
        ) : null}
      </p>
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
        <div className="min-w-0 rounded-control border bg-card p-2 text-foreground">
          <dt className="text-caption text-muted-foreground">
            У нас{row.oursBy ? `: ${row.oursBy}` : ""} {row.oursAt ? <At at={row.oursAt} /> : null}
          </dt>
          <dd className="font-medium wrap-anywhere">{row.ours}</dd>
        </div>
        <div className="min-w-0 rounded-control border bg-card p-2 text-foreground">
          <dt className="text-caption text-muted-foreground">
            {row.baseName.startsWith("1С") ? row.baseName : `1С: ${row.baseName}`} <At at={row.theirsAt} />
          </dt>
          <dd className="font-medium wrap-anywhere">{row.theirs}</dd>
        </div>
      </dl>
      <p className="wrap-anywhere">{row.state === "open" ? row.note : [row.decidedBy, row.reason].filter(Boolean).join(": ")}</p>
      {row.state === "open" && row.isChoice && rights.mayDecide ? (
        <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
          <Choice row={row} side="ours" label="Оставить наше" action={rights.decide} />
          <Choice row={row} side="theirs" label="Взять из 1С" action={rights.decide} />
        </div>
      ) : null}
      {row.state === "open" && !row.isChoice && maySettle ? (
        <ConfirmDetails summary="Разобрано…">
          <ActionForm action={rights.settle} label="Закрыть как разобранное" look="primary" fields={["reason"]}>
            <input type="hidden" name="conflictId" value={row.conflictId} />
            <FormField id={`settle-${row.conflictId}`} name="reason" label="Как разобрали" maxLength={500} required autoComplete="off" />
          </ActionForm>
        </ConfirmDetails>
      ) : null}
    </article>
  );
}

function Choice({ row, side, label, action }: { row: ConflictRow; side: "ours" | "theirs"; label: string; action: FormAction }) {
  const always = side === "ours" ? "всегда оставлять наше" : "всегда брать из 1С";
  return (
    <ActionForm action={action} label={label} className="flex min-w-0 flex-col justify-end gap-1.5">
      <input type="hidden" name="conflictId" value={row.conflictId} />
      <input type="hidden" name="side" value={side} />
      <input type="hidden" name="seen" value={row.seen} />
      {side === "ours" && row.isOurWord ? <p className="text-caption">{row.isToldByExchange ? "1С получит наше значение при следующем обмене" : "Этот способ обмена значение не передаёт: исправьте его в 1С"}</p> : null}
      {row.hasRule ? (
        <label className="flex min-h-6 items-center gap-2 text-caption pointer-coarse:min-h-11">
          <input type="checkbox" name="always" value="yes" className="size-4" />
          Для этого поля {always}
        </label>
      ) : null}
    </ActionForm>
  );
}
