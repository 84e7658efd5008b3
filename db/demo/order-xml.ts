/** Demo orders as the file that 1C would upload: they go through the real intake. */
import { rublesText } from "@/lib/kit/money.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import type { DemoCompany, DemoItem } from "./catalog.ts";

export type DemoOrder = {
  number: string;
  onecNumber: string;
  guid: string;
  /** Local time of the shop, `2026-11-21T14:05:00`. */
  at: string;
  buyer: { person: string; guid: string } | { company: DemoCompany };
  lines: { item: DemoItem; quantity: number }[];
  isCancelled?: boolean;
  isDeleted?: boolean;
  payment?: { number: string; at: string };
  shipment?: { number: string; at: string };
};

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const text = (value: string) => value.replace(/[&<>]/g, (c) => escapes[c]!);
const tag = (name: string, value: string) => `<${name}>${text(value)}</${name}>`;
const requisite = (name: string, value: string) => `<ЗначениеРеквизита>${tag("Наименование", name)}${tag("Значение", value)}</ЗначениеРеквизита>`;
const rates = { 22: "vat22", 10: "vat10", 0: "none" } as const;

export const orderTotal = (order: DemoOrder): bigint => order.lines.reduce((sum, { item, quantity }) => sum + BigInt(item.priceKopecks) * BigInt(quantity), 0n);

/** Ид of the goods in a line. */
export const orderLineId = (item: DemoItem, i: number): string => `10000000-aaaa-4000-8000-${item.sku.length.toString().padStart(4, "0")}${String(i).padStart(8, "0")}`;

function lineXml({ item, quantity }: DemoOrder["lines"][number], i: number): string {
  const sum = BigInt(item.priceKopecks) * BigInt(quantity);
  const vat = vatFromGross(sum, rates[item.vat]);
  return `<Товар>${tag("Ид", orderLineId(item, i))}${tag("Артикул", item.sku)}${tag("Наименование", item.name)}<БазоваяЕдиница Код="796" НаименованиеПолное="Штука" МеждународноеСокращение="PCE"/><СтавкиНалогов><СтавкаНалога>${tag("Наименование", "НДС")}${tag("Ставка", String(item.vat))}</СтавкаНалога></СтавкиНалогов><ЗначенияРеквизитов>${requisite("ТипНоменклатуры", item.service ? "Услуга" : "Товар")}</ЗначенияРеквизитов>${tag("ЦенаЗаЕдиницу", rublesText(BigInt(item.priceKopecks)))}${tag("Количество", String(quantity))}${tag("Сумма", rublesText(sum))}${tag("Единица", "796")}${tag("Коэффициент", "1")}${item.vat === 0 ? "" : `<Налоги><Налог>${tag("Наименование", "НДС")}${tag("УчтеноВСумме", "true")}${tag("Сумма", rublesText(vat))}${tag("Ставка", String(item.vat))}</Налог></Налоги>`}</Товар>`;
}

function buyerXml({ buyer }: DemoOrder): string {
  if ("person" in buyer) return `<Контрагент>${tag("Ид", buyer.guid)}${tag("Наименование", buyer.person)}${tag("ПолноеНаименование", buyer.person)}${tag("Роль", "Покупатель")}</Контрагент>`;
  const { company } = buyer;
  return `<Контрагент>${tag("Ид", company.guid)}${tag("Наименование", company.name)}${tag("ОфициальноеНаименование", company.official)}${tag("ИНН", company.inn)}${company.kpp ? tag("КПП", company.kpp) : ""}${tag("Роль", "Покупатель")}</Контрагент>`;
}

function documentXml(order: DemoOrder): string {
  const marks = [requisite("Номер по 1С", order.onecNumber), requisite("Дата по 1С", order.at), requisite("Проведен", "true")];
  if (order.isCancelled) marks.push(requisite("Отменен", "true"));
  if (order.isDeleted) marks.push(requisite("ПометкаУдаления", "true"));
  if (order.payment) marks.push(requisite("Номер оплаты по 1С", order.payment.number), requisite("Дата оплаты по 1С", order.payment.at));
  if (order.shipment) marks.push(requisite("Номер отгрузки по 1С", order.shipment.number), requisite("Дата отгрузки по 1С", order.shipment.at));
  return `<Документ>${tag("Ид", order.guid)}${tag("Номер", order.number)}${tag("Дата", order.at.slice(0, 10))}${tag("ХозОперация", "Заказ товара")}${tag("Роль", "Продавец")}${tag("Валюта", "643")}${tag("Курс", "1")}${tag("Сумма", rublesText(orderTotal(order)))}<Контрагенты>${buyerXml(order)}</Контрагенты>${tag("Время", order.at.slice(11, 19))}<Товары>${order.lines.map(lineXml).join("")}</Товары><ЗначенияРеквизитов>${marks.join("")}</ЗначенияРеквизитов></Документ>`;
}

export const ordersXml = (orders: readonly DemoOrder[], at: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_2" ВерсияСхемы="2.07" ДатаФормирования="${at}">${orders.map(documentXml).join("")}</КоммерческаяИнформация>`;
