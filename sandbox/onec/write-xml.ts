import { moscow } from "../core/clock.ts";
import { shortRubles } from "../core/money.ts";
import { lineVat, orderTotal, outstanding } from "./orders.ts";
import type { Buyer, Line, OnecOrder } from "./state.ts";

const NS = 'xmlns="urn:1C.ru:commerceml_2" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

/** The upload of УТ 11.5: UTF-8 with BOM, CRLF, tabs (commerceml.md 5, 6). */
export function ordersFile(orders: readonly OnecOrder[], now: number): Buffer {
  const out = new Writer();
  out.raw('<?xml version="1.0" encoding="UTF-8"?>');
  out.open("КоммерческаяИнформация", `${NS} ВерсияСхемы="2.07" ДатаФормирования="${moscow(now).replace(" ", "T")}"`);
  for (const order of orders) document(out, order);
  out.close("КоммерческаяИнформация");
  return Buffer.from(`\uFEFF${out.text()}`, "utf8");
}

function document(out: Writer, order: OnecOrder): void {
  const [day = "", time = ""] = moscow(order.siteAt).split(" ");
  const total = order.lines.reduce((all, l) => (l.cancelled ? all : all + lineVat(l, order.vatIncluded)), 0n);
  const last = order.payments.at(-1);
  out.open("Документ");
  out.leaf("Ид", order.id);
  out.leaf("Номер", order.siteNumber);
  out.leaf("Дата", day);
  out.leaf("ХозОперация", "Заказ товара");
  out.leaf("Роль", "Продавец");
  out.leaf("Валюта", "643");
  out.leaf("Курс", "1");
  out.leaf("Сумма", shortRubles(orderTotal(order)));
  out.open("Контрагенты");
  buyer(out, order.buyer);
  out.close("Контрагенты");
  out.leaf("Время", time);
  if (last) out.leaf("СрокПлатежа", moscow(last.at).slice(0, 10));
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
  if (order.deleted) requisite(out, "ПометкаУдаления", "true");
  if (order.posted) requisite(out, "Проведен", "true");
  if (last && order.posted && outstanding(order) <= 0n) {
    requisite(out, "Номер оплаты по 1С", last.number);
    requisite(out, "Дата оплаты по 1С", onecDate(last.at));
  }
  if (order.shipment) {
    requisite(out, "Номер отгрузки по 1С", order.shipment.number);
    requisite(out, "Дата отгрузки по 1С", onecDate(order.shipment.at));
  }
  out.close("ЗначенияРеквизитов");
  out.close("Документ");
}

function buyer(out: Writer, b: Buyer): void {
  out.open("Контрагент");
  out.leaf("Ид", b.id);
  out.leaf("Наименование", b.name);
  out.leaf(b.kind === "company" ? "ОфициальноеНаименование" : "ПолноеНаименование", b.fullName);
  if (b.inn.length === 10 || b.inn.length === 12) out.leaf("ИНН", b.inn);
  if (b.kind === "company" && b.kpp.length === 9) out.leaf("КПП", b.kpp);
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

function requisite(out: Writer, name: string, value: string): void {
  out.open("ЗначениеРеквизита");
  out.leaf("Наименование", name);
  out.leaf("Значение", value);
  out.close("ЗначениеРеквизита");
}

/** `2026-11-18T9:05:00`: the hour may have one digit. */
function onecDate(ms: number): string {
  return moscow(ms).replace(/ 0?(\d+):/, "T$1:");
}

class Writer {
  private readonly rows: string[] = [];
  private depth = 0;
  raw(text: string): void {
    this.rows.push("\t".repeat(this.depth) + text);
  }
  open(name: string, attributes = ""): void {
    this.raw(`<${name}${attributes ? ` ${attributes}` : ""}>`);
    this.depth += 1;
  }
  close(name: string): void {
    this.depth -= 1;
    this.raw(`</${name}>`);
  }
  leaf(name: string, value: string): void {
    this.raw(`<${name}>${escapeXml(value)}</${name}>`);
  }
  empty(name: string, attributes: Record<string, string>): void {
    this.raw(`<${name} ${Object.entries(attributes).map(([k, v]) => `${k}="${escapeXml(v).replace(/"/g, "&quot;")}"`).join(" ")}/>`);
  }
  text(): string {
    return this.rows.join("\r\n");
  }
}

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
