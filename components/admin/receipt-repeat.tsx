import { Field } from "@/components/ui/field.tsx";
import type { FailureCause } from "@/lib/fiscal/failure-causes.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";

type Props = { receiptId: string; state: string; cause: FailureCause; action: FormAction };

/** «Повторить», «Исправить и повторить», or «Узнать результат» while the register's answer is unknown: then nothing is sent twice. */
export function ReceiptRepeat({ receiptId, state, cause, action }: Props) {
  const isUnknown = state === "unknown";
  if (state !== "failed_final" && state !== "failed_retryable" && !isUnknown) return null;
  if (state === "failed_final" && !cause.mayRepeat) return null;
  const fixes = state === "failed_final" && cause.fixesContact;
  return (
    <ActionForm action={action} label={isUnknown ? "Узнать результат" : fixes ? "Исправить и повторить" : "Повторить чек"} className="flex flex-col gap-2 pt-1">
      <input type="hidden" name="receiptId" value={receiptId} />
      {fixes ? <Field id={`contact-${receiptId}`} name="contact" label="Почта или телефон для чека" hint="Пустое поле оставит прежний контакт" maxLength={64} autoComplete="off" /> : null}
    </ActionForm>
  );
}
