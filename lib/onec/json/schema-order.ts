/** POST /orders: the one place that says how an order looks in JSON, for the routes and for the description. */
import { z } from "zod";
import { amount, code, flag, guid, label, moment, oneWord, quantity, vatRate, whole, words } from "./values.ts";

export const ORDERS_MAX = 200;
export const ITEMS_MAX = 2_000;
const NUMBER_MAX = 100;
export const VERSION_MAX = Number.MAX_SAFE_INTEGER;

const notAList = { error: () => "нужен массив" };
const notAnObject = { error: () => "нужен объект" };

/** Subjects of settlement by the names of the fiscal spec (tag 1212); receipts know goods and services. */
const subjects = {
  commodity: "commodity", excise: "excise", job: "job", service: "service", payment: "payment", another: "another", intellectualactivity: "intellectual_activity", propertyright: "property_right",
  товар: "commodity", подакцизныйтовар: "excise", работа: "job", услуга: "service",
} as const;
export type Subject = (typeof subjects)[keyof typeof subjects];

const payerTypes = {
  legal: "legal", company: "legal", organization: "legal", юридическоелицо: "legal", юрлицо: "legal", компания: "legal",
  entrepreneur: "entrepreneur", soleproprietor: "entrepreneur", ip: "entrepreneur", индивидуальныйпредприниматель: "entrepreneur", ип: "entrepreneur",
  person: "person", individual: "person", физическоелицо: "person", физлицо: "person", частноелицо: "person",
} as const;

export const deferral = z
  .object(
    {
      kind: oneWord("Какие дни считать. Не указано: календарные.", { calendardays: "calendarDays", calendar: "calendarDays", календарные: "calendarDays", workingdays: "workingDays", working: "workingDays", рабочие: "workingDays" } as const),
      days: whole("Сколько дней после базовой даты. 0 означает «без отсрочки».", 3_650),
      from: oneWord("От какой даты. Не указано: от отгрузки.", { shipment: "shipment", отгрузка: "shipment", order: "order", заказ: "order", invoice: "invoice", счет: "invoice" } as const),
    },
    notAnObject,
  )
  .meta({ id: "Deferral", description: "Отсрочка платежа: срок считается со следующего дня; календарный срок, который кончается в выходной, переходит на рабочий день." });

export const contactFields = {
  type: oneWord("Кто покупатель. Не указано: по ИНН.", payerTypes),
  name: words("Название или имя, как в документах."),
  fullName: words("Полное название, если отличается от name."),
  inn: code("ИНН. Ошибка в контрольной цифре даёт предупреждение, не отказ.", 40),
  kpp: code("КПП, у предпринимателей нет.", 40),
  address: words("Юридический адрес."),
  email: words("Почта: на неё придёт чек и письмо."),
  phone: words("Телефон в любом виде; станет +7…"),
};

const customer = z.object({ id: guid("Контрагент в 1С."), ...contactFields }, notAnObject).meta({ id: "Customer", description: "Покупатель. Поля, которых нет, берутся из прошлых данных о нём." });

const orderItem = z
  .object(
    {
      line: whole("Номер строки; не указан: по порядку.", 1_000_000),
      id: guid("Номенклатура."),
      characteristicId: guid("Характеристика."),
      sku: words("Артикул; ведущие нули сохраняются, если это текст."),
      barcode: code("Штрихкод.", 60),
      name: words("Название, как в чеке и счёте."),
      unit: words("Единица: шт, упак, м3."),
      unitCode: code("Код единицы по ОКЕИ: 796.", 10),
      quantity: quantity("Количество. Обязательно."),
      price: amount("Цена за единицу до скидки. При vatIncluded=false: без НДС."),
      discount: amount("Скидка на строку; сумма строки её уже учитывает."),
      amount: amount("Сумма строки после скидки, обязательна. С НДС; при vatIncluded=false можно без НДС, тогда нужен vatAmount или ставка."),
      vatRate: vatRate("Ставка НДС. Организации на общей системе обязательна; у других не указана: без НДС."),
      vatAmount: amount("НДС строки; проверяется с точностью до копейки. Не указан: посчитаем."),
      subject: oneWord("Признак предмета расчёта.", subjects),
      method: words("Признак способа расчёта: не используется, его выбирает сайт по оплате и отгрузке."),
    },
    notAnObject,
  )
  .meta({ id: "OrderItem" });

const orderPayment = z
  .object(
    {
      id: guid("Документ оплаты в 1С: повтор с тем же id ничего не добавит."),
      number: code("Номер документа.", 100),
      date: moment("Когда деньги пришли или ушли."),
      amount: amount("Сумма."),
      method: oneWord("Как заплачено.", { banktransfer: "bank_transfer", bank: "bank_transfer", безналичные: "bank_transfer", cash: "cash", наличные: "cash" } as const),
      kind: oneWord("Оплата или возврат. Не указано: оплата.", { payment: "payment", оплата: "payment", refund: "refund", возврат: "refund" } as const),
    },
    notAnObject,
  )
  .meta({ id: "OrderPayment", description: "Деньги, которые провела сама 1С: перевод по счёту, наличные в магазине. Оплаты сайта сюда не включайте." });

