import Link from "next/link";
import { mendDiscrepancyAction, requestRegistryAction, resolveDiscrepancyAction } from "@/app/(admin)/admin/reconciliation/actions.ts";
import { ActionForm } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { EvidenceFields } from "@/components/admin/evidence.tsx";
import { FormArea } from "@/components/admin/form-field.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import type { DiscrepancyRow } from "@/lib/reconciliation/index.ts";
import { discrepancyAdvice, discrepancyClasses, mendLabels } from "@/lib/reconciliation/index.ts";
import { fixLinksOf, sumsText } from "./discrepancy-words.ts";

/** What to do about one difference: advice, pages where it is solved, another try by the machine, a person's decision. */
export function DiscrepancyDetail({ row, mayResolve }: { row: DiscrepancyRow; mayResolve: boolean }) {
  const isLive = row.state === "open" || row.state === "expected";
  const mend = mendLabels[row.class];
  return (
    <div className="mt-3 flex flex-col gap-3">
      {isLive ? <p className="max-w-[80ch]">{discrepancyAdvice[row.class]}</p> : null}
      <Evidence row={row} />
      {isLive ? (
        <div className="flex flex-wrap items-start gap-2">
          {fixLinksOf(row).map((link) => (
            <Link key={link.label} href={link.href} prefetch={false} className={buttonClass()}>
              {link.label}
            </Link>
          ))}
          {mayResolve && mend ? (
            <ActionForm action={mendDiscrepancyAction} label={mend}>
              <input type="hidden" name="discrepancyId" value={row.discrepancyId} />
            </ActionForm>
          ) : null}
          {mayResolve && row.class === "REGISTRY_LATE" && row.connectionId ? (
            <ActionForm action={requestRegistryAction} label="Запросить реестр">
              <input type="hidden" name="connectionId" value={row.connectionId} />
              <input type="hidden" name="day" value={row.businessDate} />
            </ActionForm>
          ) : null}
        </div>
      ) : null}
      {isLive && mayResolve ? (
        <div className="flex flex-wrap items-start gap-2">
          <Decision row={row} decision="resolved" summary="Решено…" label="Закрыть как решённое" consequence="Причина устранена. Пока суммы те же, вопрос больше не поднимется." />
          <Decision row={row} decision="ignored" summary="Оставить как есть…" label="Оставить как есть" consequence="Расхождение останется, и мы о нём больше не спросим. Деньги и чеки не меняются." />
        </div>
      ) : null}
    </div>
  );
}

function Decision({ row, decision, summary, label, consequence }: { row: DiscrepancyRow; decision: "resolved" | "ignored"; summary: string; label: string; consequence: string }) {
  const id = `${decision}-${row.discrepancyId}`;
  return (
    <ConfirmDetails summary={summary}>
      <ActionForm action={resolveDiscrepancyAction} label={label} look={decision === "resolved" ? "primary" : "danger"} fields={["reason", "evidenceNote", "evidenceUrl", "evidenceFile"]} hideWhenDone>
        <p>
          <span className="font-medium">{[discrepancyClasses[row.class].label, row.orderNumber && `заказ №\u00A0${row.orderNumber}`, sumsText(row)].filter(Boolean).join(", ")}.</span> {consequence}
        </p>
        <input type="hidden" name="discrepancyId" value={row.discrepancyId} />
        <input type="hidden" name="decision" value={decision} />
        <FormArea id={`${id}-reason`} name="reason" label="Причина" maxLength={500} required />
        <EvidenceFields prefix={id} isNeeded={false} />
      </ActionForm>
    </ConfirmDetails>
  );
}

function Evidence({ row }: { row: DiscrepancyRow }) {
  const shown = row.evidence.filter((each) => each.url || each.fileName);
  if (shown.length === 0) return null;
  return (
    <p className="flex flex-wrap gap-x-3">
      <span className="text-muted-foreground">Подтверждение:</span>
      {shown.map((each) => (
        <a key={each.id} href={each.fileName ? `/admin/evidence/${each.id}` : each.url!} {...(each.fileName ? {} : { target: "_blank", rel: "noreferrer nofollow" })} className="inline-flex min-h-6 items-center font-medium wrap-anywhere text-primary hover:underline">
          {each.fileName ?? each.url!.slice(0, 80)}
        </a>
      ))}
    </p>
  );
}
