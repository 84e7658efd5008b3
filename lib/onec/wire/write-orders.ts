/**
 * Our answer to `mode=query` (commerceml.md 7, 8; CML-15, 25 to 30). UTF-8 text without BOM and xmlns; the order of
 * elements is that of the official 2.10 schema, because УТ reads typed objects in order.
 */
import { formatMoney } from "@/lib/kit/format.ts";
import { rublesText, type Kopecks } from "@/lib/kit/money.ts";
import { writeBuyer, type QueryBuyer } from "./write-buyer.ts";
import { writeLine } from "./write-line.ts";
import { element, render, type Content, type Element } from "./xml-text.ts";
import type { EchoLine, LocalTime } from "./types.ts";

export type { QueryBuyer } from "./write-buyer.ts";

/**
 * CML-30. `ut`: stock УТ 11.5 and Розница; `ut103`: УТ 10.3; `unf_plain`: УНФ without subordinate documents (way A). All three: one
 * document per order, full payment by requisites. `unf`: УНФ and Bitrix clients that said version ≥ 2.09 (way B): every payment is a
 * subordinate document.
 */
export type QueryFlavour = "ut" | "ut103" | "unf_plain" | "unf";

/** УНФ compares this much of a method's name (commerceml.md 8). */
const unfMethodNameMax = 50;

export type QueryPayment = {
  /** Our id of the payment; never goes out as a bare UUID, which УНФ takes for a reference of its own. */
  id: string;
  methodName: string;
  /** Code in 1C's table of pay methods: `card`, `sbp`. */
  methodId: string;
  amountKopecks: Kopecks;
  paidAtLocal: LocalTime;
};

export type QueryOrder = {
  /** The GUID 1C gave, or our own id of at most 40 characters. */
  ref: string;
  /** At most 11 characters, or УТ 11.5 never finds the order (commerceml.md 7, point 3). */
  number: string;
  createdLocal: LocalTime;
  totalKopecks: Kopecks;
  vatIncluded: boolean;
  /** Σ VAT of the lines. */
  vatKopecks: Kopecks;
  comment: string | null;
  buyer: QueryBuyer;
  /** Exactly as 1C gave them. */
  lines: EchoLine[];
  /** Captured payments, oldest first. */
  payments: QueryPayment[];
  /** Captured minus refunded. */
  paidKopecks: Kopecks;
  statusText: string | null;
  cancelled: boolean;
  final: boolean;
  statusChangedLocal: LocalTime | null;
  buyerComment: string | null;
};

export type QueryOptions = { flavour: QueryFlavour; generatedLocal: LocalTime };

export const writeOrders = (orders: Iterable<QueryOrder>, options: QueryOptions): string => [...orderChunks(orders, options)].join("");

/** One order as it stands in the answer. */
export const writeDocument = (order: QueryOrder, flavour: QueryFlavour): string => render(orderElement(order, flavour), "\t");

/** The answer in pieces, one order each. */
export const orderChunks = (orders: Iterable<QueryOrder>, options: QueryOptions): Generator<string, void, undefined> => fileChunks(documentsOf(orders, options.flavour), options);

/** The answer around documents that are written already. */
export const orderFile = (documents: Iterable<string>, options: QueryOptions): string => [...fileChunks(documents, options)].join("");

function* documentsOf(orders: Iterable<QueryOrder>, flavour: QueryFlavour): Generator<string, void, undefined> {
  for (const order of orders) yield writeDocument(order, flavour);
}

function* fileChunks(documents: Iterable<string>, { flavour, generatedLocal }: QueryOptions): Generator<string, void, undefined> {
  const root = `<КоммерческаяИнформация ВерсияСхемы="${flavour === "unf" ? "2.10" : "2.07"}" ДатаФормирования="${generatedLocal}"`;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  let empty = true;
  for (const document of documents) {
    yield (empty ? `${root}>\n` : "") + document;
    empty = false;
  }
  yield empty ? `${root}/>\n` : "</КоммерческаяИнформация>\n";
}

