import { formatMoney } from "@/lib/kit/format.ts";
import { discrepancyClasses } from "@/lib/reconciliation/states.ts";
import type { DiscrepancyClass } from "@/lib/reconciliation/states.ts";
import { roleLabels } from "@/lib/auth/roles.ts";

/** Words for what the audit holds; an action without words is shown by its code. */
export const auditActions: Record<string, string> = {
  "session.signed_in": "Вход",
  "session.signed_out": "Выход",
  "session.revoked": "Сеанс завершён",
  "session.others_revoked": "Другие сеансы завершены",
  "session.refused": "Неверный пароль или код",
  "totp.set_up": "Включён второй фактор",
  "totp.removed": "Выключен второй фактор",
  "store.mode_changed": "Сменён режим магазина",
  "payments.stopped": "Остановлен приём оплаты",
  "payments.resumed": "Возобновлён приём оплаты",
  "pilot.exit_rule": "Изменены условия выхода в бой",
  "pilot.batch_made": "Создан отбор пилота",
  "pilot.batch_closed": "Закрыт отбор пилота",
  "pilot.orders_added": "Заказы добавлены в пилот",
  "pilot.order_removed": "Заказ убран из пилота",
  "receipt.repeated": "Чек отправлен повторно",
  "receipt.closed": "Чек закрыт без печати",
  "alert.closed": "Событие разобрано",
  "transfer.booked": "Отмечена оплата по счёту",
  "refund.requested": "Запрошен возврат",
  "refund.approved": "Возврат одобрен",
  "refund.rejected": "Возврат отклонён",
  "refund.canceled": "Возврат отменён",
  "refund.paid_out": "Внесена выплата возврата",
  "refund.bounced": "Возврат вернулся из банка",
  "hold.captured": "Списание заблокированных денег",
  "hold.released": "Снятие блокировки",
  "money.moved": "Деньги перенесены",
  "payment.bound": "Платёж привязан к заказу",
  "payment.reversed": "Оплата отменена: деньги не поступили",
  "dispute.opened": "Записан спор",
  "dispute.changed": "Спор изменён",
  "receipt.corrected": "Чек коррекции",
  "receipt.reversed": "Чек отменён другим чеком",
  "export.confirmed": "Отмечено учтённым в 1С",
  "payments.exported": "Выгружен список платежей",
  "registry.uploaded": "Загружен реестр банка",
  "registry.requested": "Запрошен реестр у банка",
  "statement.uploaded": "Загружена выписка",
  "settlement.adjusted": "Корректировка выплаты",
  "discrepancy.resolved": "Расхождение решено",
  "discrepancy.ignored": "Расхождение оставлено как есть",
  "discrepancy.mended": "Расхождение проверено ещё раз",
  "day.closed": "День закрыт",
  "day.reopened": "День открыт снова",
  "terms.changed": "Изменена отсрочка",
  "contact.changed": "Изменён контакт заказа",
  "pay_by.changed": "Изменён последний день оплаты",
  "requisites.changed": "Изменены реквизиты покупателя",
  "contact.revealed": "Показан контакт покупателя",
  "alert.acknowledged": "Событие взято в работу",
  "feed.resent": "Оповещение отправлено ещё раз",
  "message.sent_again": "Сообщение передано в 1С ещё раз",
  "message.repeated": "Документ 1С повторён",
  "message.applied_by_hand": "Документ 1С применён вручную",
  "message.skipped": "Документ 1С пропущен",
  "conflict.ours": "Расхождение с 1С: оставлено наше",
  "conflict.theirs": "Расхождение с 1С: взято из 1С",
  "conflict.settled": "Расхождение с 1С закрыто",
  "conflict.rule": "Правило для расхождений с 1С",
  "order.rebound": "Заказ связан с другим документом 1С",
  "bills.set_up": "Настроены счета из 1С",
  "connection.created": "Создано подключение",
  "connection.changed": "Изменено подключение",
  "connection.secret_changed": "Изменены ключи подключения",
};

