/** Every call of the exchange: the one table that the door, the OpenAPI description and the page read. */
import { DOCUMENT_MAX_BYTES } from "@/lib/documents/states.ts";
import { ackCall, changesCall } from "./changes-call.ts";
import { deleteDocumentCall, getDocumentCall, getFileCall, putDocumentCall } from "./documents-call.ts";
import * as examples from "./examples.ts";
import { MIB } from "./operation.ts";
import type { Operation } from "./operation.ts";
import { PingAnswer, pingCall } from "./ping-call.ts";
import { readOrderCall } from "./read-order-call.ts";
import { readRefundCall, requestRefundCall } from "./refunds-call.ts";
import { AckAnswer, AckRequest, ChangesAnswer } from "./schema-changes.ts";
import { CounterpartiesAnswer, CounterpartiesRequest } from "./schema-counterparties.ts";
import { DocumentAnswer } from "./schema-documents.ts";
import { GoodsAnswer, ReturnsRequest, ShipmentsRequest } from "./schema-goods.ts";
import { OrderAnswer, RefundAnswer, RefundRequest, StatementAnswer } from "./schema-money.ts";
import { OrdersAnswer, OrdersRequest } from "./schema-order.ts";
import { takeStatementCall } from "./statements-call.ts";
import { takeCounterpartiesCall } from "./take-counterparties-call.ts";
import { takeOrdersCall } from "./take-orders-call.ts";
import { takeReturnsCall } from "./take-returns-call.ts";
import { takeShipmentsCall } from "./take-shipments-call.ts";

/** A package of 200 orders of a hundred lines each has about half of it. */
const PACKAGE_MAX = 16 * MIB;
/** A thousand refusals with what 1C shows of an error. */
const ACK_MAX = 8 * MIB;
const plain = { params: {}, query: {}, errors: [] } as const;
const guid = { guid: "GUID документа 1С." };

