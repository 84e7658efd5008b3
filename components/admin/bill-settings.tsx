import { vatLabel } from "@/lib/kit/vat.ts";
import { billVatRates } from "@/lib/onec/paykeeper/door-settings.ts";
import type { BillBase } from "@/lib/onec/paykeeper/index.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { FormSelect } from "./form-field.tsx";
import { Panel } from "./page-parts.tsx";
import { StateBadge } from "./state-badges.tsx";

const cashWords = { refuse: "Отказывать: наличные проводит 1С сама", book: "Отмечать заказ оплаченным, чек печатает касса магазина" };

const unchosen = { value: "", label: "Выберите", disabled: true };
const subjects = [
  { value: "goods", label: "Товар" },
  { value: "service", label: "Услуга" },
];

/** What the one line of a bill made by 1C is on the receipt: chosen once, knowingly (API-13). */
export function BillSettingsPanel({ base, mayChange, save }: { base: BillBase; mayChange: boolean; save: FormAction }) {
  const { line, cash } = base.bills;
  return (
    <Panel title={`Счета из 1С (как в PayKeeper): ${base.name}`} aside={line ? <StateBadge tone="success">Настроены</StateBadge> : <StateBadge tone="danger">Не настроены</StateBadge>}>
      <div className="flex flex-col gap-3 p-4 pt-2 text-dense sm:px-5">
        <p className="max-w-[72ch] text-muted-foreground">
          1С присылает в счёте только сумму и название, без товаров. В чеке будет одна строка с этим названием, ставку НДС и предмет расчёта для неё выбираете вы.
          Если заказ с тем же номером и суммой пришёл на сайт со строками, в чек пойдут они. {line ? "" : "Пока это не выбрано, счета из 1С не выставляются."}
        </p>
        {mayChange ? (
          <ActionForm action={save} label="Сохранить" fields={["vatRate", "subject"]} className="flex flex-col gap-3">
            <input type="hidden" name="connectionId" value={base.connectionId} />
            <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
              <FormSelect id={`vat-${base.connectionId}`} name="vatRate" label="Ставка НДС" defaultValue={line?.vatRate ?? ""} required options={[unchosen, ...billVatRates.map((rate) => ({ value: rate, label: vatLabel(rate) }))]} />
              <FormSelect id={`subject-${base.connectionId}`} name="subject" label="Предмет расчёта" defaultValue={line?.subject ?? ""} required options={[unchosen, ...subjects]} />
              <FormSelect id={`cash-${base.connectionId}`} name="cash" label="Если 1С сообщает о наличных" defaultValue={cash} options={Object.entries(cashWords).map(([value, label]) => ({ value, label }))} />
            </div>
          </ActionForm>
        ) : (
          <p>{line ? `${vatLabel(line.vatRate)}, ${line.subject === "goods" ? "товар" : "услуга"}. Наличные: ${cashWords[cash].toLowerCase()}.` : "Выбирает директор или бухгалтер."}</p>
        )}
      </div>
    </Panel>
  );
}
