import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormArea, FormField, FormSelect } from "@/components/admin/form-field.tsx";
import type { PayerKind } from "@/db/schema/index.ts";
import { addDays } from "@/lib/kit/time.ts";

export const payerWords: Record<PayerKind, string> = { individual: "физлица", organization: "организации", sole_proprietor: "ИП", unknown: "покупатель неизвестен" };

const DAYS = 14;
const fields = ["refs", "maxOrders", "endsOn", "totalMax", "counterpartyInn", "manager"];

/** Two ways of choosing orders: a list of names, a rule. Each is a form of its own, so that neither shows fields that mean nothing. */
export function BatchForm({ storeId, maxOrders, today, make }: { storeId: string; maxOrders: number; today: string; make: FormAction }) {
  return (
    <div className="flex flex-wrap gap-2">
      <ConfirmDetails summary="Новый отбор по списку…" look="primary">
        <ActionForm action={make} label="Создать отбор" look="primary" fields={fields}>
          <input type="hidden" name="storeId" value={storeId} />
          <input type="hidden" name="kind" value="list" />
          <FormArea id="list-refs" name="refs" label="Номера заказов или GUID" hint="Через запятую или с новой строки" rows={4} />
          <Limits prefix="list" maxOrders={maxOrders} today={today} />
        </ActionForm>
      </ConfirmDetails>
      <ConfirmDetails summary="Новый отбор по правилу…">
        <p>Берёт новые заказы этого магазина, которые подходят под все условия. Пустое условие подходит любому заказу.</p>
        <ActionForm action={make} label="Создать отбор" look="primary" fields={fields}>
          <input type="hidden" name="storeId" value={storeId} />
          <input type="hidden" name="kind" value="rule" />
          <div className="grid gap-3 sm:grid-cols-2">
            <FormSelect id="rule-payer" name="payerKind" label="Покупатель" options={[{ value: "", label: "Любой" }, { value: "individual", label: "Физлицо" }, { value: "organization", label: "Организация" }, { value: "sole_proprietor", label: "ИП" }]} />
            <FormField id="rule-inn" name="counterpartyInn" label="ИНН покупателя" inputMode="numeric" autoComplete="off" />
            <FormField id="rule-manager" name="manager" label="Менеджер в 1С" hint="Имя целиком. Его передаёт только обмен JSON" maxLength={200} autoComplete="off" />
            <FormField id="rule-total" name="totalMax" label="Сумма заказа до, ₽" inputMode="decimal" autoComplete="off" />
          </div>
          <Limits prefix="rule" maxOrders={maxOrders} today={today} />
          <label className="flex items-center gap-2.5 pointer-coarse:min-h-11">
            <input type="checkbox" name="takesExisting" className="size-4 shrink-0" />
            <span>Взять и неоплаченные заказы, которые уже загружены</span>
          </label>
        </ActionForm>
      </ConfirmDetails>
    </div>
  );
}

function Limits({ prefix, maxOrders, today }: { prefix: string; maxOrders: number; today: string }) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <FormField id={`${prefix}-max`} name="maxOrders" label="Не больше заказов" inputMode="numeric" defaultValue={String(maxOrders)} autoComplete="off" />
      <FormField id={`${prefix}-ends`} name="endsOn" type="date" label="Последний день" defaultValue={addDays(today, DAYS)} min={today} />
    </div>
  );
}
