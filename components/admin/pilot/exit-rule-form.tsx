import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormArea, FormField } from "@/components/admin/form-field.tsx";
import { At } from "@/components/admin/moment.tsx";
import type { ExitChange, ExitNumber, ExitNumbers } from "@/lib/pilot/set-exit-rule.ts";

const labels: Record<ExitNumber, string> = { orders: "Оплаченных заказов", perMethod: "Оплат на каждый способ", refunds: "Возвратов", drills: "Учений с чеком", days: "Закрытых дней сверки" };
const names = Object.keys(labels) as ExitNumber[];

/** What the pilot must have shown, and who changed it last. */
export function ExitRuleForm({ numbers, change, mayChange, save }: { numbers: ExitNumbers; change: ExitChange | null; mayChange: boolean; save: FormAction }) {
  if (!mayChange && change === null) return null;
  return (
    <div className="flex flex-col gap-2.5 border-t p-4 sm:px-5">
      {change ? (
        <p className="num text-dense wrap-anywhere text-muted-foreground">
          Условия изменены <At at={change.at} />
          {change.actorName ? `, ${change.actorName}` : ""}
          {change.reason ? `: ${change.reason}` : ""}
        </p>
      ) : null}
      {mayChange ? (
        <ConfirmDetails summary="Изменить условия…">
          <p>Числа общие для всех магазинов. Кто, когда и почему изменил их, останется в журнале аудита.</p>
          <ActionForm action={save} label="Изменить условия" look="primary" fields={[...names, "reason"]}>
            <div className="grid items-end gap-3 sm:grid-cols-2">
              {names.map((name) => (
                <FormField key={name} id={`exit-${name}`} name={name} label={labels[name]} inputMode="numeric" maxLength={5} defaultValue={String(numbers[name])} autoComplete="off" required />
              ))}
            </div>
            <FormArea id="exit-reason" name="reason" label="Почему условия другие" maxLength={500} required />
          </ActionForm>
        </ConfirmDetails>
      ) : null}
    </div>
  );
}