export const auditObjects: Record<string, string> = { session: "Сеанс", staff: "Сотрудник", receipt: "Чек", order: "Заказ", refund: "Возврат", fact: "Платёж", attempt: "Попытка оплаты", dispute: "Спор", export: "Передача в 1С", payments: "Платежи", counterparty: "Контрагент", alert: "Событие", registry: "Реестр банка", bank_statement: "Выписка", settlement: "Выплата", discrepancy: "Расхождение", day: "День", connection: "Подключение", feed_event: "Оповещение", onec_message: "Сообщение обмена", conflict: "Расхождение с 1С", store: "Магазин", pilot_batch: "Отбор пилота", setting: "Настройка" };

const keys: Record<string, string> = {
  "pilot.exitOrders": "заказов", "pilot.exitPerMethod": "оплат на способ", "pilot.exitRefunds": "возвратов", "pilot.exitDrills": "учений", "pilot.exitClosedDays": "закрытых дней",
  payBy: "последний день", fields: "что", outcome: "итог", reason: "причина", side: "чьё", always: "всегда", field: "поле", ours: "наше", theirs: "в 1С", bindTo: "заказ", result: "состояние", onecGuid: "документ 1С",
  state: "состояние", contactChanged: "контакт исправлен", externalId: "номер у кассы", amountKopecks: "сумма", documentNumber: "документ", documentDate: "дата", deferralDays: "дней отсрочки", deferralDayKind: "дни",
  deferralBase: "считать от", ordersMoved: "изменён срок у заказов", secondFactor: "второй фактор", count: "сколько", kind: "вид", name: "название", provider: "поставщик", environment: "контур", settings: "параметры", ip: "адрес", adjustmentKopecks: "корректировка", class: "причина", evidence: "подтверждение", fileName: "файл", lineCount: "строк", newCount: "новых", problemCount: "отложено", lines: "строк", day: "день", isTest: "тестовый контур", mode: "режим", no: "номер", maxOrders: "не больше заказов", endsOn: "последний день", payerKind: "покупатель", totalMaxKopecks: "сумма до", counterpartyInn: "ИНН", manager: "менеджер", named: "названо", taken: "взято", refs: "номера", ref: "заказ",
};
const words: Record<string, string> = {
  created: "создан", revised: "изменён", status: "применено", unchanged: "без изменений", refused: "не принято", error: "ошибка", skipped: "пропущено", theirs: "из 1С",
  calendar: "календарные", working: "рабочие", order_date: "даты заказа", invoice_date: "даты счёта", shipment_date: "даты отгрузки", firing: "новое", open: "нужно решение", expected: "ждём", auto_resolved: "исправлено само", resolved: "решено", ignored: "оставлено как есть", acknowledged: "в работе", queued: "в очереди", failed_final: "нужно решение",
  failed_retryable: "ждёт повтора", unknown: "ответ неизвестен", test: "тестовый", live: "боевой", acquirer: "приём оплаты", register: "касса", onec: "1С", mail: "почта", off: "выключен", sandbox: "песочница", shadow: "теневой", pilot: "пилот", list: "по списку", rule: "по правилу", individual: "физлица", organization: "организации", sole_proprietor: "ИП", ...roleLabels,
};
/** Ids say nothing to people: the row's own object leads to them. */
const hidden = new Set(["storeId", "stopId", "orderId", "factId", "userId", "connectionId", "totals"]);

function valueText(key: string, value: unknown): string {
  if (value === null || value === undefined) return "нет";
  if (typeof value === "boolean") return value ? "да" : "нет";
  if (key.endsWith("Kopecks") && /^-?\d+$/.test(String(value))) return formatMoney(BigInt(String(value)));
  return typeof value === "object" ? JSON.stringify(value) : (key === "class" && Object.hasOwn(discrepancyClasses, String(value)) ? discrepancyClasses[String(value) as DiscrepancyClass].label : (words[String(value)] ?? String(value)));
}

/** «сумма 8 184,50 ₽, документ 1184»; empty for nothing. */
export function auditText(values: unknown): string {
  if (values === null || typeof values !== "object") return "";
  return Object.entries(values)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${keys[key] ?? key}: ${valueText(key, value)}`)
    .join(", ");
}
