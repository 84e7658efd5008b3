import type { PayFormState } from "@/app/pay/[token]/form-state.ts";
import { Field } from "@/components/ui/field.tsx";

/** Where the receipt goes (FISC-05): the masked contact from 1C, or one field for an e-mail or a phone. Not for invoices. */
export function ContactField({ masked, state }: { masked: string | null; state: PayFormState }) {
  const error = state.errors.contact;
  const field = (
    <Field
      id="contact"
      name="contact"
      label={masked ? "Новый адрес почты или телефон" : "Почта или телефон для чека"}
      fieldSize="customer"
      defaultValue={state.values.contact ?? ""}
      error={error}
      autoFocus={Boolean(error)}
      autoComplete="email"
      inputMode="email"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={64}
      placeholder="ivan@mail.ru или +7 921 123-45-67"
    />
  );
  return (
    <div className="group-has-[[value=invoice]:checked]/pay:hidden">
      {masked ? (
        <details className="group" open={Boolean(error || state.values.contact) || undefined}>
          <summary className="flex min-h-11 cursor-pointer list-none items-center justify-between gap-4 [&::-webkit-details-marker]:hidden">
            <span className="min-w-0 break-words">Чек отправим на {masked}</span>
            <span className="text-primary group-open:hidden">Изменить</span>
          </summary>
          <div className="pt-2">{field}</div>
        </details>
      ) : (
        field
      )}
    </div>
  );
}
