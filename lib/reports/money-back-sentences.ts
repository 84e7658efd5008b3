/** Sentences of the timeline for money after the payment: refunds, holds, disputes, moves, reconciliation. Pure. */
import { disputeStateLabels } from "@/lib/disputes/states.ts";
import { formatDate, formatDateShort } from "@/lib/kit/format.ts";
import type { OrderEventKind } from "@/lib/orders/record-event.ts";
import { discrepancyClasses } from "@/lib/reconciliation/states.ts";
import { refundReasonLabels } from "@/lib/refunds/states.ts";
import { providerName } from "./provider-names.ts";
import { documentOf, joined, sumText, words } from "./sentence-words.ts";
import type { WriteSentence } from "./sentence-words.ts";

type Detail = Record<string, unknown>;

const reason = (detail: Detail): string | null => joined(refundReasonLabels[detail["reason"] as keyof typeof refundReasonLabels], words(detail["text"]));
const orderOf = (detail: Detail): string => (words(detail["orderNumber"]) ? ` №\u00A0${words(detail["orderNumber"])}` : "");
const toWhom = (detail: Detail): string => ({ instrument: "тем же способом, каким платил покупатель", bank_transfer: "банковским переводом из 1С", cash: "наличными" })[String(detail["method"])] ?? "";
const className = (detail: Detail): string => discrepancyClasses[detail["class"] as keyof typeof discrepancyClasses]?.label ?? "Расхождение";
/** A calendar day has no hour to show. */
const day = (value: unknown): string | null => {
  const text = words(value);
  if (text === null || Number.isNaN(Date.parse(text))) return null;
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? formatDate(text) : formatDateShort(new Date(text));
};