const orderState = z
  .object(
    {
      posted: flag("Документ проведён. У нового заказа по умолчанию да; непроведённый оплатить нельзя."),
      deleted: flag("Пометка удаления."),
      cancelled: flag("Заказ отменён."),
      closed: flag("Заказ закрыт, больше с ним ничего не будет."),
      status: words("Состояние заказа словами 1С; соответствие настраивается на сайте."),
      shippedAt: moment("Отгружен целиком. Отгрузки частями и с кодами маркировки: POST /shipments."),
      shipmentNumber: code("Номер документа отгрузки.", 100),
    },
    notAnObject,
  )
  .meta({ id: "OrderState" });

/** One order; only `id` is always needed, a new one also needs `number`, `amount` and `items` (API-18). */
export const OrderRequest = z
  .object(
    {
      id: z.string({ error: () => "нужен GUID документа 1С" }).min(1, { error: () => "нужен GUID документа 1С" }).max(60, { error: () => "не GUID" }).meta({ description: "GUID документа 1С: по нему заказ узнаётся (API-15)." }),
      siteId: guid("Наш id заказа из события order.created: связывает заказ, родившийся на сайте, с документом 1С."),
      version: whole("Растущее целое: свой счётчик или момент документа. Меньше сохранённого: ответ unchanged.", VERSION_MAX),
      number: code("Номер документа. Обязателен у нового заказа.", NUMBER_MAX),
      date: moment("Дата документа."),
      amount: amount("Сумма заказа с НДС, к оплате. Обязательна у нового заказа; равна сумме строк."),
      currency: code("Только RUB.", 10),
      vatIncluded: flag("Цены и суммы строк включают НДС. По умолчанию да."),
      payBy: moment("Оплатить до: день включительно или момент. После него ссылка не принимает оплату."),
      comment: words("Комментарий."),
      manager: label("Кто ведёт заказ в 1С: имя менеджера. По нему пилот может отбирать заказы.", 200),
      methods: z.array(z.string({ error: () => "нужен текст" }), notAList).max(20).nullable().optional().meta({ description: 'Какими способами можно платить: "card", "sbp", "invoice". null или пусто: любыми.' }),
      deferral: deferral.nullable().optional(),
      customer: customer.nullable().optional(),
      items: z.array(orderItem, notAList).max(ITEMS_MAX, { error: () => `не больше ${ITEMS_MAX} строк` }).nullable().optional().meta({ description: "Строки заменяются целиком." }),
      state: orderState.nullable().optional(),
      payments: z.array(orderPayment, notAList).max(200).nullable().optional(),
    },
    notAnObject,
  )
  .meta({ id: "Order", description: "Заказ. Поля, которых нет, сохраняют значение; null очищает." });

export type OrderRequest = z.output<typeof OrderRequest>;
export type OrderItem = z.output<typeof orderItem>;
export type CustomerRequest = z.output<typeof customer>;
export type DeferralRequest = z.output<typeof deferral>;

export const OrdersRequest = z.object({ orders: z.array(OrderRequest, notAList).max(ORDERS_MAX) }, notAnObject).meta({ id: "OrdersRequest" });

const warnings = z.array(z.string()).meta({ description: "Что прочитано не так, как, может быть, хотели; документ принят." });
export const money = (description: string) => z.string().meta({ description: `${description} Рубли с двумя знаками: "1220.00".` });

export const verdict = {
  code: z.string().meta({ description: "Код отказа; пусто, если отказа нет." }),
  msg: z.string().meta({ description: "Причина словами; пусто, если всё хорошо." }),
  warnings,
};

export const OrdersAnswer = z
  .object({
    accepted: z.int().meta({ description: "Сколько принято, включая неизменившиеся." }),
    rejected: z.int(),
    warnings,
    results: z.array(
      z
        .object({
          id: z.string().meta({ description: "id из запроса." }),
          siteId: z.string().meta({ description: "id заказа на сайте; пусто у отказа." }),
          number: z.string(),
          status: z.enum(["created", "updated", "unchanged", "rejected"]),
          version: z.int().meta({ description: "Версия, которая теперь сохранена; у отказа: из запроса. 0: версий не было." }),
          payUrl: z.string().meta({ description: "Ссылка на оплату; пусто, если платить нечего или нельзя." }),
          paymentStatus: z.string(),
          paid: money("Получено за вычетом возвратов."),
          due: money("Осталось заплатить."),
          pilot: z.string().meta({ description: "Отбор пилота, в который вошёл заказ; иначе пусто." }),
          ...verdict,
        })
        .meta({ id: "OrderResult" }),
    ),
  })
  .meta({ id: "OrdersAnswer" });
export type OrdersAnswer = z.output<typeof OrdersAnswer>;
export type OrderResult = OrdersAnswer["results"][number];
