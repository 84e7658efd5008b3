export type FaultTarget = "paykeeper" | "orange" | "onec" | "json" | "bills" | "shop";

/** One armed fault. `times` counts down; -1 never ends; `until` ends it by the clock. */
export type Fault = {
  target: FaultTarget;
  fault: string;
  times: number;
  until: number | null;
  /** Only calls whose path holds this text. */
  on: string | null;
  params: Record<string, unknown>;
};

export const FAULTS: Record<FaultTarget, Record<string, string>> = {
  paykeeper: {
    notify_never: "Уведомление не приходит (в итоге stuck)",
    notify_duplicate: "Уведомление приходит n раз сразу",
    notify_before_create_returns: "Оплачено и уведомлено раньше ответа на создание",
    notify_delay: "Уведомление задерживается на seconds секунд",
    notify_tampered: "Уведомление подделано (сумма не сходится с подписью)",
    create_timeout_after: "Работа сделана, ответ потерян (обрыв связи)",
    "502_after": "Работа сделана, ответ 502",
    "502_before": "502, ничего не сделано",
    html_login: "200 и страница входа вместо JSON",
    array_wrapped: "Ответ обёрнут в массив",
    bare_number_ids: "Номера числами, без кавычек",
    token_rotated: "Токен безопасности сменился",
    refund_fails: "Возврат принят, но не состоялся",
    slow: "Ответ через seconds секунд",
  },
  orange: {
    "503_retry_after": "503 и Retry-After (seconds секунд или times раз)",
    timeout_after_store: "Чек принят, ответ потерян",
    "409": "409 на новый документ",
    "401": "401, сертификат не принят",
    "400_validation": "400 с ошибками проверки",
    "422": "Код маркировки не прошёл (422 при опросе)",
    "524": "Документ просрочен (524 при опросе)",
    pending_forever: "202 без конца",
    slow: "Ответ через seconds секунд",
    "500": "500, ничего не сделано",
    "500_after": "500, чек принят",
    garbage_html: "502 с HTML вместо ответа",
    callback_twice: "callback приходит дважды",
    callback_early: "callback приходит раньше ответа 201",
    callback_never: "callback не приходит",
  },
  onec: {
    die_before_success: "1С взяла заказы и упала до success",
    repeat_exchange: "Обмен повторён с теми же заказами",
    two_at_once: "Два обмена одновременно",
    edit_after_payment: "После оплаты менеджер изменил заказ",
    delete_after_payment: "После оплаты менеджер удалил заказ",
  },
  json: {
    orders_answer_lost: "Заказы приняты сайтом, ответ потерян",
    wrong_sum: "Сумма первого заказа пакета не равна сумме строк",
    repeat_orders: "Пакет заказов отправлен дважды",
    older_version_after_newer: "Старая версия заказа отправлена после новой",
    die_before_booking: "Изменения прочитаны, база упала до записи",
    die_before_ack: "Оплаты записаны, база упала до ack",
    ack_lost: "ack принят сайтом, ответ потерян",
    slow: "Между чтением и ack проходит seconds секунд",
    refuse: "База отказывается записать документ (msg)",
    two_at_once: "Два обмена одновременно",
    repeat_exchange: "Изменения прочитаны ещё раз с самого начала",
    edit_after_payment: "После оплаты менеджер изменил заказ",
    delete_after_payment: "После оплаты менеджер удалил заказ",
    down: "HTTP-сервис недоступен: связь обрывается",
    service_500: "HTTP-сервис отвечает 500",
    service_slow: "HTTP-сервис отвечает через seconds секунд",
    service_refuse: "HTTP-сервис отвечает ok: false (msg)",
    service_die_before_booking: "HTTP-сервис упал до записи",
    service_die_after_booking: "HTTP-сервис записал и упал, ответа нет",
  },
  bills: {
    preview_answer_lost: "Счёт создан, ответ preview потерян",
    send_answer_lost: "Письмо поставлено в очередь, ответ send потерян",
    die_before_send: "Счёт создан, 1С упала до send",
    repeat_run: "Тот же пакет выставлен ещё раз",
    two_at_once: "Два пакета одновременно",
    wrong_token: "Старый токен безопасности",
    slow: "Между чтением оплаты и записью проходит seconds секунд",
    die_before_booking: "Оплата прочитана, 1С упала до записи",
  },
  shop: {
    webhook_500: "Сайт магазина отвечает на оповещение ошибкой 500",
    webhook_slow: "Сайт магазина думает seconds секунд",
    webhook_down: "Сайт магазина недоступен",
  },
};

export type Faults = {
  arm(fault: Fault): void;
  /** Takes one use of the fault, or null when it is not armed for this call; `onlyNamed` = faults whose `on` names the path. */
  take(target: FaultTarget, fault: string, path?: string, onlyNamed?: boolean): Fault | null;
  list(): Fault[];
  clear(target?: FaultTarget): void;
};

export function createFaults(now: () => number): Faults {
  let armed: Fault[] = [];
  return {
    arm(fault) {
      armed = armed.filter((f) => !(f.target === fault.target && f.fault === fault.fault && f.on === fault.on));
      if (fault.times !== 0) armed.push(fault);
    },
    take(target, name, path = "", onlyNamed = false) {
      const found = armed.find((f) => f.target === target && f.fault === name && (f.on === null ? !onlyNamed : path.includes(f.on)));
      if (!found) return null;
      if (found.until !== null && now() >= found.until) {
        armed = armed.filter((f) => f !== found);
        return null;
      }
      if (found.times > 0) found.times -= 1;
      if (found.times === 0) armed = armed.filter((f) => f !== found);
      return found;
    },
    list: () => armed.map((f) => ({ ...f })),
    clear(target) {
      armed = target ? armed.filter((f) => f.target !== target) : [];
    },
  };
}

export function numberParam(fault: Fault, name: string, otherwise: number, max: number): number {
  const given = fault.params[name];
  const n = given === undefined || given === "" ? otherwise : Number(given);
  return Number.isFinite(n) && n >= 0 ? Math.min(n, max) : otherwise;
}
