import { addOrder, changed, lineVat, nextDocument, outstanding } from "./orders.ts";
import type { SiteOrder } from "./read-orders.ts";
import type { Line, LoadResult, OnecOrder, OnecState } from "./state.ts";
import { GOODS, DELIVERY, TIMBER } from "./catalog.ts";

/** Width of the lookup column of «Номер заказа на сайте». */
const LOOKUP_WIDTH = 11;

const noResult = (): Loaded => ({ created: [], updated: [], skipped: [], booked: [], damaged: [], newGoods: [], warnings: [], touchedIds: [] });

export type Loaded = LoadResult & { touchedIds: string[] };

/** Writes the site's orders into the base by the rules of commerceml.md 7 and 7.1. */
export function loadOrders(state: OnecState, orders: readonly SiteOrder[], now: number): Loaded {
  if (state.settings.configuration === "unf") return loadIntoUnf(state, orders, now);
  const result = noResult();
  const goods = catalogue(state);
  for (const site of orders) {
    result.warnings.push(...site.warnings);
    checkSums(site, result);
    noteGoods(site.lines, goods, result);
    const order = find(state, site.number);
    if (order) update(state, order, site, now, result);
    else create(state, site, now, result);
  }
  return result;
}

function find(state: OnecState, number: string): OnecOrder | undefined {
  if (number.length > LOOKUP_WIDTH) return undefined;
  return Object.values(state.orders).find((o) => o.siteNumber === number);
}

function update(state: OnecState, order: OnecOrder, site: SiteOrder, now: number, result: Loaded): void {
  const why = order.deleted
    ? "заказ помечен на удаление"
    : order.state !== "Ожидается согласование"
      ? `состояние «${order.state}»`
      : order.lines.every((l) => l.cancelled)
        ? "нет неотменённых строк"
        : null;
  if (why) {
    result.skipped.push({ number: site.number, why });
    order.notes.push(`пропущен при обмене: ${why}`);
    return;
  }
  if (fingerprint(order.lines, order.vatIncluded) !== fingerprint(site.lines, site.vatIncluded)) {
    result.damaged.push(site.number);
    order.notes.push("сайт изменил строки заказа");
  }
  const was = order.lines;
  order.lines = site.lines.map((l) => ({ ...l, cancelled: site.cancelled || (was.find((old) => old.id === l.id)?.cancelled ?? false) }));
  order.vatIncluded = site.vatIncluded;
  result.updated.push(site.number);
  finish(state, order, site, now, result);
}

function create(state: OnecState, site: SiteOrder, now: number, result: Loaded): void {
  const order = addOrder(state, now, { ...site.buyer }, site.lines.map((l) => ({ ...l, cancelled: site.cancelled })));
  order.siteNumber = site.number;
  order.siteAt = site.at;
  order.vatIncluded = site.vatIncluded;
  order.comment = site.comment;
  if (site.number.length > LOOKUP_WIDTH) result.warnings.push(`${site.number}: номер длиннее ${LOOKUP_WIDTH} знаков, повтор создаст дубль`);
  result.created.push(site.number);
  finish(state, order, site, now, result);
}

/** 7.1: the whole outstanding balance, only by a mapped pay method. */
function finish(state: OnecState, order: OnecOrder, site: SiteOrder, now: number, result: Loaded): void {
  changed(order);
  result.touchedIds.push(order.id);
  if (!site.paid) return;
  const { loadPayments, methods } = state.settings;
  const method = methods.find((m) => m.code === site.methodCode) ?? methods.find((m) => m.name === site.methodName);
  const why = !loadPayments ? "загрузка онлайн-оплат выключена" : !method ? `метод оплаты «${site.methodCode || site.methodName}» не сопоставлен` : null;
  if (why || !method) {
    result.warnings.push(`${site.number}: оплата не отражена: ${why}`);
    order.notes.push(`оплата не отражена: ${why}`);
    return;
  }
  const sum = outstanding(order);
  if (sum <= 0n) return;
  const number = nextDocument(state);
  order.payments.push({ kind: "Операция по платёжной карте", number, at: now, sum, method: method.name });
  result.booked.push({ order: site.number, document: number, sum, method: method.name });
}

function checkSums(site: SiteOrder, result: LoadResult): void {
  const sum = site.lines.reduce((all, l) => all + l.sum + (site.vatIncluded ? 0n : lineVat(l, false)), 0n);
  if (sum !== site.total) result.warnings.push(`${site.number}: сумма строк не равна сумме документа`);
}

