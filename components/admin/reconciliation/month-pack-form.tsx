import { Panel } from "@/components/admin/page-parts.tsx";
import { FormSelect } from "@/components/admin/form-field.tsx";
import { Button } from "@/components/ui/button.tsx";

const MONTHS = 13;
const names = ["Январь", "Февраль", "Март", "Апрель", "Май", "Июнь", "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь"];

/** The month's workbook for the accountant's folder. */
export function MonthPackForm({ today }: { today: string }) {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  const options = Array.from({ length: MONTHS }, (_, back) => {
    const at = year * 12 + month - 1 - back;
    return { value: `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`, label: `${names[at % 12]} ${Math.floor(at / 12)}` };
  });
  return (
    <Panel title="Выгрузить месяц">
      <form action="/admin/reconciliation/month" method="get" className="flex flex-wrap items-end gap-3 p-4 sm:px-5">
        <div className="min-w-40 grow">
          <FormSelect id="month" name="month" label="Месяц" options={options} />
        </div>
        <Button type="submit">Скачать XLSX</Button>
        <p className="basis-full text-dense text-muted-foreground">Дни по банкам, выплаты с комиссиями и расхождения. Закрытые дни с итогами на момент закрытия.</p>
      </form>
    </Panel>
  );
}