export const operations: readonly Operation[] = [
  {
    ...plain, id: "ping", method: "GET", path: "/ping", title: "Проверить соединение", body: null, answer: PingAnswer, answerExample: examples.ping, run: pingCall,
    description: "Для кнопки «Проверить»: логин верный, обмен открыт, часы сайта.",
  },
  {
    ...plain, id: "postOrders", method: "POST", path: "/orders", title: "Передать заказы", body: { kind: "json", schema: OrdersRequest, maxBytes: PACKAGE_MAX, example: examples.orders }, answer: OrdersAnswer, answerExample: examples.ordersAnswer,
    errors: [400, 413, 422], run: takeOrdersCall,
    description: "До 200 заказов, новых и изменённых. На каждый свой ответ в том же порядке; плохой заказ не мешает остальным, отказ приходит с кодом 200. Поля, которых нет, сохраняют значение, null очищает. Повтор безопасен.",
  },
  {
    ...plain, id: "getOrder", method: "GET", path: "/orders/{guid}", title: "Состояние заказа", params: { guid: "GUID документа 1С или siteId." }, body: null, answer: OrderAnswer, answerExample: examples.order, errors: [404], run: readOrderCall,
    description: "Суммы, оплаты, возвраты, чеки, ссылка на оплату, счёт, отгрузки и документы. Если срок ссылки вышел, а платить можно, в ответе новая.",
  },
  {
    ...plain, id: "postShipments", method: "POST", path: "/shipments", title: "Передать отгрузки", body: { kind: "json", schema: ShipmentsRequest, maxBytes: PACKAGE_MAX, example: examples.shipments }, answer: GoodsAnswer, answerExample: examples.shipmentsAnswer,
    errors: [400, 413, 422], run: takeShipmentsCall,
    description: "До 200 реализаций со строками и кодами маркировки. По отгрузке появляется долг и уходит закрывающий чек, поэтому учтённую изменить нельзя: оформите возврат или новую отгрузку.",
  },
  {
    ...plain, id: "postReturns", method: "POST", path: "/returns", title: "Передать возвраты товара", body: { kind: "json", schema: ReturnsRequest, maxBytes: PACKAGE_MAX, example: examples.returns }, answer: GoodsAnswer, answerExample: examples.returnsAnswer,
    errors: [400, 413, 422], run: takeReturnsCall, description: "Товар вернулся: покупатель должен меньше. Деньги этим не возвращаются, о них просят через /refunds.",
  },
  {
    ...plain, id: "postCounterparties", method: "POST", path: "/counterparties", title: "Передать контрагентов", body: { kind: "json", schema: CounterpartiesRequest, maxBytes: PACKAGE_MAX, example: examples.counterparties }, answer: CounterpartiesAnswer,
    answerExample: examples.counterpartiesAnswer, errors: [400, 413, 422], run: takeCounterpartiesCall, description: "До 200 контрагентов: реквизиты, отсрочка и кредитный лимит. Новая отсрочка передвигает срок у неоплаченных заказов, кроме тех, у которых своя.",
  },
  {
    ...plain, id: "postRefund", method: "POST", path: "/refunds", title: "Попросить вернуть деньги", body: { kind: "json", schema: RefundRequest, maxBytes: MIB, example: examples.refund }, answer: RefundAnswer, answerExample: examples.refundAnswer,
    errors: [400, 404, 409, 422], run: requestRefundCall, description: "Просьба встаёт в очередь на одобрение сотрудником. Тот же id ещё раз ничего не добавляет и показывает состояние. Об уходе денег сообщит событие refund.succeeded.",
  },
  {
    ...plain, id: "getRefund", method: "GET", path: "/refunds/{guid}", title: "Состояние возврата денег", params: { guid: "id из POST /refunds." }, body: null, answer: RefundAnswer, answerExample: examples.refundAnswer, errors: [404], run: readRefundCall,
    description: "Одобрен, отклонён, ушёл или не прошёл, и почему.",
  },
  {
    ...plain, id: "getChanges", method: "GET", path: "/changes", title: "Забрать события", body: null, answer: ChangesAnswer, answerExample: examples.changes, errors: [409, 422], run: changesCall,
    query: { limit: { description: "Сколько событий, до 1000; по умолчанию 100.", example: "100" }, since: { description: "Курсор, с которого перечитать заново, для ремонта. Без него: после последнего подтверждённого.", example: "0000000000001042" } },
    description: "Оплаты, возвраты, чеки и прочее в том порядке, в каком случилось. Запишите в базу, потом подтвердите курсор. Неподтверждённое придёт ещё раз: пропускайте события, чей key уже есть.",
  },
  {
    ...plain, id: "postChangesAck", method: "POST", path: "/changes/ack", title: "Подтвердить события", body: { kind: "json", schema: AckRequest, maxBytes: ACK_MAX, example: examples.ack }, answer: AckAnswer, answerExample: examples.ackAnswer,
    errors: [400, 409, 422], run: ackCall, description: "Всё до курсора записано в базу. Курсор движется только вперёд; тот же ещё раз можно. Номера документов 1С видны сотрудникам сайта.",
  },
  {
    ...plain, id: "putDocument", method: "PUT", path: "/documents/{guid}", title: "Передать документ покупателю", params: guid, answer: DocumentAnswer, answerExample: examples.document, errors: [413, 422], run: putDocumentCall,
    query: {
      kind: { description: "invoice, upd, act, torg12, invoice_facture, reconciliation, contract, other", example: "upd" }, number: { description: "Номер документа.", example: "УТ00-000590" }, date: { description: "Дата документа.", example: "2026-11-21" },
      order: { description: "Заказ: GUID или номер. Можно раньше самого заказа.", example: "c0ffee11-c2d4-11f1-8f10-0050568b1a01" }, amount: { description: "Сумма документа.", example: "92110.00" }, counterparty: { description: "Контрагент, если документ не к заказу." },
    },
    body: { kind: "raw", mimes: ["application/pdf", "application/xml", "image/png"], description: "Сам файл, до 10 МБ.", maxBytes: DOCUMENT_MAX_BYTES },
    description: "Файл появится на странице заказа у покупателя. Тот же GUID заменяет файл, прежний остаётся в истории; те же байты новой версии не делают. Счёт (kind=invoice) покупатель скачивает вместо счёта сайта. Параметры кодируются как в адресе (UTF-8).",
  },
  {
    ...plain, id: "getDocument", method: "GET", path: "/documents/{guid}", title: "Сведения о документе", params: guid, body: null, answer: DocumentAnswer, answerExample: examples.document, errors: [404, 422], run: getDocumentCall, description: "Что хранится и какие были версии.",
  },
  {
    ...plain, id: "getDocumentFile", method: "GET", path: "/documents/{guid}/file", title: "Файл документа", params: guid, query: { version: { description: "Номер версии; без него последняя." } }, body: null, answer: null, answerExample: null, errors: [404, 422],
    run: getFileCall, description: "Сами байты, как их передали.",
  },
  {
    ...plain, id: "deleteDocument", method: "DELETE", path: "/documents/{guid}", title: "Отозвать документ", params: guid, body: null, answer: DocumentAnswer, answerExample: { ...examples.document, status: "hidden", visibleToBuyer: false }, errors: [404, 422],
    run: deleteDocumentCall, description: "Покупатель его больше не видит, история остаётся. PUT показывает снова.",
  },
  {
    ...plain, id: "postStatement", method: "POST", path: "/statements", title: "Передать выписку банка", body: { kind: "raw", mimes: ["text/plain"], description: "Файл kl_to_1c.txt (1CClientBankExchange), windows-1251, cp866 или UTF-8.", maxBytes: PACKAGE_MAX },
    answer: StatementAnswer, answerExample: examples.statementAnswer, errors: [413, 422], run: takeStatementCall, description: "Файл клиент-банка как есть. Строки, которые уже приходили, второй раз не учитываются.",
  },
];
