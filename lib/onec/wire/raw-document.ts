/** What we take from a `<Документ>`, as the texts that stand in the file (commerceml.md 5, 6). */
import { into, many, one, shape, text, texts, type Field } from "./shape.ts";

export type RawRequisite = { name?: string; values?: string[] };
export type RawTax = { name?: string; included?: string; sum?: string; rate?: string };
export type RawUnit = { code?: string; fullName?: string; international?: string; text?: string };

/**
 * A goods line in 1C's own spelling. Only strings, so that it can be stored as JSON and given back to 1C exactly
 * (commerceml.md 7, point 5: a changed line damages a manager's order).
 */
export type EchoLine = {
  id?: string;
  barcode?: string;
  article?: string;
  name?: string;
  unit?: RawUnit;
  taxRates?: { name?: string; rate?: string }[];
  requisites?: RawRequisite[];
  price?: string;
  quantity?: string;
  sum?: string;
  packUnit?: string;
  coefficient?: string;
  taxes?: RawTax[];
  discounts?: { name?: string; sum?: string; percent?: string; included?: string }[];
};

export type RawBuyer = {
  id?: string;
  name?: string;
  officialName?: string;
  fullName?: string;
  lastName?: string;
  firstName?: string;
  middleName?: string;
  inn?: string;
  kpp?: string;
  legalAddress?: string;
  registrationAddress?: string;
  address?: string;
  contacts?: { type?: string; value?: string }[];
  role?: string;
};

export type RawDocument = {
  id?: string;
  number?: string;
  date?: string;
  time?: string;
  operation?: string;
  role?: string;
  currency?: string;
  sum?: string;
  buyers?: RawBuyer[];
  comment?: string;
  taxes?: RawTax[];
  lines?: EchoLine[];
  requisites?: RawRequisite[];
  base?: string;
  /** CommerceML 3.1 keeps these as elements, 2.x as requisites. */
  onecNumber?: string;
  onecDate?: string;
  version?: string;
  deletionMark?: string;
  subordinates?: RawDocument[];
  /** An attribute only in CommerceML 1.x. */
  operationAttribute?: string;
};

const requisites: Field = into(shape({ ЗначениеРеквизита: many("requisites", shape({ Наименование: text("name"), Значение: texts("values") })) }));

const taxes: Field = into(
  shape({ Налог: many("taxes", shape({ Наименование: text("name"), УчтеноВСумме: text("included"), Сумма: text("sum"), Ставка: text("rate") })) }),
);

const discounts: Field = into(
  shape({
    Скидка: many("discounts", shape({ Наименование: text("name"), Сумма: text("sum"), Процент: text("percent"), УчтеноВСумме: text("included") })),
  }),
);

/** The four shapes of БазоваяЕдиница: attributes, attributes and text, text alone, child elements. */
const unit = shape(
  { Код: text("code"), НаименованиеПолное: text("fullName"), МеждународноеСокращение: text("international"), НаименованиеКраткое: text("text") },
  { attributes: { Код: "code", НаименованиеПолное: "fullName", МеждународноеСокращение: "international" }, text: "text" },
);

const line = shape({
  Ид: text("id"),
  Штрихкод: text("barcode"),
  Артикул: text("article"),
  Наименование: text("name"),
  БазоваяЕдиница: one("unit", unit),
  СтавкиНалогов: into(shape({ СтавкаНалога: many("taxRates", shape({ Наименование: text("name"), Ставка: text("rate") })) })),
  ЗначенияРеквизитов: requisites,
  ЦенаЗаЕдиницу: text("price"),
  Количество: text("quantity"),
  Сумма: text("sum"),
  Единица: text("packUnit"),
  Коэффициент: text("coefficient"),
  Налоги: taxes,
  Скидки: discounts,
});

const address = (key: string): Field => into(shape({ Представление: text(key) }));

const buyer = shape({
  Ид: text("id"),
  Наименование: text("name"),
  ОфициальноеНаименование: text("officialName"),
  ПолноеНаименование: text("fullName"),
  Фамилия: text("lastName"),
  Имя: text("firstName"),
  Отчество: text("middleName"),
  ИНН: text("inn"),
  КПП: text("kpp"),
  ЮридическийАдрес: address("legalAddress"),
  АдресРегистрации: address("registrationAddress"),
  Адрес: address("address"),
  Контакты: into(shape({ Контакт: many("contacts", shape({ Тип: text("type"), Значение: text("value") })) })),
  Роль: text("role"),
});

const documentFields: Record<string, Field> = {
  Ид: text("id"),
  Номер: text("number"),
  Дата: text("date"),
  Время: text("time"),
  ХозОперация: text("operation"),
  Роль: text("role"),
  Валюта: text("currency"),
  Сумма: text("sum"),
  Контрагенты: into(shape({ Контрагент: many("buyers", buyer) })),
  Комментарий: text("comment"),
  Налоги: taxes,
  Товары: into(shape({ Товар: many("lines", line) })),
  ЗначенияРеквизитов: requisites,
  Основание: text("base"),
  Номер1С: text("onecNumber"),
  Дата1С: text("onecDate"),
  НомерВерсии: text("version"),
  ПометкаУдаления: text("deletionMark"),
};

const subordinate = shape(documentFields);

export const documentShape = shape(
  { ...documentFields, ПодчиненныеДокументы: into(shape({ ПодчиненныйДокумент: many("subordinates", subordinate) })) },
  { attributes: { ХозОперация: "operationAttribute" } },
);