function orderElement(order: QueryOrder, flavour: QueryFlavour): Element {
  return element(
    "Документ",
    ...head(order.ref, order.number, order.createdLocal, "Заказ товара", order.totalKopecks),
    element("Контрагенты", writeBuyer(order.buyer)),
    element("Время", timeOf(order.createdLocal)),
    element("Комментарий", order.comment),
    order.vatKopecks > 0n &&
      element(
        "Налоги",
        element("Налог", element("Наименование", "НДС"), element("УчтеноВСумме", String(order.vatIncluded)), element("Сумма", rublesText(order.vatKopecks))),
      ),
    element("Товары", ...order.lines.map(writeLine)),
    element("ЗначенияРеквизитов", ...requisites(order, flavour)),
    flavour === "unf" && element("ПодчиненныеДокументы", ...order.payments.map((payment) => paymentElement(payment, flavour))),
  );
}

const head = (ref: string, number: string, at: LocalTime, operation: string, totalKopecks: Kopecks): Content[] => [
  element("Ид", ref),
  element("Номер", number),
  element("Дата", at.slice(0, 10)),
  element("ХозОперация", operation),
  element("Роль", "Продавец"),
  element("Валюта", "RUB"),
  element("Курс", "1"),
  element("Сумма", rublesText(totalKopecks)),
];

const timeOf = (at: LocalTime) => at.slice(11, 19) || "00:00:00";

function requisites(order: QueryOrder, flavour: QueryFlavour): Content[] {
  const last = order.payments.at(-1);
  // CML-26. A free order is not "paid": УТ would look for a balance to close.
  const paid = order.paidKopecks > 0n && order.paidKopecks >= order.totalKopecks;
  return [
    requisite("Метод оплаты", last && methodName(last, flavour)),
    requisite("Метод оплаты ИД", last?.methodId),
    requisite("Заказ оплачен", String(paid)),
    requisite("Дата оплаты", last?.paidAtLocal),
    requisite("Номер платежного документа", last && paymentRef(last.id)),
    requisite("Статус заказа", order.statusText),
    requisite("Отменен", String(order.cancelled)),
    requisite("Финальный статус", String(order.final)),
    requisite("Дата изменения статуса", order.statusChangedLocal),
    requisite("Комментарии покупателя", buyerComment(order, flavour, paid)),
  ];
}

const methodName = (payment: QueryPayment, flavour: QueryFlavour) => (flavour === "unf" || flavour === "unf_plain" ? payment.methodName.slice(0, unfMethodNameMax) : payment.methodName);

/** A part payment is nothing that requisites can say, so a person has to read about it. */
function buyerComment(order: QueryOrder, flavour: QueryFlavour, paid: boolean): string | null {
  const partial = flavour !== "unf" && !paid && order.paidKopecks > 0n;
  const note = partial && `Оплачено частично: ${formatMoney(order.paidKopecks)} из ${formatMoney(order.totalKopecks)}`;
  return [order.buyerComment, note].filter(Boolean).join("\n").slice(0, 1000) || null;
}

const requisite = (name: string, value: string | null | undefined): Content =>
  value ? element("ЗначениеРеквизита", element("Наименование", name), element("Значение", value)) : null;

/** Way B of УНФ: an Ид of exactly 36 characters would be taken for a reference of 1C. */
export const paymentRef = (id: string): string => (id.length === 36 ? `P-${id}` : id);

const paymentElement = (payment: QueryPayment, flavour: QueryFlavour): Element =>
  element(
    "ПодчиненныйДокумент",
    ...head(paymentRef(payment.id), paymentRef(payment.id), payment.paidAtLocal, "Эквайринговая операция", payment.amountKopecks),
    element("Время", timeOf(payment.paidAtLocal)),
    element(
      "ЗначенияРеквизитов",
      requisite("Оплачено", "true"),
      requisite("Метод оплаты", methodName(payment, flavour)),
      requisite("Метод оплаты ИД", payment.methodId),
    ),
  );

/** A code and the name that people see, for the mapping tables of УНФ. */
export type InfoItem = { id: string; name: string };

/** The answer to `mode=info` (commerceml.md 3.7). */
export function writeInfo(lists: { statuses: InfoItem[]; paySystems: InfoItem[]; deliveries: InfoItem[] }): string {
  const list = (name: string, items: InfoItem[]) =>
    render(element(name, ...items.map(({ id, name: shown }) => element("Элемент", element("Ид", id), element("Название", shown)))), "\t") || `\t<${name}/>\n`;
  const body = list("Статусы", lists.statuses) + list("ПлатежныеСистемы", lists.paySystems) + list("СлужбыДоставки", lists.deliveries);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Справочник>\n${body}</Справочник>\n`;
}