export const moneyBackSentences = {
  "money.returned": ({ detail }, sum) => ({ sign: "money", title: `Возвращено покупателю ${sum}`, note: joined(words(detail["provider"]) && providerName(detail["provider"]), words(detail["providerRefundId"]) && `возврат ${words(detail["providerRefundId"])}`, documentOf(detail)) }),
  "money.return_bounced": ({ detail }, sum) => ({ sign: "bad", title: `Возврат ${sum} не дошёл и вернулся к нам`, note: words(detail["text"]) }),
  "money.reversed": ({ detail }, sum) => ({ sign: "bad", title: `Оплата ${sum} отменена бухгалтером: деньги не поступили`, note: words(detail["text"]) }),
  "money.charged_back": ({ detail }, sum) => ({ sign: "bad", title: `Банк списал ${sum} по жалобе покупателя`, note: joined(words(detail["providerDisputeId"]) && `спор ${words(detail["providerDisputeId"])}`, words(detail["text"])) }),
  "money.chargeback_reversed": (_event, sum) => ({ sign: "money", title: `Спор выигран, ${sum} вернулись к нам`, note: null }),
  "money.held": ({ detail }, sum) => ({ sign: "wait", title: `Деньги ${sum} заблокированы на карте покупателя`, note: joined(words(detail["provider"]) && providerName(detail["provider"]), words(detail["instrument"])) }),
  "money.hold_released": ({ detail }, sum) => ({ sign: "step", title: `Блокировка ${sum} снята`, note: words(detail["text"]) }),
  "money.moved_in": ({ detail }, sum) => ({ sign: "money", title: words(detail["orderNumber"]) ? `${sum} перенесены с заказа${orderOf(detail)}` : `${sum} зачтены из аванса`, note: words(detail["text"]) }),
  "money.moved_out": ({ detail }, sum) => ({ sign: "money", title: words(detail["orderNumber"]) ? `${sum} перенесены на заказ${orderOf(detail)}` : `${sum} оставлены авансом покупателя`, note: words(detail["text"]) }),
  "money.bound": ({ detail }, sum) => ({ sign: "money", title: `Платёж ${sum} без заказа привязан сюда`, note: joined(words(detail["provider"]) && providerName(detail["provider"]), words(detail["providerPaymentId"]) && `платёж ${words(detail["providerPaymentId"])}`, words(detail["text"])) }),
  "hold.requested": ({ detail }, sum) => ({ sign: "step", title: detail["kind"] === "capture" ? `Списываем заблокированные деньги, ${sum}` : "Снимаем блокировку денег", note: words(detail["text"]) }),
  "hold.unknown": () => ({ sign: "wait", title: "Банк не ответил о блокировке, спрашиваем его", note: null }),
  "hold.failed": ({ detail }) => ({ sign: "bad", title: detail["kind"] === "capture" ? "Банк отказался списать заблокированные деньги" : "Банк отказался снять блокировку", note: words(detail["reason"]) }),
  "refund.requested": ({ detail }, sum) => ({ sign: "step", title: `Запрошен возврат ${sum}`, note: joined(reason(detail), detail["source"] === "onec" && "по документу 1С", detail["source"] === "buyer" && "по просьбе покупателя") }),
  "refund.approved": (_event, sum) => ({ sign: "step", title: `Возврат ${sum} одобрен`, note: null }),
  "refund.rejected": ({ detail }, sum) => ({ sign: "bad", title: `Возврат ${sum} отклонён`, note: words(detail["text"]) }),
  "refund.canceled": ({ detail }, sum) => ({ sign: "step", title: `Возврат ${sum} отменён до отправки`, note: words(detail["text"]) }),
  "refund.submitted": ({ detail }, sum) => ({ sign: "step", title: `Возврат ${sum} отправлен в банк`, note: toWhom(detail) || null }),
  "refund.accepted": (_event, sum) => ({ sign: "wait", title: `Банк принял возврат ${sum}, ждём исполнения`, note: null }),
  "refund.unknown": (_event, sum) => ({ sign: "wait", title: `Банк не ответил о возврате ${sum}`, note: "Второй раз не отправляем, спрашиваем банк" }),
  "refund.failed": ({ detail }, sum) => ({ sign: "bad", title: `Возврат ${sum} не исполнен, деньги у нас`, note: words(detail["reason"]) }),
  "refund.seen_outside": ({ detail }, sum) => ({ sign: "money", title: `Найден возврат ${sum}, начатый не у нас`, note: detail["source"] === "onec" ? joined("сделан в 1С", documentOf(detail)) : joined("сделан в кабинете банка", words(detail["providerRefundId"]) && `возврат ${words(detail["providerRefundId"])}`) }),
  "dispute.opened": ({ detail }, sum) => ({ sign: "bad", title: `Покупатель оспорил платёж ${sum} в своём банке`, note: joined(words(detail["text"]), day(detail["deadlineOn"]) && `ответить до ${day(detail["deadlineOn"])}`) }),
  "dispute.changed": ({ detail }) => ({ sign: detail["state"] === "won" ? "ok" : detail["state"] === "lost" ? "bad" : "step", title: `Спор: ${(disputeStateLabels[detail["state"] as keyof typeof disputeStateLabels] ?? "изменён").toLowerCase()}`, note: words(detail["text"]) }),
  "order.shipped": ({ detail }, sum) => ({ sign: "onec", title: `Отгружено на ${sum}`, note: documentOf(detail) }),
  "order.shipment_withdrawn": ({ detail }, sum) => ({ sign: "onec", title: `Отгрузка на ${sum} отменена в 1С`, note: documentOf(detail) }),
  "order.codes_joined": ({ detail }) => ({ sign: "onec", title: "1С передала коды маркировки", note: `штук: ${Number(detail["count"])}` }),
  "order.goods_returned": ({ detail }, sum) => ({ sign: "onec", title: `Покупатель вернул товар на ${sum}`, note: documentOf(detail) }),
  "registry.seen": ({ detail }, sum) => ({ sign: "ok", title: `${detail["kind"] === "refund" ? "Возврат" : "Платёж"} ${sum} есть в реестре банка`, note: sumText(detail["feeKopecks"]) && `комиссия ${sumText(detail["feeKopecks"])}` }),
  "settlement.credited": ({ detail }, sum) => ({ sign: "money", title: "Деньги зачислены на расчётный счёт", note: joined(words(detail["payoutId"]) && `реестр выплат ${words(detail["payoutId"])} на ${sum}`, day(detail["receivedOn"])) }),
  "discrepancy.opened": ({ detail }, sum) => ({ sign: "bad", title: `Сверка: ${className(detail).toLowerCase()}${sum && `, ${sum}`}`, note: words(detail["text"]) }),
  "discrepancy.closed": ({ detail }) => ({ sign: "ok", title: `Сверка: ${className(detail).toLowerCase()} — решено`, note: words(detail["text"]) }),
} satisfies Partial<Record<OrderEventKind, WriteSentence>>;
