import { Field } from "@/components/ui/field.tsx";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";

/** «Закрыть без чека» with its reason: the way out for a receipt that no repeat can help. */
export function ReceiptClose({ receiptId, action }: { receiptId: string; action: FormAction }) {
  return (
    <details className="pt-1">
      <summary className="inline-flex min-h-6 cursor-pointer items-center font-medium text-primary hover:underline">Закрыть без чека</summary>
      <ActionForm action={action} label="Закрыть" className="flex flex-col gap-2 pt-1">
        <input type="hidden" name="receiptId" value={receiptId} />
        <Field id={`note-${receiptId}`} name="note" label="Почему чек не нужен" hint={"Например: пробит в кассе магазина, ФД №\u00A0123"} maxLength={300} autoComplete="off" />
      </ActionForm>
    </details>
  );
}
