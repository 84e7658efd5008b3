import { element, type Element } from "./xml-text.ts";
import type { PayerKind } from "./order-draft.ts";

export type QueryBuyer = {
  ref: string;
  kind: PayerKind;
  name: string;
  fullName: string;
  inn: string | null;
  kpp: string | null;
  address: string | null;
  phone: string | null;
  email: string | null;
};

/** ОфициальноеНаименование makes a legal entity in 1C, ПолноеНаименование a person; a person with an INN is a sole trader. */
export function writeBuyer(buyer: QueryBuyer): Element {
  const legal = buyer.kind === "organization";
  return element(
    "Контрагент",
    element("Ид", buyer.ref),
    element("Наименование", buyer.name),
    legal
      ? [
          element("ОфициальноеНаименование", buyer.fullName),
          element("ЮридическийАдрес", element("Представление", buyer.address)),
          element("ИНН", buyer.inn),
          element("КПП", buyer.kpp),
        ]
      : [
          element("ПолноеНаименование", buyer.fullName),
          ...personName(buyer),
          element("ИНН", buyer.inn),
          element("АдресРегистрации", element("Представление", buyer.address)),
        ],
    element("Контакты", contact("ТелефонРабочий", buyer.phone), contact("Почта", buyer.email)),
    element("Роль", "Покупатель"),
  );
}

/** Only the plain three-word shape is taken apart: anything else could be cut in the wrong place. */
function personName({ kind, fullName }: QueryBuyer): Element[] {
  const words = fullName.trim().split(/\s+/);
  if (kind !== "individual" || words.length !== 3) return [];
  return ["Фамилия", "Имя", "Отчество"].map((name, at) => element(name, words[at]));
}

/** CML-28: `ТелефонРабочий` is the one spelling that every stock reader knows. */
const contact = (type: string, value: string | null) => value && element("Контакт", element("Тип", type), element("Значение", value));
