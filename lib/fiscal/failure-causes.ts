/** Why receipts stand still, in words and with advice: one card per cause (A5). Pure. */

export type FailureCause = { title: string; advice: string; /** A person may send it again at once. */ mayRepeat: boolean; /** The contact is what has to be corrected. */ fixesContact: boolean };

const plain = { mayRepeat: true, fixesContact: false };
const stop = { mayRepeat: false, fixesContact: false };

const causes: Record<string, FailureCause> = {
  ORDER_UNKNOWN: { title: "Деньги без заказа", advice: "Привяжите платёж к заказу или верните деньги: без заказа чек не из чего собрать.", ...stop },
  LINES_TOTAL_MISMATCH: { title: "Строки заказа не сходятся с суммой", advice: "Исправьте заказ в 1С и повторите чек.", ...plain },
  NO_REGISTER: { title: "Не подключена касса организации", advice: "Подключите кассу в настройках и повторите чек.", ...plain },
  CONTACT_MISSING: { title: "Нет почты или телефона покупателя", advice: "Укажите контакт покупателя и повторите чек.", mayRepeat: true, fixesContact: true },
  contact: { title: "Неверная почта или телефон", advice: "Исправьте контакт покупателя и повторите чек.", mayRepeat: true, fixesContact: true },
  customerContact: { title: "Неверная почта или телефон", advice: "Исправьте контакт покупателя и повторите чек.", mayRepeat: true, fixesContact: true },
  TOO_MANY_LINES: { title: "В чеке слишком много позиций", advice: "Пробейте чек на другой кассе или разделите заказ в 1С.", ...plain },
  VAT20_BLOCKED: { title: "Старая ставка НДС 20\u00A0%", advice: "Исправьте ставку в 1С на 22\u00A0% и повторите чек.", ...plain },
  NAME_EMPTY: { title: "У товара пустое название", advice: "Исправьте название товара в 1С и повторите чек.", ...plain },
  RETURN_NOT_COVERED: { title: "Возвращено больше, чем пробито чеками", advice: "Сверьте чеки заказа, пробейте возврат в кассе сами и закройте эту запись.", ...stop },
  HAND_OVER_WITHDRAWN: { title: "Отгрузка снята, а возврат по ней пробит частично", advice: "Эта часть возвращала бы то, что чеком не продано. Сверьте её с пробитой частью, пробейте верный чек на кассе и закройте эту запись.", ...stop },
  MARK_CODE_REQUIRED: { title: "У маркированного товара нет кода", advice: "Передайте из 1С отгрузку ещё раз с кодом каждой штуки, и чек соберётся заново; или пробейте его на кассе с маркировкой и закройте эту запись.", ...stop },
  LATE_NEEDS_CORRECTION: { title: "Срок обычного чека прошёл", advice: "Сделайте чек коррекции: расчёт был, а чек вовремя не пробит.", ...stop },
  RETRIES_EXHAUSTED: { title: "Касса не отвечала сутки", advice: "Проверьте, работает ли касса, и повторите чек: он уйдёт с прежним номером.", ...plain },
  LOST_BY_REGISTER: { title: "Касса приняла чек и потеряла его", advice: "Найдите документ в кабинете кассы. Повторять чек до этого нельзя: он может пробиться дважды.", ...stop },
  RECEIPT_DUPLICATE: { title: "Один документ на два чека", advice: "Сверьте оба чека в кабинете кассы и исправьте чеком коррекции.", ...stop },
  signature: { title: "Касса не приняла подпись", advice: "Проверьте ключ подписи в настройках кассы и повторите чек.", ...plain },
  validation: { title: "Касса не приняла данные чека", advice: "Прочитайте ответ кассы, исправьте данные и повторите чек.", mayRepeat: true, fixesContact: true },
  item_code: { title: "Касса не приняла код маркировки", advice: "Проверьте код маркировки товара и повторите чек.", ...plain },
  too_large: { title: "Чек слишком большой для кассы", advice: "Разделите заказ в 1С и повторите чек.", ...plain },
  body_changed: { title: "Сохранённый чек повреждён", advice: "Сообщите интегратору: данные чека изменились после записи.", ...stop },
};

/** A code that we have no words for is a refusal of the data: the register's own text says more. */
export const failureCause = (code: string | null): FailureCause => (code === null ? undefined : causes[code]) ?? causes["validation"]!;
