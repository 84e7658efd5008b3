/** The money timeline (A3): one sentence for each kind of event. Pure. */
import { linkStateLabels } from "@/lib/payments/states.ts";
import { notRequiredReasons } from "@/lib/fiscal/states.ts";
import { formatDate, formatDateShort, formatMoney } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import type { OrderEventKind } from "@/lib/orders/record-event.ts";
import { lifecycleLabels } from "@/lib/orders/states.ts";
import { moneyBackSentences } from "./money-back-sentences.ts";
import { declineReasons, providerName } from "./provider-names.ts";
import { documentOf, joined, sumText, words } from "./sentence-words.ts";
import type { Sentence, TimelineEvent, WriteSentence } from "./sentence-words.ts";

export type { Sentence, TimelineEvent, TimelineSign } from "./sentence-words.ts";

const methodOf = (detail: Record<string, unknown>): string => payMethodLabels[detail["method"] as keyof typeof payMethodLabels] ?? "Платёж";
const paidBy = (detail: Record<string, unknown>): string =>
  ({ card: "картой", sbp: "через СБП", sbp_b2b: "через СБП для бизнеса", bank_transfer: "переводом", cash: "наличными" })[String(detail["method"])] ?? "";

function changedSum(detail: Record<string, unknown>): string {
  const [before, after] = [sumText(detail["oldTotalKopecks"]), sumText(detail["newTotalKopecks"])];
  return before && after && before !== after ? `1С изменила заказ: было ${before}, стало ${after}` : "1С изменила строки заказа, сумма прежняя";
}

function changedState(detail: Record<string, unknown>): string {
  const [from, to] = [detail["from"], detail["to"]];
  if (from === to) return detail["posted"] === false ? "1С отменила проведение заказа" : "1С провела заказ";
  if (to === "cancelled" && detail["by"] === "shop") return "Магазин отменил заказ";
  if (to === "cancelled") return "1С отменила заказ";
  if (to === "deleted") return "1С пометила заказ на удаление";
  if (from === "cancelled" || from === "deleted") return "1С вернула заказ в работу";
  const label = lifecycleLabels[to as keyof typeof lifecycleLabels];
  return label ? `1С: заказ ${label.toLowerCase()}` : "1С изменила состояние заказа";
}

const devices: Record<string, string> = { phone: "с телефона", desktop: "с компьютера", tablet: "с планшета" };

