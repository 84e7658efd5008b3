/** A refund on its way, in the words of staff. Pure. */
import type { Tone } from "@/components/ui/badge.tsx";
import { formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import type { RefundMethod, RefundSource, RefundState, RefundView } from "@/lib/refunds/index.ts";

export const refundTones: Record<RefundState, Tone> = {
  requested: "warning", approved: "info", rejected: "neutral", canceled: "neutral", submitting: "info", unknown: "warning", pending: "info", succeeded: "success", failed: "danger", external: "warning",
};

const live: Record<RefundState, string> = {
  requested: "Ждёт одобрения", approved: "Отправляется…", rejected: "Отклонён", canceled: "Отменён", submitting: "Отправляется…", unknown: "Результат неизвестен", pending: "Банк выполняет", succeeded: "Деньги возвращены",
  failed: "Банк отказал", external: "Начат не у нас",
};

/** What the badge says: an approved one that nobody sends waits for the accountant. */
export const refundStateText = (refund: Pick<RefundView, "state" | "method" | "hasBounced">): string =>
  refund.hasBounced ? "Вернулся из банка" : refund.state === "approved" && refund.method !== "instrument" ? "Ждёт выплаты" : live[refund.state];

/** What happens now, and what nobody should do. */
export function refundStateNote(refund: Pick<RefundView, "state" | "method" | "failText" | "decisionText" | "hasBounced">): string | null {
  if (refund.hasBounced) return "Деньги не дошли и снова у нас. Возврат другим способом заведён отдельной строкой.";
  switch (refund.state) {
    case "approved": return refund.method === "instrument" ? null : "Выплатите деньги и внесите номер документа.";
    case "unknown": return "Банк не ответил. Второй раз не отправляем: спрашиваем банк сами.";
    case "pending": return "Банк принял возврат. Обычно деньги приходят за 1–3 рабочих дня.";
    case "failed": return refund.failText ? `Причина: ${refund.failText}. Деньги у нас.` : "Деньги у нас.";
    case "external": return "Найден в банке или в 1С. Кто и зачем его сделал, неизвестно.";
    default: return refund.decisionText;
  }
}

const sources: Partial<Record<RefundSource, string>> = { buyer: "покупатель", onec: "1С", provider_cabinet: "кабинет банка", auto: "система" };

/** «Запросил Павел Орлов 21.11.2026 14:05» and who decided. */
export function refundPeople(refund: RefundView): string {
  const asked = `Запросил: ${refund.requestedByName ?? sources[refund.source] ?? "система"}, ${formatDateTime(refund.requestedAt)}`;
  if (!refund.decidedAt || refund.state === "requested") return asked;
  const verb = refund.state === "rejected" ? "Отклонил" : refund.state === "canceled" ? "Отменил" : "Одобрил";
  return `${asked} · ${verb}: ${refund.decidedByName ?? "система, сумма в пределах лимита"}, ${formatDateTime(refund.decidedAt)}`;
}

const ways: Record<RefundMethod, string> = { instrument: "тем же способом", bank_transfer: "банковским переводом", cash: "наличными" };
const instruments: Partial<Record<PayMethodCode, string>> = { card: "на карту покупателя", sbp: "через СБП" };
export const refundWay = ({ method, payMethod }: Pick<RefundView, "method" | "payMethod">): string => (method === "instrument" && payMethod ? (instruments[payMethod] ?? ways.instrument) : ways[method]);

/** The question before the approval. */
export const approvalText = (refund: RefundView): string =>
  refund.method === "instrument"
    ? `Вернём ${formatMoney(refund.amountKopecks)} ${refundWay(refund)}${refund.orderNumber ? ` по заказу №\u00A0${refund.orderNumber}` : ""} и, когда банк исполнит, пробьём чек возврата.`
    : `Разрешим выплатить ${formatMoney(refund.amountKopecks)} ${refundWay(refund)}${refund.orderNumber ? ` по заказу №\u00A0${refund.orderNumber}` : ""}. Выплачивает бухгалтер.`;
