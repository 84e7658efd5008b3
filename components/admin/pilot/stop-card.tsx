import { OctagonX } from "lucide-react";
import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormArea, FormSelect } from "@/components/admin/form-field.tsx";
import { At } from "@/components/admin/moment.tsx";
import { Panel } from "@/components/admin/page-parts.tsx";
import { Notice } from "@/components/ui/notice.tsx";
import type { OpenStop, PilotStore } from "@/lib/pilot/read-pilot.ts";

type Props = { store: PilotStore; stops: readonly OpenStop[]; mayStop: boolean; /** One store only, by the role. */ ownOnly: boolean; mayResume: boolean; stop: FormAction; resume: FormAction };

/** The kill switch (PIL-05): what stands still, and the two forms. */
export function StopCard({ store, stops, mayStop, ownOnly, mayResume, stop, resume }: Props) {
  const here = stops.filter((each) => each.storeId === null || each.storeId === store.storeId);
  const targets = [
    ...(here.some((each) => each.storeId === store.storeId) ? [] : [{ value: store.storeId, label: `Только ${store.name}` }]),
    ...(ownOnly || here.some((each) => each.storeId === null) ? [] : [{ value: "all", label: "Все магазины" }]),
  ];
  return (
    <Panel title="Приём оплаты">
      <div className="flex flex-col gap-4 p-4 pt-3 sm:px-5">
        {here.length === 0 ? <p className="text-muted-foreground">Открыт. Если с оплатой что-то не так, остановите её: новых ссылок, попыток и счетов не будет, начатые платежи, чеки, возвраты и обмен с&nbsp;1С идут дальше.</p> : null}
        {here.map((each) => (
          <Notice key={each.stopId} tone="danger" title={each.storeId === null ? "Остановлен во всех магазинах" : "Остановлен в этом магазине"} icon={<OctagonX size={16} strokeWidth={2} aria-hidden />}>
            <p className="wrap-anywhere">
              {each.reason}. <At at={each.stoppedAt} />
              {each.stoppedByName ? `, ${each.stoppedByName}` : ""}
            </p>
            {mayResume ? (
              <div className="mt-1 text-foreground">
                <ConfirmDetails summary="Возобновить…">
                  <ActionForm action={resume} label="Возобновить приём оплаты" look="primary" fields={["reason"]}>
                    <input type="hidden" name="stopId" value={each.stopId} />
                    <FormArea id={`resume-${each.stopId}`} name="reason" label="Что проверено" />
                  </ActionForm>
                </ConfirmDetails>
              </div>
            ) : null}
          </Notice>
        ))}
        {mayStop && targets.length > 0 ? (
          <ConfirmDetails summary="Остановить приём оплаты…" look="danger">
            <p>Сработает сразу. Покупатели увидят на странице заказа, что магазин временно остановил приём оплаты. Возобновить может директор или интегратор.</p>
            <ActionForm action={stop} label="Остановить" look="danger" fields={["reason"]}>
              <FormSelect id="stop-store" name="storeId" label="Где" options={targets} />
              <FormArea id="stop-reason" name="reason" label="Почему" />
            </ActionForm>
          </ConfirmDetails>
        ) : null}
      </div>
    </Panel>
  );
}
