import { moscow } from "../core/clock.ts";
import { shortRubles } from "../core/money.ts";
import { orderTotal, outstanding } from "./orders.ts";
import type { OnecOrder, PaymentDocument } from "./state.ts";
import { onecDate, requisite, type Writer } from "./xml-writer.ts";

/** Requisites of an order as УНФ 3.0 writes them: `false` too, statuses and the pay method (commerceml.md 8). */
export function unfRequisites(out: Writer, order: OnecOrder): void {
  requisite(out, "ПометкаУдаления", String(order.deleted));
  requisite(out, "Проведен", String(order.posted));
  requisite(out, "Оплачен", String(order.payments.length > 0 && outstanding(order) <= 0n));
  requisite(out, "Отгружен", String(order.shipment !== null));
  requisite(out, "Метод оплаты", order.payments.at(-1)?.method ?? "Счет");
  requisite(out, "Статус заказа", order.deleted ? "Отменен" : order.state === "Закрыт" ? "Выполнен" : "В работе");
  requisite(out, "Вид заказа", "Заказ на продажу");
}

/** ПодчиненныеДокументы: what the base itself booked and shipped; what came from the site goes back under the site's number. */
export function subordinates(out: Writer, order: OnecOrder): void {
  if (order.payments.length === 0 && order.shipment === null) return;
  out.open("ПодчиненныеДокументы");
  for (const payment of order.payments) document(out, payment, OPERATION[payment.kind]);
  if (order.shipment) document(out, { ...order.shipment, kind: "Поступление безналичных ДС", sum: orderTotal(order), method: "" }, "Отпуск товара");
  out.close("ПодчиненныеДокументы");
}

const OPERATION: Record<PaymentDocument["kind"], string> = {
  "Операция по платёжной карте": "Эквайринговая операция",
  "Поступление безналичных ДС": "Выплата безналичных денег",
  "Возврат покупателю": "Возврат безналичных денег",
};

function document(out: Writer, one: PaymentDocument, operation: string): void {
  const [day = "", time = ""] = moscow(one.at).split(" ");
  const isMoney = operation !== "Отпуск товара";
  out.open("ПодчиненныйДокумент");
  // A document of the base has a GUID; one key for one document, however often it is uploaded.
  out.leaf("Ид", one.id ?? guidOf(one.number));
  out.leaf("Номер", one.siteNumber ?? "");
  out.leaf("Дата", day);
  out.leaf("ХозОперация", operation);
  out.leaf("Роль", "Продавец");
  out.leaf("Валюта", "RUB");
  out.leaf("Курс", "1");
  out.leaf("Сумма", shortRubles(one.sum < 0n ? -one.sum : one.sum));
  out.leaf("Время", time);
  out.open("ЗначенияРеквизитов");
  requisite(out, isMoney ? "Номер оплаты по 1С" : "Номер отгрузки по 1С", one.number);
  requisite(out, isMoney ? "Дата оплаты по 1С" : "Дата отгрузки по 1С", onecDate(one.at));
  if (isMoney) requisite(out, "Оплачен", "true");
  if (isMoney && one.method !== "") requisite(out, "Метод оплаты", one.method);
  out.close("ЗначенияРеквизитов");
  out.close("ПодчиненныйДокумент");
}

const guidOf = (number: string): string => `8e41d0d0-c3f1-11f1-a001-${[...number].reduce((sum, c) => (sum * 131 + c.codePointAt(0)!) % 0xffffffffffff, 7).toString(16).padStart(12, "0")}`;