/** A wrong GUID silently pollutes the catalogue: goods are found by Ид, then Артикул, then name, else made anew. */
function noteGoods(lines: readonly Line[], goods: Set<string>, result: LoadResult): void {
  for (const l of lines) {
    const names = [l.id, l.article, l.name].filter((n) => n !== "");
    if (!names.some((n) => goods.has(n))) result.newGoods.push(l.name);
    for (const n of names) goods.add(n);
  }
}

function catalogue(state: OnecState): Set<string> {
  const lines = [...GOODS, DELIVERY, TIMBER, ...Object.values(state.orders).flatMap((o) => o.lines)];
  return new Set(lines.flatMap((l) => [l.id, l.article, l.name]).filter((n) => n !== ""));
}

/** What must come back unchanged: id, price, quantity, sum and VAT of every line, in any order. */
export function fingerprint(lines: readonly Line[], vatIncluded: boolean): string {
  return [String(vatIncluded), ...lines.map((l) => `${l.id}|${l.price}|${Number(l.quantity)}|${l.sum}|${l.vat}`).sort()].join("\n");
}

/** УНФ compares this much of a method's name (commerceml.md 8). */
const METHOD_WIDTH = 50;
/** An Ид of this length is taken for a reference of the base's own. */
const REFERENCE_LENGTH = 36;

/** УНФ 3.0: no state hinders it. Way A books a whole payment by requisites, way B each subordinate document, once by its number. */
function loadIntoUnf(state: OnecState, orders: readonly SiteOrder[], now: number): Loaded {
  const result = noResult();
  const goods = catalogue(state);
  for (const site of orders) {
    result.warnings.push(...site.warnings);
    checkSums(site, result);
    noteGoods(site.lines, goods, result);
    let order = Object.values(state.orders).find((o) => o.siteNumber === site.number);
    if (!order) {
      order = addOrder(state, now, { ...site.buyer }, site.lines.map((l) => ({ ...l, cancelled: site.cancelled })));
      Object.assign(order, { siteNumber: site.number, siteAt: site.at, vatIncluded: site.vatIncluded, comment: site.comment });
      result.created.push(site.number);
    } else {
      if (fingerprint(order.lines, order.vatIncluded) !== fingerprint(site.lines, site.vatIncluded)) result.damaged.push(site.number);
      result.updated.push(site.number);
    }
    const before = order.payments.length;
    if (state.settings.subordinate) bookSubordinates(state, order, site, now, result);
    else bookWhole(state, order, site, now, result);
    if (order.payments.length > before) changed(order);
    result.touchedIds.push(order.id);
  }
  return result;
}

const methodOf = (state: OnecState, name: string) => state.settings.methods.find((m) => m.name.slice(0, METHOD_WIDTH) === name.slice(0, METHOD_WIDTH));

function bookWhole(state: OnecState, order: OnecOrder, site: SiteOrder, now: number, result: Loaded): void {
  if (!site.paid) return;
  const method = methodOf(state, site.methodName);
  const why = !method ? `метод оплаты «${site.methodName}» не сопоставлен` : site.paidAt === "" || site.paymentNumber === "" ? "нет даты или номера платёжного документа" : null;
  if (why || !method) return void result.warnings.push(`${site.number}: оплата не отражена: ${why}`);
  const sum = outstanding(order);
  if (sum <= 0n) return;
  const number = nextDocument(state);
  order.payments.push({ kind: "Операция по платёжной карте", number, at: now, sum, method: method.name, siteNumber: site.paymentNumber });
  result.booked.push({ order: site.number, document: number, sum, method: method.name });
}

function bookSubordinates(state: OnecState, order: OnecOrder, site: SiteOrder, now: number, result: Loaded): void {
  for (const payment of site.payments) {
    const where = `${site.number}, документ ${payment.number || payment.id}`;
    const method = methodOf(state, payment.method);
    const why =
      payment.operation.toLowerCase() !== "эквайринговая операция" ? `операция «${payment.operation}» не загружается`
      : payment.id.length === REFERENCE_LENGTH ? "Ид принят за ссылку 1С"
      : payment.number === "" || payment.date === "" || payment.sum === null || payment.sum <= 0n || payment.method === "" ? "нет номера, даты, суммы или метода оплаты"
      : !method ? `метод оплаты «${payment.method}» не сопоставлен`
      : payment.paid === "false" ? "не оплачено"
      : null;
    if (why || !method) {
      result.warnings.push(`${where}: ${why}`);
      continue;
    }
    if (order.payments.some((known) => known.siteNumber === payment.number)) continue;
    const number = nextDocument(state);
    order.payments.push({ kind: "Операция по платёжной карте", number, at: now, sum: payment.sum!, method: method.name, siteNumber: payment.number });
    result.booked.push({ order: site.number, document: number, sum: payment.sum!, method: method.name });
  }
}