const sentences: Record<OrderEventKind, WriteSentence> = {
  ...moneyBackSentences,
  "order.received": (_event, sum) => ({ sign: "onec", title: "Заказ получен из 1С", note: sum || null }),
  "order.in_onec": ({ detail }) => ({ sign: "ok", title: "Заказ есть в 1С", note: words(detail["number"]) ? `№\u00A0${words(detail["number"])}` : null }),
  "order.revised": ({ detail }) => ({ sign: "onec", title: changedSum(detail), note: revision(detail) }),
  "order.status_changed": ({ detail }) => ({ sign: "onec", title: changedState(detail), note: words(detail["onecState"]) && `Состояние в 1С: ${words(detail["onecState"])}` }),
  "order.unpaid_in_onec": ({ detail }) => ({ sign: "onec", title: "1С больше не считает заказ оплаченным", note: documentOf(detail) }),
  "order.paid_in_onec": ({ detail }, sum) => ({ sign: "onec", title: `1С сообщила об оплате${sum && ` ${sum}`}`, note: documentOf(detail) }),
  "order.shipped_in_onec": ({ detail }) => ({ sign: "onec", title: "1С сообщила об отгрузке", note: documentOf(detail) }),
  "order.unshipped_in_onec": () => ({ sign: "onec", title: "1С больше не считает заказ отгруженным", note: null }),
  "link.created": (_event, sum) => ({ sign: "step", title: `Создана ссылка на оплату${sum && ` ${sum}`}`, note: null }),
  "link.opened": ({ detail }) => ({ sign: "step", title: "Покупатель открыл ссылку", note: devices[String(detail["device"])] ?? words(detail["device"]) }),
  "link.closed": ({ detail }) => ({ sign: "step", title: `Ссылка закрыта: ${(linkStateLabels[detail["state"] as keyof typeof linkStateLabels] ?? "закрыта").toLowerCase()}`, note: null }),
  "pay_by.changed": ({ detail }) => ({ sign: "step", title: words(detail["payBy"]) ? `Последний день оплаты: ${formatDate(words(detail["payBy"])!)}` : "Последний день оплаты снят", note: null }),
  "contact.changed": () => ({ sign: "step", title: "Изменён контакт для чека", note: null }),
  "attempt.created": ({ detail }, sum) => ({ sign: "step", title: `Начата оплата ${paidBy(detail)}`, note: joined(providerName(detail["provider"]), sum) }),
  "attempt.opened": ({ detail }) => ({ sign: "step", title: detail["method"] === "sbp" ? "Показан QR-код СБП" : "Открыта страница банка", note: providerName(detail["provider"]) }),
  "attempt.unknown": ({ detail }) => ({ sign: "wait", title: "Банк не ответил, результат неизвестен", note: joined("Спрашиваем банк сами", words(detail["reason"])) }),
  "attempt.declined": ({ detail }) => ({ sign: "bad", title: `${methodOf(detail)}: ${declineReasons[String(detail["declineClass"])] ?? "платёж не прошёл"}`, note: joined(providerName(detail["provider"]), words(detail["reason"]) ?? words(detail["rawState"])) }),
  "attempt.canceled": ({ detail }, sum) => ({ sign: "step", title: `${methodOf(detail)}: попытка отменена`, note: sum || null }),
  "attempt.expired": ({ detail }, sum) => ({ sign: "step", title: `${methodOf(detail)}: время на оплату вышло`, note: sum || null }),
  "attempt.superseded": ({ detail }) => ({ sign: "wait", title: `${methodOf(detail)}: попытка заменена новой`, note: "Банк не дал её отменить, следим за ней дальше" }),
  "attempt.confirmed_by_read": () => ({ sign: "ok", title: "Банк подтвердил оплату на наш запрос", note: null }),
  "money.captured": ({ detail }, sum) => ({
    sign: "money",
    title: `Оплачено ${paidBy(detail)} ${sum}`,
    note: joined(words(detail["provider"]) && providerName(detail["provider"]), words(detail["instrument"]), words(detail["providerPaymentId"]) && `платёж ${words(detail["providerPaymentId"])}`, documentOf(detail)),
  }),
  "receipt.planned": (_event, sum) => ({ sign: "step", title: `Чек поставлен в очередь${sum && `, ${sum}`}`, note: null }),
  "receipt.not_required": ({ detail }) => ({ sign: "step", title: "Чек не требуется", note: notRequiredReasons[detail["reason"] as keyof typeof notRequiredReasons] ?? null }),
  "receipt.sent": () => ({ sign: "step", title: "Касса приняла чек", note: null }),
  "receipt.registered": ({ detail }, sum) => ({ sign: "ok", title: words(detail["fdNumber"]) ? `Чек пробит, ФД\u00A0${words(detail["fdNumber"])}` : "Чек пробит", note: sum || null }),
  "receipt.failed": ({ detail }) => ({ sign: "bad", title: words(detail["nextAt"]) ? "Касса не приняла чек, повторим" : "Чек не пробит, нужно решение", note: joined(words(detail["reason"]), nextTry(detail)) }),
  "receipt.repeated": () => ({ sign: "step", title: "Чек отправлен повторно", note: null }),
  "export.delivered": (_event, sum) => ({ sign: "onec", title: "Оплата передана в 1С", note: joined(sum, "ждём, когда 1С её учтёт") }),
  "export.confirmed": ({ actor, detail }, sum) => ({ sign: "ok", title: actor.startsWith("staff:") || detail["byAmount"] === true ? "Проведено в 1С вручную" : "1С учла оплату", note: joined(documentOf(detail), sum) }),
  "export.retaken": () => ({ sign: "wait", title: "1С забрала оплату ещё раз", note: "Прошлый обмен оборвался до подтверждения" }),
  "invoice.issued": ({ detail }, sum) => ({ sign: "step", title: `Выставлен счёт${words(detail["number"]) ? ` №\u00A0${words(detail["number"])}` : ""}`, note: sum || null }),
  "invoice.cancelled": ({ detail }) => ({ sign: "step", title: `Счёт${words(detail["number"]) ? ` №\u00A0${words(detail["number"])}` : ""} аннулирован`, note: detail["reason"] === "replaced" ? "Выставлен новый" : null }),
  "bill.issued": ({ detail }, sum) => ({ sign: "onec", title: Number(detail["version"]) > 1 ? `1С изменила сумму счёта: ${sum}` : `1С выставила счёт на ${sum}`, note: words(detail["number"]) && `счёт ${words(detail["number"])}` }),
  "bill.revoked": ({ detail }) => ({ sign: "onec", title: "1С отозвала счёт", note: words(detail["number"]) && `счёт ${words(detail["number"])}` }),
  "pilot.chosen": ({ detail }) => ({ sign: "step", title: `Заказ вошёл в пилот${words(detail["batchNo"]) ? ` №\u00A0${words(detail["batchNo"])}` : ""}`, note: null }),
  "pilot.released": ({ detail }) => ({ sign: "step", title: `Заказ убран из пилота${words(detail["batchNo"]) ? ` №\u00A0${words(detail["batchNo"])}` : ""}`, note: null }),
  "document.received": ({ detail }) => ({ sign: "onec", title: `Документ из 1С: ${words(detail["name"]) ?? "файл"}${words(detail["number"]) ? ` №\u00A0${words(detail["number"])}` : ""}`, note: Number(detail["version"]) > 1 ? `редакция ${Number(detail["version"])}, виден покупателю` : "виден покупателю" }),
  "document.hidden": ({ detail }) => ({ sign: "onec", title: `1С отозвала документ: ${words(detail["name"]) ?? "файл"}${words(detail["number"]) ? ` №\u00A0${words(detail["number"])}` : ""}`, note: "покупатель его больше не видит" }),
  "letter.sent": ({ detail }) => ({ sign: "letter", title: `Письмо отправлено${words(detail["recipient"]) ? ` на ${words(detail["recipient"])}` : ""}`, note: letterNames[String(detail["template"])] ?? null }),
};

