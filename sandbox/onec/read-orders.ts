import { fromMoscow } from "../core/clock.ts";
import { kopecks } from "../core/money.ts";
import { all, child, readXml, requisites, textOf, type Node } from "./read-xml.ts";
import type { Buyer, Line, Vat } from "./state.ts";

/** A document of the site as УТ 11.5 reads it. */
export type SiteOrder = {
  id: string;
  number: string;
  at: number;
  total: bigint;
  buyer: Omit<Buyer, "kind"> & { kind: Buyer["kind"] };
  vatIncluded: boolean;
  lines: Line[];
  comment: string;
  paid: boolean;
  methodCode: string;
  methodName: string;
  cancelled: boolean;
  paidAt: string;
  paymentNumber: string;
  /** ПодчиненныеДокументы: УТ does not look at them. */
  payments: SitePayment[];
  warnings: string[];
};

export type SitePayment = { id: string; number: string; date: string; time: string; operation: string; sum: bigint | null; method: string; methodCode: string; paid: string };

/** Reads the body of `query`; throws what УТ would stop at. One bad document refuses the whole answer. */
export function readSiteOrders(xml: string): SiteOrder[] {
  const root = readXml(xml);
  if (root.name !== "КоммерческаяИнформация") throw new Error(`корень ответа «${root.name}», ожидалась «КоммерческаяИнформация»`);
  const documents = all(root, "Документ");
  for (const d of documents) {
    const operation = textOf(d, "ХозОперация") ?? "";
    if (operation.toLowerCase() !== "заказ товара") throw new Error(`документ ${textOf(d, "Номер") ?? ""}: ХозОперация «${operation}», ожидался «Заказ товара»`);
  }
  return documents.map(readOrder);
}

function readOrder(d: Node): SiteOrder {
  const number = required(d, "Номер", textOf(d, "Номер") ?? "?");
  const warnings: string[] = [];
  const currency = required(d, "Валюта", number);
  if (currency.length !== 3) warnings.push(`${number}: Валюта «${currency}» не из трёх знаков, взята валюта базы`);
  decimal(required(d, "Курс", number), `${number}: Курс`);
  const at = fromMoscow(`${required(d, "Дата", number)} ${required(d, "Время", number)}`);
  if (at === null) throw new Error(`${number}: дата или время не читаются`);
  const buyerNode = child(child(d, "Контрагенты") ?? d, "Контрагент");
  if (!buyerNode) throw new Error(`${number}: нет контрагента`);
  const goods = child(d, "Товары");
  if (!goods) throw new Error(`${number}: нет элемента Товары`);
  if (child(d, "Склады")) warnings.push(`${number}: передан элемент Склады, его вид зависит от версии`);
  const taxes = child(child(d, "Налоги") ?? d, "Налог");
  const vatIncluded = taxes ? bool(textOf(taxes, "УчтеноВСумме") ?? "true", `${number}: УчтеноВСумме`) : true;
  const values = requisites(d);
  const total = decimal(required(d, "Сумма", number), `${number}: Сумма`);
  const lines = all(goods, "Товар").map((g) => readLine(g, number));
  return {
    id: required(d, "Ид", number),
    number,
    at,
    total,
    buyer: readBuyer(buyerNode, number),
    vatIncluded,
    lines,
    comment: textOf(d, "Комментарий") ?? values.get("Комментарии покупателя") ?? "",
    paid: bool(values.get("Заказ оплачен") ?? "false", `${number}: Заказ оплачен`),
    methodCode: values.get("Метод оплаты ИД") ?? "",
    methodName: values.get("Метод оплаты") ?? "",
    cancelled: bool(values.get("Отменен") ?? "false", `${number}: Отменен`),
    paidAt: values.get("Дата оплаты") ?? "",
    paymentNumber: values.get("Номер платежного документа") ?? "",
    payments: all(child(d, "ПодчиненныеДокументы") ?? { name: "", attributes: {}, children: [], text: "" }, "ПодчиненныйДокумент").map(readPayment),
    warnings,
  };
}

function readPayment(node: Node): SitePayment {
  const values = requisites(node);
  const text = (name: string) => textOf(node, name) ?? "";
  return {
    id: text("Ид"), number: text("Номер"), date: text("Дата"), time: text("Время"), operation: text("ХозОперация"), sum: kopecks(text("Сумма")),
    method: values.get("Метод оплаты") ?? "", methodCode: values.get("Метод оплаты ИД") ?? "", paid: values.get("Оплачено") ?? "",
  };
}

function readBuyer(node: Node, number: string): SiteOrder["buyer"] {
  for (const name of ["ИНН", "КПП", "ОКПО"]) {
    if (textOf(node, name) === "") throw new Error(`${number}: пустой ${name} контрагента`);
  }
  const official = textOf(node, "ОфициальноеНаименование");
  const inn = textOf(node, "ИНН") ?? "";
  const name = required(node, "Наименование", number);
  return {
    id: textOf(node, "Ид") ?? "",
    kind: official ? "company" : inn ? "sole_trader" : "person",
    name,
    fullName: official ?? textOf(node, "ПолноеНаименование") ?? name,
    inn,
    kpp: textOf(node, "КПП") ?? "",
  };
}

function readLine(node: Node, number: string): Line {
  const where = `${number}, ${textOf(node, "Наименование") ?? "строка"}`;
  const unit = child(node, "БазоваяЕдиница");
  const rate = textOf(child(child(node, "СтавкиНалогов") ?? node, "СтавкаНалога") ?? node, "Ставка") ?? textOf(child(child(node, "Налоги") ?? node, "Налог") ?? node, "Ставка") ?? "0";
  const known = (["22", "20", "10", "7", "5", "0"] as const).find((v) => v === rate);
  const quantity = required(node, "Количество", where);
  if (!/^\d+(\.\d+)?$/.test(quantity)) throw new Error(`${where}: Количество «${quantity}» не число`);
  const off = child(child(node, "Скидки") ?? node, "Скидка");
  return {
    id: required(node, "Ид", where),
    article: textOf(node, "Артикул") ?? "",
    name: required(node, "Наименование", where),
    kind: requisites(node).get("ТипНоменклатуры") === "Услуга" ? "Услуга" : "Товар",
    unitCode: unit?.attributes["Код"] ?? textOf(node, "Единица") ?? "796",
    unitName: unit?.attributes["НаименованиеПолное"] ?? "Штука",
    unitShort: unit?.attributes["МеждународноеСокращение"] ?? "PCE",
    price: decimal(required(node, "ЦенаЗаЕдиницу", where), `${where}: ЦенаЗаЕдиницу`),
    quantity: quantity.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, ""),
    discountPercent: off ? (textOf(off, "Процент") ?? "0") : "0",
    sum: decimal(required(node, "Сумма", where), `${where}: Сумма`),
    // An unknown rate silently becomes «Без НДС».
    vat: (known ?? "0") as Vat,
    cancelled: false,
  };
}

function required(node: Node, name: string, where: string): string {
  const value = textOf(node, name);
  if (value === undefined || value === "") throw new Error(`${where}: нет элемента ${name}`);
  return value;
}

/** Typed reading of a number: a dot, no grouping; more than two decimals only when they are zeros. */
function decimal(text: string, where: string): bigint {
  const value = kopecks(text.replace(/(\.\d\d)0+$/, "$1"));
  if (value === null) throw new Error(`${where}: «${text}» не число`);
  return value;
}

function bool(text: string, where: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new Error(`${where}: «${text}» не булево`);
}
