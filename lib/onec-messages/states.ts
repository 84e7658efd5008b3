/** Words of the journal of messages with 1C (A9, ux.md 5). Pure. */

/** The way it came or went. `push`: we called 1C's HTTP service. `shop`: an internet shop made the order for a base. */
export const messageDoors = ["commerceml", "json", "paykeeper", "push", "shop"] as const;
export type MessageDoor = (typeof messageDoors)[number];
export const doorLabels: Record<MessageDoor, string> = {
  commerceml: "Стандартный обмен",
  json: "JSON",
  paykeeper: "Как PayKeeper",
  push: "HTTP-сервис 1С",
  shop: "Интернет-магазин",
};

/** Seen from us: `in` came from 1C. */
export const messageDirections = ["in", "out"] as const;
export type MessageDirection = (typeof messageDirections)[number];
export const directionLabels: Record<MessageDirection, string> = { in: "Из 1С", out: "В 1С" };

export const messageKinds = ["order", "status", "shipment", "return", "payment", "refund", "reversal", "dispute", "receipt", "invoice", "counterparty", "document", "statement", "payout", "other"] as const;
export type MessageKind = (typeof messageKinds)[number];
export const kindLabels: Record<MessageKind, string> = {
  order: "Заказ",
  status: "Состояние заказа",
  shipment: "Отгрузка",
  return: "Возврат товара",
  payment: "Оплата",
  refund: "Возврат денег",
  reversal: "Отмена оплаты",
  dispute: "Спор с банком",
  receipt: "Чек",
  invoice: "Счёт",
  counterparty: "Контрагент",
  document: "Документ",
  statement: "Выписка",
  payout: "Выплата банка",
  other: "Другое",
};

/**
 * `received`: stored, not worked on yet. `applied`, `noop`, `conflict`, `error`, `skipped`: what became of a message of 1C.
 * `waiting_1c`: given out or to be given out, 1C has not proven that it booked it. `confirmed`: it has (CML-32).
 */
export const messageResults = ["received", "applied", "noop", "conflict", "error", "waiting_1c", "confirmed", "skipped"] as const;
export type MessageResult = (typeof messageResults)[number];
export const resultLabels: Record<MessageResult, string> = {
  received: "Получено",
  applied: "Применено",
  noop: "Без изменений",
  conflict: "Конфликт",
  error: "Ошибка",
  waiting_1c: "Ждёт 1С",
  confirmed: "Подтверждено 1С",
  skipped: "Пропущено",
};

/** Somebody or something must still do something: never removed, counted in the tabs. */
export const openResults = ["received", "conflict", "error", "waiting_1c"] as const satisfies readonly MessageResult[];

export const payloadFormats = ["xml", "json"] as const;
export type PayloadFormat = (typeof payloadFormats)[number];

/** Whose word counts for a field: 1C's, ours, or whoever spoke last (`lib/conflicts/fields.ts`). */
export const fieldOwners = ["onec", "ours", "both"] as const;
export type FieldOwner = (typeof fieldOwners)[number];

/** One difference that a message made, in words for people. */
export type FieldChange = {
  field: string;
  /** «Сумма заказа», «Строка 2: количество». */
  label: string;
  before: string | null;
  after: string | null;
  owner: FieldOwner;
  /** The values are personal data: hidden from who may not see buyers (SEC-13). */
  personal?: "name" | "contact";
};
