import { makeCorrectionAction, reverseReceiptAction } from "@/app/(admin)/admin/receipts/correct-actions.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import type { ReceiptKind } from "@/lib/fiscal/cash-register.ts";
import type { ReceiptPurpose } from "@/lib/fiscal/external-id.ts";
import { ActionForm } from "./action-form.tsx";
import { ConfirmDetails } from "./confirm-details.tsx";
import { FormField, FormSelect } from "./form-field.tsx";

type Props = { receipt: { receiptId: string; state: string; kind: ReceiptKind; purpose: ReceiptPurpose; totalKopecks: bigint; fdNumber: string | null } };

/** Late or wrong receipts: a correction for one that was never printed, a reversal of one that should not be (FISC-31, FISC-32). */
export function ReceiptCorrect({ receipt }: Props) {
  const sum = formatMoney(receipt.totalKopecks);
  if (receipt.state === "failed_final" && !receipt.kind.endsWith("_correction")) {
    return (
      <ConfirmDetails summary="Чек коррекции…" look="quiet">
        <ActionForm action={makeCorrectionAction} label={`Пробить чек коррекции на ${sum}`} look="primary" fields={["basis", "orderNumber"]}>
          <p>Вместо непробитого чека пробьём чек коррекции на {sum} с теми же строками и датой расчёта. Отменить его потом нельзя.</p>
          <input type="hidden" name="receiptId" value={receipt.receiptId} />
          <FormSelect id={`basis-${receipt.receiptId}`} name="basis" label="Основание" options={[{ value: "own", label: "Нашли сами" }, { value: "order", label: "Предписание налоговой" }]} />
          <FormField id={`order-${receipt.receiptId}`} name="orderNumber" label="Номер предписания" maxLength={32} hint="Только для предписания" autoComplete="off" />
        </ActionForm>
      </ConfirmDetails>
    );
  }
  if (receipt.state === "registered" && receipt.purpose !== "reversal") {
    return (
      <ConfirmDetails summary="Чек ошибочный…" look="quiet">
        <ActionForm action={reverseReceiptAction} label={`Отменить чек на ${sum}`} look="danger" fields={["reason"]}>
          <p>
            Пробьём чек, который отменяет этот на {sum}
            {receipt.fdNumber ? `, ФД\u00A0${receipt.fdNumber}` : ""}, и верный чек, если он нужен. Деньги покупателю не возвращаются.
          </p>
          <input type="hidden" name="receiptId" value={receipt.receiptId} />
          <FormField id={`wrong-${receipt.receiptId}`} name="reason" label="Что в чеке неверно" maxLength={500} required autoComplete="off" />
        </ActionForm>
      </ConfirmDetails>
    );
  }
  return null;
}
