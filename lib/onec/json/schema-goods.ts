/** POST /shipments and POST /returns: how hand-overs and returned goods look in JSON. */
import { z } from "zod";
import { verdict } from "./schema-order.ts";
import { amount, code, flag, guid, moment, quantity, vatRate, whole, words } from "./values.ts";

export const GOODS_MAX = 200;
const LINES_MAX = 2_000;
const notAList = { error: () => "нужен массив" };
const notAnObject = { error: () => "нужен объект" };

const named = {
  id: guid("Документ 1С: повтор с тем же id ничего не меняет."),
  number: code("Номер документа.", 100),
  date: moment("Дата документа."),
  orderId: guid("Документ заказа 1С."),
  orderNumber: code("Номер заказа, если GUID под рукой нет.", 100),
  amount: amount("Сумма документа: если указана, равна сумме строк."),
};
const goods = {
  line: whole("Номер строки заказа.", 1_000_000),
  id: guid("Номенклатура."),
  characteristicId: guid("Характеристика."),
  name: words("Название; нужно, если строки нет в заказе."),
  quantity: quantity("Количество."),
  amount: amount("Сумма с НДС. Не указана: доля строки заказа."),
};

const shipmentItem = z
  .object(
    {
      ...goods,
      unitCode: code("Код единицы по ОКЕИ.", 10),
      vatRate: vatRate("Ставка НДС; нужна, если строки нет в заказе."),
      markCodes: z
        .array(z.string({ error: () => "нужен текст" }).max(500, { error: () => "код длиннее 500 знаков" }), notAList).max(10_000).nullable().optional()
        .meta({ description: "Коды маркировки, по одному на штуку, как их прочитал сканер. Поля нет: товар не маркирован." }),
    },
    notAnObject,
  )
  .meta({ id: "ShipmentItem" });

export const ShipmentRequest = z
  .object(
    {
      ...named,
      posted: flag("Документ проведён; непроведённый не учитывается. По умолчанию да."),
      deleted: flag("Пометка удаления."),
      items: z.array(shipmentItem, notAList).max(LINES_MAX, { error: () => `не больше ${LINES_MAX} строк` }).nullable().optional().meta({ description: "Что отгружено. Нет: всё, что ещё не отгружено." }),
    },
    notAnObject,
  )
  .meta({ id: "Shipment", description: "Реализация: от неё появляется долг, по ней уходит закрывающий чек. Больше, чем осталось по заказу, не учитывается: сначала передайте заказ с новыми количествами." });
export type ShipmentRequest = z.output<typeof ShipmentRequest>;
export type ShipmentItem = z.output<typeof shipmentItem>;

export const ShipmentsRequest = z.object({ shipments: z.array(ShipmentRequest, notAList).max(GOODS_MAX) }, notAnObject).meta({ id: "ShipmentsRequest" });

const returnItem = z.object(goods, notAnObject).meta({ id: "ReturnItem" });

export const ReturnRequest = z
  .object({ ...named, posted: flag("Документ проведён. По умолчанию да."), deleted: flag("Пометка удаления."), items: z.array(returnItem, notAList).max(LINES_MAX, { error: () => `не больше ${LINES_MAX} строк` }).nullable().optional() }, notAnObject)
  .meta({ id: "Return", description: "Возврат товаров от клиента: того, что отгружено и ещё не возвращено. Денег он не возвращает: для этого POST /refunds." });
export type ReturnRequest = z.output<typeof ReturnRequest>;
export type ReturnItem = z.output<typeof returnItem>;

export const ReturnsRequest = z.object({ returns: z.array(ReturnRequest, notAList).max(GOODS_MAX) }, notAnObject).meta({ id: "ReturnsRequest" });

export const GoodsAnswer = z
  .object({
    accepted: z.int(),
    rejected: z.int(),
    warnings: z.array(z.string()),
    results: z.array(
      z
        .object({ id: z.string(), siteId: z.string().meta({ description: "id документа на сайте; пусто, если его нет." }), number: z.string(), orderId: z.string().meta({ description: "Документ заказа 1С." }), status: z.enum(["created", "unchanged", "withdrawn", "rejected"]).meta({ description: "withdrawn: отгрузка, снятая в 1С с проведения или удалённая, больше не учитывается." }), lifecycle: z.string().meta({ description: "Состояние заказа после документа." }), ...verdict })
        .meta({ id: "GoodsResult" }),
    ),
  })
  .meta({ id: "GoodsAnswer" });
export type GoodsAnswer = z.output<typeof GoodsAnswer>;
export type GoodsResult = GoodsAnswer["results"][number];
