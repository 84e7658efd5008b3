/**
 * Who owns what of an order and its buyer (domain 1.2): the one table. `onec`: 1C says, we keep a copy. `ours`: the ledger says, 1C only
 * informs. `both`: whoever spoke last, and when both did, a person decides. Pure.
 */
import { maskName } from "@/lib/auth/scope.ts";
import { maskContact } from "@/lib/kit/contact.ts";
import { formatDate, formatMoney, formatPhone } from "@/lib/kit/format.ts";
import type { FieldOwner } from "@/lib/onec-messages/states.ts";

export type FieldDefinition = {
  /** «Контакт для чека». */
  label: string;
  owner: FieldOwner;
  /** Personal data: masked where buyers are not seen, contacts everywhere (SEC-03, SEC-13). */
  personal?: "name" | "contact";
  /** The machine value as a person reads it. */
  show(value: string): string;
  /** Only who looks after the exchange needs to decide it; nothing about money or buyers. */
  isTechnical?: boolean;
  /** A rule «всегда …» makes sense: the same choice would be right next time. */
  hasRule?: boolean;
};

const plain = (value: string) => value;
const money = (value: string) => (/^-?\d+$/.test(value) ? formatMoney(BigInt(value)) : value);
const dayKinds: Record<string, string> = { calendar: "календарных", working: "рабочих" };
const bases: Record<string, string> = { order_date: "от даты заказа", invoice_date: "от даты счёта", shipment_date: "от даты отгрузки" };

/** `14 calendar shipment_date`; «без отсрочки» when there is none. */
const terms = (value: string): string => {
  const [days, kind, base] = value.split(" ");
  return !days || days === "0" ? "без отсрочки" : `${days}\u00A0${dayKinds[kind ?? ""] ?? "календарных"}\u00A0дн. ${bases[base ?? ""] ?? "от даты отгрузки"}`;
};

const fields = {
  total: { label: "Сумма заказа", owner: "onec", show: money },
  lines: { label: "Состав заказа", owner: "onec", show: plain },
  lifecycle: { label: "Состояние заказа", owner: "onec", show: plain },
  posted: { label: "Проведение", owner: "onec", show: plain },
  shipped: { label: "Отгрузка", owner: "onec", show: plain },
  onecState: { label: "Состояние в 1С", owner: "onec", show: plain },
  onecNumber: { label: "Номер в 1С", owner: "onec", show: plain },
  orderDate: { label: "Дата заказа", owner: "onec", show: formatDateText },
  dueDate: { label: "Срок оплаты", owner: "onec", show: formatDateText },
  comment: { label: "Комментарий", owner: "onec", show: plain, personal: "name" },
  manager: { label: "Менеджер", owner: "onec", show: plain },
  buyer: { label: "Покупатель", owner: "onec", show: plain, personal: "name" },
  version: { label: "Версия заказа", owner: "onec", show: plain, hasRule: true },
  number: { label: "Номер заказа", owner: "both", show: plain, isTechnical: true },
  contact: { label: "Контакт для чека", owner: "both", show: contact, personal: "contact", hasRule: true },
  payBy: { label: "Оплатить до", owner: "both", show: formatDateText, hasRule: true },
  methods: { label: "Способы оплаты", owner: "both", show: plain, hasRule: true },
  terms: { label: "Отсрочка", owner: "both", show: terms, hasRule: true },
  closing: { label: "Оплата по данным 1С", owner: "both", show: plain },
  "buyer.officialName": { label: "Название покупателя", owner: "both", show: plain, personal: "name", hasRule: true },
  "buyer.inn": { label: "ИНН покупателя", owner: "both", show: plain, personal: "name", hasRule: true },
  "buyer.kpp": { label: "КПП покупателя", owner: "both", show: plain, personal: "name", hasRule: true },
  "buyer.address": { label: "Адрес покупателя", owner: "both", show: plain, personal: "name", hasRule: true },
  "buyer.email": { label: "Почта покупателя", owner: "both", show: plain, personal: "contact", hasRule: true },
  "buyer.phone": { label: "Телефон покупателя", owner: "both", show: formatPhone, personal: "contact", hasRule: true },
  paid: { label: "Оплачено", owner: "ours", show: money },
  payment: { label: "Платёж", owner: "ours", show: money },
} as const satisfies Record<string, FieldDefinition>;

export type Field = keyof typeof fields;
/** Fields that both sides may edit: their values are merged (`merge.ts`). */
export type SharedField = { [K in Field]: (typeof fields)[K]["owner"] extends "both" ? K : never }[Field];

function contact(value: string): string {
  return value.includes("@") ? value : formatPhone(value);
}

function formatDateText(value: string): string {
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? value : formatDate(at);
}

/** The definition of a stored field name; `payment:<document>` is one of the field `payment`. */
export function fieldOf(name: string): FieldDefinition {
  const known = fields[name.split(":")[0] as Field];
  return known ?? { label: name, owner: "onec", show: plain };
}

/** Names of the fields whose title has these words. */
export const fieldsNamed = (words: string): Field[] => (Object.keys(fields) as Field[]).filter((name) => fields[name].label.toLowerCase().includes(words.toLowerCase()));

/** A value as this person may read it. Contacts are masked for everybody, as on the order's page; null is «не указано». */
export function showValue(name: string, value: string | null, seesBuyers: boolean): string {
  if (value === null || value === "") return "не указано";
  const field = fieldOf(name);
  if (field.personal === "contact") return seesBuyers ? maskContact(value) : "скрыто";
  if (field.personal === "name" && !seesBuyers) return maskName(value);
  return field.show(value);
}
