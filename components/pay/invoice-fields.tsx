import type { PayFormState } from "@/app/pay/[token]/form-state.ts";
import { Field } from "@/components/ui/field.tsx";

export type KnownCompany = { name: string; inn: string; kpp: string | null };

/** Whom the invoice is made out to: the company 1C named, locked, or fields that the server checks. */
export function InvoiceFields({ company, state }: { company: KnownCompany | null; state: PayFormState }) {
  if (company) {
    return (
      <div className="flex flex-col gap-1">
        <p className="font-medium wrap-anywhere text-foreground">{company.name}</p>
        <p className="tabular-nums">
          {`ИНН\u00A0${company.inn}`}
          {company.kpp ? `, КПП\u00A0${company.kpp}` : ""}
        </p>
        <p>Нужна другая организация? Позвоните в магазин: данные покупателя меняет менеджер.</p>
      </div>
    );
  }
  const field = (name: "inn" | "kpp" | "name", label: string, extra: object) => (
    <Field id={`invoice-${name}`} name={name} label={label} fieldSize="customer" defaultValue={state.values[name] ?? ""} error={state.errors[name]} autoFocus={Boolean(state.errors[name])} autoComplete="off" {...extra} />
  );
  return (
    <div className="flex flex-col gap-4 text-foreground">
      {field("inn", "ИНН", { inputMode: "numeric", maxLength: 20, hint: "10 цифр у организации, 12 у ИП" })}
      {field("name", "Организация или ИП", { maxLength: 160, autoComplete: "organization" })}
      {field("kpp", "КПП, если есть", { inputMode: "numeric", maxLength: 14 })}
      <Field id="invoice-address" name="address" label="Юридический адрес, если нужен в счёте" fieldSize="customer" defaultValue={state.values.address ?? ""} maxLength={250} autoComplete="street-address" />
    </div>
  );
}
