/** What an upload did to an order, for the journal (A9): a sentence for the accountant and the differences by field. Pure. */
import { fieldOf } from "@/lib/conflicts/fields.ts";
import type { Field } from "@/lib/conflicts/fields.ts";
import { NBSP, formatCount, formatDate, formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import type { OrderDraft, OrderStatus } from "@/lib/onec/wire/order-draft.ts";
import type { FieldChange } from "@/lib/onec-messages/states.ts";
import { isPayableLifecycle, lifecycleLabels } from "@/lib/orders/states.ts";
import { compareLines, linesPhrase, lineRows } from "./compare-lines.ts";
import type { OldLine } from "./compare-lines.ts";
import type { KnownOrder } from "./known-orders.ts";
import type { OrderValues } from "./plan-order.ts";

export type Description = { summary: string; diff: FieldChange[] };

const PARTS_MAX = 3;
/** Nothing that people look at. */
export const NOTHING_SEEN = "1С прислала заказ ещё раз: изменились только служебные поля";

export function describeNew(draft: OrderDraft): Description {
  const lines = formatCount(draft.lines.filter((line) => line.included).length, ["позиция", "позиции", "позиций"]);
  const state = draft.state.deleted ? ", помечен на удаление" : draft.state.cancelled ? ", отменён" : draft.state.posted ? "" : ", не проведён";
  return { summary: `Новый заказ №${NBSP}${draft.number} на ${formatMoney(draft.totalKopecks)}, ${lines}${state}`, diff: [] };
}

/** `oldLines` null = the lines did not change. */
export function describeKnown(known: KnownOrder, values: OrderValues, document: OrderDraft | OrderStatus, oldLines: readonly OldLine[] | null, zone: string): Description {
  const lines = oldLines && document.kind === "order" ? compareLines(oldLines, document.lines.filter((line) => line.included)) : [];
  const diff = [...differences(known, values, zone), ...lineRows(lines)];
  const parts = [...phrases(known, values), linesAndTotal(known, values, linesPhrase(lines)), ...reported(known, document), ...small(known, values, zone)].filter((part): part is string => part !== null);
  if (parts.length === 0) return { summary: oldLines ? "1С изменила служебные данные строк: состав и сумма прежние" : NOTHING_SEEN, diff };
  const more = parts.length - PARTS_MAX;
  return { summary: `1С ${parts.slice(0, PARTS_MAX).join("; ")}${more > 0 ? `; и ещё ${formatCount(more, ["изменение", "изменения", "изменений"])}` : ""}`, diff };
}

/** What decides whether the order may be paid comes first. */
function phrases(known: KnownOrder, values: OrderValues): string[] {
  const parts: string[] = [];
  if (values.lifecycle !== known.lifecycle) {
    if (values.lifecycle === "deleted") parts.push("пометила заказ на удаление");
    else if (values.lifecycle === "cancelled") parts.push("отменила заказ");
    else if (!isPayableLifecycle(known.lifecycle)) parts.push("вернула заказ в работу");
    else if (values.lifecycle === "shipped") parts.push(`отгрузила заказ${values.onecShipmentNumber ? `, документ №${NBSP}${values.onecShipmentNumber}` : ""}`);
    else parts.push(`сменила состояние: ${lifecycleLabels[values.lifecycle].toLowerCase()}`);
  }
  if (values.isPosted !== known.isPosted) parts.push(values.isPosted ? "провела заказ" : "отменила проведение заказа");
  return parts;
}

function linesAndTotal(known: KnownOrder, values: OrderValues, lines: string | null): string | null {
  const moved = values.totalKopecks - known.totalKopecks;
  if (lines === null) return moved === 0n ? null : `изменила сумму заказа: ${formatMoney(known.totalKopecks)} → ${formatMoney(values.totalKopecks)}`;
  return `${lines}, ${moved === 0n ? "сумма прежняя" : `сумма ${formatMoney(moved, { sign: true })}`}`;
}

function reported(known: KnownOrder, { state, operations }: OrderDraft | OrderStatus): string[] {
  const parts: string[] = [];
  if (state.paid && state.paid.number !== known.onecPaymentNumber) parts.push(`сообщила, что заказ оплачен${state.paid.number ? `, документ №${NBSP}${state.paid.number}` : ""}`);
  if (state.unshipped && state.shipped === null && known.lifecycle === "shipped") parts.push("сообщила, что заказ отгружен не полностью");
  if (operations.length > 0) parts.push(`прислала с заказом ${formatCount(operations.length, ["документ", "документа", "документов"])}`);
  return parts;
}

function small(known: KnownOrder, values: OrderValues, zone: string): string[] {
  const parts: string[] = [];
  if (values.number !== known.number) parts.push(`изменила номер: ${known.number} → ${values.number}`);
  if (values.buyerName !== known.buyerName || values.counterpartyId !== known.counterpartyId) parts.push("изменила покупателя");
  if (values.contact !== known.contact) parts.push("изменила контакт для чека");
  if (values.orderDate.getTime() !== known.orderDate.getTime()) parts.push(`изменила дату: ${formatDate(known.orderDate, zone)} → ${formatDate(values.orderDate, zone)}`);
  if (values.comment !== known.comment) parts.push("изменила комментарий");
  if (values.manager !== known.manager) parts.push(values.manager ? `менеджер ${values.manager.slice(0, 60)}` : "убрала менеджера");
  if (values.onecState !== known.onecState && values.onecState !== null) parts.push(`состояние «${values.onecState.slice(0, 60)}»`);
  if (values.payUntil?.getTime() !== known.payUntil?.getTime()) parts.push(values.payUntil ? `оплатить до ${formatDateTime(values.payUntil, zone)}` : "сняла срок ссылки");
  if (values.dueDate !== known.dueDate) parts.push(values.dueDate ? `срок оплаты ${formatDate(values.dueDate, zone)}` : "убрала отсрочку");
  return parts;
}

function differences(known: KnownOrder, values: OrderValues, zone: string): FieldChange[] {
  const rows: FieldChange[] = [];
  const add = (name: Field, before: string | null, after: string | null) => {
    if (before === after) return;
    const { label, owner, personal } = fieldOf(name);
    rows.push({ field: name, label, owner, before, after, ...(personal && { personal }) });
  };
  const day = (date: Date | string | null) => date && formatDate(date, zone);
  add("number", known.number, values.number);
  add("onecNumber", known.onecNumber, values.onecNumber);
  add("orderDate", day(known.orderDate), day(values.orderDate));
  add("lifecycle", lifecycleLabels[known.lifecycle], lifecycleLabels[values.lifecycle]);
  add("posted", known.isPosted ? "проведён" : "не проведён", values.isPosted ? "проведён" : "не проведён");
  add("onecState", known.onecState, values.onecState);
  add("shipped", known.onecShipmentNumber, values.onecShipmentNumber);
  add("dueDate", day(known.dueDate), day(values.dueDate));
  add("payBy", known.payUntil && formatDateTime(known.payUntil, zone), values.payUntil && formatDateTime(values.payUntil, zone));
  add("buyer", known.buyerName, values.buyerName);
  add("contact", known.contact, values.contact);
  add("comment", known.comment, values.comment);
  add("manager", known.manager, values.manager);
  add("total", formatMoney(known.totalKopecks), formatMoney(values.totalKopecks));
  return rows;
}
