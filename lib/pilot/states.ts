/** Modes of a store (PIL-01) and what staff tick off (PIL-06), with the words people read. Pure. */

export const storeModes = ["off", "sandbox", "shadow", "pilot", "live"] as const;
export type StoreMode = (typeof storeModes)[number];

export const storeModeLabels: Record<StoreMode, string> = {
  off: "Выключен",
  sandbox: "Песочница",
  shadow: "Теневой режим",
  pilot: "Пилот",
  live: "В бою",
};

/** What the mode means, one sentence. */
export const storeModeMeanings: Record<StoreMode, string> = {
  off: "Заказы из 1С сохраняются, больше ничего не происходит.",
  sandbox: "Работают только тестовые подключения и тестовые заказы. Настоящие заказы сохраняются без ссылок.",
  shadow: "Настоящие заказы загружаются и сверяются с 1С. Наружу не уходит ничего: ни ссылок, ни чеков, ни документов.",
  pilot: "Настоящие деньги, но только по отобранным заказам. Остальные заказы сохраняются без ссылок.",
  live: "Настоящие деньги по всем заказам.",
};

/**
 * Where a mode may go. Back to any earlier one at once (a rollback must not wait); forward as far as the pilot; to live from the
 * pilot alone, when its exit rule holds (PIL-06). The database knows the same table (`store_mode_changes_allowed`).
 */
export const modeMoves: Record<StoreMode, readonly StoreMode[]> = {
  off: ["sandbox", "shadow", "pilot"],
  sandbox: ["off", "shadow", "pilot"],
  shadow: ["off", "sandbox", "pilot"],
  pilot: ["off", "sandbox", "shadow", "live"],
  live: ["off", "sandbox", "shadow", "pilot"],
};

/** Why an order may not be paid now; `closed` = the store's mode, `not_selected` = a pilot store and the order is none of the pilot's, `stopped` = kill switch. */
export type PayBar = "closed" | "not_selected" | "stopped";

/** What the buyer is told. */
export const payBarWords: Record<PayBar, string> = {
  closed: "Оплата пока недоступна",
  not_selected: "Оплата пока недоступна",
  stopped: "Магазин временно остановил приём оплаты. Попробуйте позже",
};

/** What staff are told beside the missing link: title and why. */
export const payBarTitles: Record<PayBar, string> = { closed: "Оплата по этому заказу не открыта", not_selected: "Заказ вне пилота", stopped: "Приём оплаты остановлен" };

export const payBarReasons: Record<PayBar, string> = {
  closed: "Магазин ещё не принимает оплату на сайте: так выбран режим магазина.",
  not_selected: "Заказ не вошёл в пилот, поэтому ссылки нет и в 1С ничего не уходит.",
  stopped: "Новых ссылок, попыток и счетов нет, начатые платежи идут своим чередом.",
};

/** How 1C sees that an order is one of the pilot (PIL-02): the comment of the stock exchange, a field of JSON. */
export const pilotMark = (batchNo: bigint | string): string => `Пилот Копейки № ${batchNo}`;

/** How a batch finds its orders (PIL-02). */
export const batchKinds = ["list", "rule"] as const;
export type BatchKind = (typeof batchKinds)[number];

/** The staff's checklist of a pilot, in the order of doing. */
export const checklistItems = {
  trained: "Сотрудники прошли обучение в песочнице",
  roles: "У каждого своя учётная запись и роль",
  onec_users: "В 1С заведён пользователь обмена, расписание включено",
  register: "Касса пробила проверочный чек, он виден в личном кабинете ОФД",
  paid_each: "Проведён платёж каждым способом, документ найден в 1С",
  refunded: "Проведён возврат, чек возврата пробит, документ в 1С",
  drill: "Проведено учение: чек не пробился, его довели до конца",
  reconciled: "Бухгалтер сверил день с банком и закрыл его",
  stop_known: "Дежурные знают, где остановить приём оплаты",
  contacts: "Телефоны банка, кассы и программиста 1С под рукой",
} as const;
export type ChecklistItem = keyof typeof checklistItems;
export const checklistCodes = Object.keys(checklistItems) as ChecklistItem[];

/** What a dry run shows (PIL-01, shadow). */
export const dryRunKinds = ["receipt", "export"] as const;
export type DryRunKind = (typeof dryRunKinds)[number];