const letterNames: Record<string, string> = { pay_link: "Ссылка на оплату", paid: "Заказ оплачен", receipt_ready: "Чек", invoice: "Счёт на оплату", bill: "Счёт на оплату", reminder: "Напоминание", refund: "Возврат", document: "Документ", amount_changed: "Сумма изменилась" };

const revision = (detail: Record<string, unknown>): string | null => (typeof detail["revisionNo"] === "number" ? `версия ${detail["revisionNo"]}` : null);
function nextTry(detail: Record<string, unknown>): string | null {
  const at = words(detail["nextAt"]);
  return at && !Number.isNaN(Date.parse(at)) ? `следующая попытка ${formatDateShort(new Date(at))}` : null;
}

export function sentenceOf(event: TimelineEvent): Sentence {
  const sentence = sentences[event.kind](event, event.amountKopecks === null ? "" : formatMoney(event.amountKopecks));
  // A detail that an old event lacks leaves a hole, never two spaces.
  return { ...sentence, title: sentence.title.replace(/ {2,}/g, " ").trim() };
}

/** Who did it, when it was a person or the buyer; our own steps need no name. */
export function actorName(actor: string, staffNames: ReadonlyMap<string, string>): string | null {
  if (actor.startsWith("staff:")) return staffNames.get(actor.slice("staff:".length)) ?? "Сотрудник";
  if (actor.startsWith("shop:")) return "Интернет-магазин";
  return actor === "buyer" ? "Покупатель" : null;
}
