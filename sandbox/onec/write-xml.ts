import { moscow } from "../core/clock.ts";
import { shortRubles } from "../core/money.ts";
import { lineVat, orderTotal, outstanding } from "./orders.ts";
import type { Buyer, Line, OnecOrder, OnecSettings } from "./state.ts";
import { subordinates, unfRequisites } from "./unf-xml.ts";
import { onecDate, requisite, Writer } from "./xml-writer.ts";

const NS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

export type XmlOf = Pick<OnecSettings, "configuration" | "subordinate">;

/** The upload of УТ 11.5 (UTF-8 with BOM, CRLF, tabs) or of УНФ 3.0 (commerceml.md 5, 6, 8). */
export function ordersFile(orders: readonly OnecOrder[], now: number, of: XmlOf = { configuration: "ut", subordinate: false }): Buffer {
  const out = new Writer();
  const isUnf = of.configuration === "unf";
  const [space, version] = isUnf ? ["urn:1C.ru:commerceml_210", of.subordinate ? "2.10" : "2.08"] : ["urn:1C.ru:commerceml_2", "2.07"];
  out.raw('<?xml version="1.0" encoding="UTF-8"?>');
  out.open("КоммерческаяИнформация", `xmlns="${space}" ${NS} ВерсияСхемы="${version}" ДатаФормирования="${moscow(now).replace(" ", "T")}"`);
  for (const order of orders) document(out, order, of);
  out.close("КоммерческаяИнформация");
  return Buffer.from(`\uFEFF${out.text()}`, "utf8");
}

function document(out: Writer, order: OnecOrder, of: XmlOf): void {
  const isUnf = of.configuration === "unf";
  const [day = "", time = ""] = moscow(order.siteAt).split(" ");
  const total = order.lines.reduce((all, l) => (l.cancelled ? all : all + lineVat(l, order.vatIncluded)), 0n);
  const last = order.payments.at(-1);
  out.open("Документ");
  out.leaf("Ид", order.id);
  out.leaf("Номер", order.siteNumber);
  out.leaf("Дата", day);
  out.leaf("ХозОперация", "Заказ товара");
  out.leaf("Роль", "Продавец");
  out.leaf("Валюта", isUnf ? "RUB" : "643");
  out.leaf("Курс", "1");
  out.leaf("Сумма", shortRubles(orderTotal(order)));
  out.open("Контрагенты");
  buyer(out, order.buyer, isUnf);
  out.close("Контрагенты");
  out.leaf("Время", time);
  if (last && !isUnf) out.leaf("СрокПлатежа", moscow(last.at).slice(0, 10));
  if (order.comment) out.leaf("Комментарий", order.comment);
  out.open("Налоги");
  tax(out, order.vatIncluded, total);
  out.close("Налоги");
  out.open("Товары");
  for (const l of order.lines) line(out, l, order.vatIncluded);
  out.close("Товары");
  out.open("ЗначенияРеквизитов");
  requisite(out, "Номер по 1С", order.number);
  requisite(out, "Дата по 1С", onecDate(order.at));
  if (isUnf) unfRequisites(out, order);
  if (!isUnf && order.deleted) requisite(out, "ПометкаУдаления", "true");
  if (!isUnf && order.posted) requisite(out, "Проведен", "true");
  if (!isUnf && last && order.posted && outstanding(order) <= 0n) {
    requisite(out, "Номер оплаты по 1С", last.number);
    requisite(out, "Дата оплаты по 1С", onecDate(last.at));
  }
  if (!isUnf && order.shipment) {
    requisite(out, "Номер отгрузки по 1С", order.shipment.number);
    requisite(out, "Дата отгрузки по 1С", onecDate(order.shipment.at));
  }
  out.close("ЗначенияРеквизитов");
  if (isUnf && of.subordinate) subordinates(out, order);
  out.close("Документ");
}

function buyer(out: Writer, b: Buyer, contacts: boolean): void {
  out.open("Контрагент");
  out.leaf("Ид", b.id);
  out.leaf("Наименование", b.name);
  out.leaf(b.kind === "company" ? "ОфициальноеНаименование" : "ПолноеНаименование", b.fullName);
  if (b.inn.length === 10 || b.inn.length === 12) out.leaf("ИНН", b.inn);
  if (b.kind === "company" && b.kpp.length === 9) out.leaf("КПП", b.kpp);
  if (contacts) {
    out.open("Контакты");
    out.open("Контакт");
    out.leaf("Тип", "Почта");
    out.leaf("Значение", `buyer-${b.id.slice(0, 8)}@buyer.example`);
    out.close("Контакт");
    out.close("Контакты");
  }
  out.leaf("Роль", "Покупатель");
  out.close("Контрагент");
}

function line(out: Writer, l: Line, included: boolean): void {
  out.open("Товар");
  out.leaf("Ид", l.id);
  if (l.article) out.leaf("Артикул", l.article);
  out.leaf("Наименование", l.name.slice(0, 250));
  out.empty("БазоваяЕдиница", { Код: l.unitCode, НаименованиеПолное: l.unitName, МеждународноеСокращение: l.unitShort });
  out.open("СтавкиНалогов");
  out.open("СтавкаНалога");
  out.leaf("Наименование", "НДС");
  out.leaf("Ставка", l.vat);
  out.close("СтавкаНалога");
  out.close("СтавкиНалогов");
  out.open("ЗначенияРеквизитов");
  requisite(out, "ТипНоменклатуры", l.kind);
  out.close("ЗначенияРеквизитов");
  out.leaf("ЦенаЗаЕдиницу", shortRubles(l.price));
  out.leaf("Количество", l.quantity);
  out.leaf("Сумма", shortRubles(l.sum));
  out.leaf("Единица", l.unitCode);
  out.leaf("Коэффициент", "1");
  const vat = lineVat(l, included);
  if (vat > 0n) {
    out.open("Налоги");
    tax(out, included, vat, l.vat);
    out.close("Налоги");
  }
  if (Number(l.discountPercent) > 0) {
    out.open("Скидки");
    out.open("Скидка");
    out.leaf("Наименование", l.discountPercent);
    out.leaf("Сумма", shortRubles(discount(l)));
    out.leaf("Процент", l.discountPercent);
    out.leaf("УчтеноВСумме", "true");
    out.close("Скидка");
    out.close("Скидки");
  }
  out.close("Товар");
}

function discount(l: Line): bigint {
  const percent = Number(l.discountPercent);
  return percent >= 100 ? l.sum : (l.sum * BigInt(Math.round(percent * 100))) / (10_000n - BigInt(Math.round(percent * 100)));
}

function tax(out: Writer, included: boolean, sum: bigint, rate?: string): void {
  out.open("Налог");
  out.leaf("Наименование", "НДС");
  out.leaf("УчтеноВСумме", String(included));
  out.leaf("Сумма", shortRubles(sum));
  if (rate !== undefined) out.leaf("Ставка", rate);
  out.close("Налог");
}

