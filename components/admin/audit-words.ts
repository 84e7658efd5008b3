/** Words for what the audit holds; an action without words is shown by its code. */
export const auditActions: Record<string, string> = {
  "session.signed_in": "Вход",
  "session.signed_out": "Выход",
  "session.revoked": "Сеанс завершён",
  "session.others_revoked": "Другие сеансы завершены",
  "session.refused": "Неверный пароль или код",
  "totp.set_up": "Включён второй фактор",
  "totp.removed": "Выключен второй фактор",
  "receipt.repeated": "Чек отправлен повторно",
  "transfer.booked": "Отмечена оплата по счёту",
  "terms.changed": "Изменена отсрочка",
  "contact.revealed": "Показан контакт покупателя",
  "alert.acknowledged": "Событие взято в работу",
  "connection.created": "Создано подключение",
  "connection.changed": "Изменено подключение",
  "connection.secret_changed": "Изменены ключи подключения",
};

export const auditObjects: Record<string, string> = { session: "Сеанс", staff: "Сотрудник", receipt: "Чек", order: "Заказ", counterparty: "Контрагент", alert: "Событие", connection: "Подключение" };
