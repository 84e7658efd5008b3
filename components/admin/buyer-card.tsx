import { Field } from "@/components/ui/field.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { formatDate } from "@/lib/kit/format.ts";
import type { OrderHead } from "@/lib/orders/order-page.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { FormField } from "./form-field.tsx";
import { Panel } from "./page-parts.tsx";

const payerKinds: Record<string, string> = { individual: "Физическое лицо", sole_proprietor: "Предприниматель", organization: "Организация", unknown: "Не указано в 1С" };
const bases = { order_date: "от даты заказа", invoice_date: "от даты счёта", shipment_date: "от даты отгрузки" } as const;
const dayKinds = { calendar: "календарных", working: "рабочих" } as const;

type Props = { order: OrderHead; seesBuyers: boolean; mayReveal: boolean; mayChangeTerms: boolean; mayEdit: boolean; reveal: FormAction; changeTerms: FormAction; changeContact: FormAction; changeRequisites: FormAction };

export function BuyerCard({ order, seesBuyers, mayReveal, mayChangeTerms, mayEdit, reveal, changeTerms, changeContact, changeRequisites }: Props) {
  const terms = order.deferralDays && order.deferralDayKind && order.deferralBase ? `${order.deferralDays} ${dayKinds[order.deferralDayKind]} дн. ${bases[order.deferralBase]}` : "без отсрочки";
  const isCompany = order.payerKind !== "individual" && order.counterpartyId !== null;
  return (
    <Panel title="Покупатель">
      <div className="num flex flex-col gap-2 p-4 pt-2 text-dense sm:px-5">
        <p className="font-medium wrap-anywhere">{order.buyerName}</p>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-1">
          <dt className="text-muted-foreground">Кто платит</dt>
          <dd>{payerKinds[order.payerKind]}</dd>
          {order.buyerInn ? (
            <>
              <dt className="text-muted-foreground">ИНН</dt>
              <dd className="flex items-center">
                {order.buyerInn}
                {order.buyerKpp ? ` / ${order.buyerKpp}` : ""} <CopyButton text={order.buyerInn} label="ИНН" />
              </dd>
            </>
          ) : null}
          {seesBuyers ? (
            <>
              <dt className="text-muted-foreground">Контакт</dt>
              <dd className="break-all">{order.contact ?? "не указан"}</dd>
            </>
          ) : null}
          {isCompany ? (
            <>
              <dt className="text-muted-foreground">Отсрочка</dt>
              <dd>
                {terms}
                {order.dueDate ? `, срок ${formatDate(order.dueDate)}` : ""}
              </dd>
            </>
          ) : null}
          {order.comment ? (
            <>
              <dt className="self-start text-muted-foreground">Комментарий</dt>
              <dd className="wrap-anywhere">{order.comment}</dd>
            </>
          ) : null}
        </dl>
        {mayReveal && order.contact ? (
          <ActionForm action={reveal} label="Показать контакт" className="flex flex-col gap-2" hideWhenDone>
            <input type="hidden" name="orderId" value={order.orderId} />
          </ActionForm>
        ) : null}
        {mayEdit && seesBuyers ? (
          <details className="border-t pt-2">
            <summary className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">Изменить контакт</summary>
            <ActionForm action={changeContact} label="Сохранить контакт" className="mt-2 flex flex-col gap-3" fields={["contact"]}>
              <input type="hidden" name="orderId" value={order.orderId} />
              <FormField id="order-contact" name="contact" label="E-mail или телефон" hint="Сюда уйдут чек и письма. Если 1С пришлёт другой контакт, спросим, какой верен" maxLength={64} required autoComplete="off" />
            </ActionForm>
          </details>
        ) : null}
        {isCompany && mayChangeTerms ? (
          <details className="border-t pt-2">
            <summary className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">Изменить реквизиты</summary>
            <ActionForm action={changeRequisites} label="Сохранить реквизиты" className="mt-2 flex flex-col gap-3" fields={["officialName", "inn", "kpp", "address", "email", "phone"]}>
              <input type="hidden" name="orderId" value={order.orderId} />
              <FormField id="buyer-name" name="officialName" label="Название для документов" defaultValue={order.buyerOfficialName ?? order.buyerName} maxLength={255} required autoComplete="off" />
              <FormField id="buyer-inn" name="inn" label="ИНН" inputMode="numeric" defaultValue={order.buyerInn ?? ""} maxLength={20} required autoComplete="off" className="num" />
              {order.payerKind === "organization" ? <FormField id="buyer-kpp" name="kpp" label="КПП" defaultValue={order.buyerKpp ?? ""} maxLength={20} autoComplete="off" className="num" /> : null}
              <FormField id="buyer-address" name="address" label="Адрес" defaultValue={order.buyerAddress ?? ""} maxLength={500} autoComplete="off" />
              <FormField id="buyer-email" name="email" label="E-mail организации" hint={order.buyerEmail ? `Сейчас ${order.buyerEmail}. Пусто: не менять` : "Пусто: не менять"} maxLength={64} autoComplete="off" />
              <FormField id="buyer-phone" name="phone" label="Телефон организации" hint={order.buyerPhone ? `Сейчас ${order.buyerPhone}. Пусто: не менять` : "Пусто: не менять"} maxLength={64} autoComplete="off" />
              <p className="text-muted-foreground">Изменятся у всех заказов этого покупателя. Если 1С пришлёт другие, спросим, какие верны.</p>
            </ActionForm>
          </details>
        ) : null}
        {isCompany && mayChangeTerms ? (
          <details className="border-t pt-2">
            <summary className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">Изменить отсрочку</summary>
            <ActionForm action={changeTerms} label="Сохранить условия" className="mt-2 flex flex-col gap-3">
              <input type="hidden" name="counterpartyId" value={order.counterpartyId ?? ""} />
              <Field id="terms-days" name="days" label="Дней отсрочки" inputMode="numeric" pattern="[0-9]{0,3}" defaultValue={order.deferralDays ?? ""} hint="Пусто или ноль: без отсрочки" className="num" />
              <Choice name="dayKind" label="Какие дни" value={order.deferralDayKind ?? "calendar"} options={{ calendar: "Календарные", working: "Рабочие" }} />
              <Choice name="base" label="Считать" value={order.deferralBase ?? "shipment_date"} options={{ order_date: "От даты заказа", invoice_date: "От даты счёта", shipment_date: "От даты отгрузки" }} />
              <p className="text-muted-foreground">Срок изменится у всех неоплаченных заказов этого покупателя.</p>
            </ActionForm>
          </details>
        ) : null}
      </div>
    </Panel>
  );
}

const Choice = ({ name, label, value, options }: { name: string; label: string; value: string; options: Record<string, string> }) => (
  <label className="flex flex-col gap-1.5 text-body font-medium">
    {label}
    <select name={name} defaultValue={value} className="h-9 rounded-control border border-input bg-card px-2 font-normal">
      {Object.entries(options).map(([code, text]) => (
        <option key={code} value={code}>
          {text}
        </option>
      ))}
    </select>
  </label>
);
