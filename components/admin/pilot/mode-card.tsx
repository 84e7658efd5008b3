import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormArea, FormSelect } from "@/components/admin/form-field.tsx";
import { At } from "@/components/admin/moment.tsx";
import { Panel } from "@/components/admin/page-parts.tsx";
import { storeModeLabels, storeModeMeanings, storeModes, modeMoves } from "@/lib/pilot/states.ts";
import type { StoreMode } from "@/lib/pilot/states.ts";
import type { ModeChangeRow, PilotStore } from "@/lib/pilot/read-pilot.ts";

/** The five modes in their order, the present one marked; below it the form that changes it and who did before. */
export function ModeCard({ store, changes, mayChange, change }: { store: PilotStore; changes: readonly ModeChangeRow[]; mayChange: boolean; change: FormAction }) {
  const moves = modeMoves[store.mode].filter((mode) => mode !== "live");
  return (
    <Panel title="Режим магазина">
      <div className="flex flex-col gap-4 p-4 pt-3 sm:px-5">
        <Steps mode={store.mode} />
        <p className="text-muted-foreground">{storeModeMeanings[store.mode]}</p>
        {mayChange ? (
          <ConfirmDetails summary="Сменить режим…">
            <p>Заказы и деньги остаются на месте: оплаченные заказы доходят до конца в любом режиме.{store.mode === "pilot" ? " Перейти в бой можно ниже, когда выполнены все условия." : ""}</p>
            <ActionForm action={change} label="Сменить режим" look="primary" fields={["to", "reason"]}>
              <input type="hidden" name="storeId" value={store.storeId} />
              <FormSelect id="mode-to" name="to" label="Новый режим" options={moves.map((mode) => ({ value: mode, label: storeModeLabels[mode] }))} />
              <FormArea id="mode-reason" name="reason" label="Почему" hint="Увидят все, кто откроет журнал" />
            </ActionForm>
          </ConfirmDetails>
        ) : null}
        {changes.length > 0 ? (
          <details>
            <summary className="inline-flex min-h-6 cursor-pointer items-center text-dense font-medium text-muted-foreground pointer-coarse:min-h-11">Как менялся режим</summary>
            <ul className="num mt-2 flex flex-col gap-2 text-dense">
              {changes.map((row) => (
                <li key={row.at.toISOString() + row.toMode} className="wrap-anywhere">
                  <span className="text-muted-foreground">
                    <At at={row.at} />
                  </span>{" "}
                  {storeModeLabels[row.fromMode]} → {storeModeLabels[row.toMode]}, {row.actorName ?? "система"}: {row.reason}
                </li>
              ))}
            </ul>
          </details>
        ) : null}
      </div>
    </Panel>
  );
}

function Steps({ mode }: { mode: StoreMode }) {
  const here = storeModes.indexOf(mode);
  return (
    <ol className="grid grid-cols-[repeat(auto-fit,minmax(5.5rem,1fr))] gap-1.5" aria-label="Ступени режима">
      {storeModes.map((each, i) => (
        <li
          key={each}
          aria-current={each === mode ? "step" : undefined}
          className={`flex min-w-0 flex-col rounded-control border px-2.5 py-1.5 text-dense font-medium ${i === here ? "border-primary bg-primary text-primary-foreground" : i < here ? "text-foreground" : "text-muted-foreground"}`}
        >
          <span className="num" aria-hidden>
            {i + 1}
          </span>
          {storeModeLabels[each]}
        </li>
      ))}
    </ol>
  );
}
