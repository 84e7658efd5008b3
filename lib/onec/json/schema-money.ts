/** POST /refunds, POST /statements and GET /orders/{guid}: money as the site knows it. */
import { z } from "zod";
import { verdict } from "./schema-order.ts";
import { amount, code, guid, oneWord, quantity, whole, words } from "./values.ts";

const notAList = { error: () => "нужен массив" };
const notAnObject = { error: () => "нужен объект" };

const refundItem = z
  .object({ line: whole("Номер строки заказа.", 1_000_000), id: guid("Номенклатура."), characteristicId: guid("Характеристика."), name: words("Название, если нет id."), quantity: quantity("Сколько вернули."), amount: amount("Сумма; не указана: по цене заказа.") }, notAnObject)
  .meta({ id: "RefundItem" });

export const RefundRequest = z
  .object(
    {
      id: guid("Документ возврата в 1С: повтор с тем же id второго возврата не делает. Обязателен."),
      number: code("Номер документа.", 64),
      orderId: guid("Документ заказа 1С. Можно не указывать, если указан paymentId."),
      orderNumber: code("Номер заказа, если GUID под рукой нет.", 100),
      paymentId: guid("payment.id из changes: какую оплату вернуть. Не указано: последние оплаты заказа."),
      amount: amount("Сколько вернуть. Можно не указывать, если указаны items."),
      items: z.array(refundItem, notAList).max(1_000, { error: () => "не больше 1000 строк" }).nullable().optional(),
      method: oneWord("Как вернуть. Не указано: тем же способом, каким платили.", { instrument: "instrument", banktransfer: "bank_transfer", cash: "cash" } as const),
      reason: words("Причина: код (goods_return, order_cancelled, order_reduction, double_payment, overpayment, price_concession, late_payment) или словами."),
    },
    notAnObject,
  )
  .meta({ id: "RefundRequest", description: "Просьба вернуть деньги. Деньги уходят после одобрения сотрудником, об уходе сообщит refund.succeeded." });
export type RefundRequest = z.output<typeof RefundRequest>;

const sum = z.string().meta({ description: 'Рубли с двумя знаками: "1220.00".' });
const time = z.string().meta({ description: "Время со смещением; пусто, если его ещё нет." });
const local = z.string().meta({ description: "То же местное время без смещения." });

const refund = z
  .object({
    id: z.string().meta({ description: "Тот же, что refund.id в событии. Когда деньги ушли с нескольких заказов, у каждого заказа своя часть со своим id." }), orderId: z.string().meta({ description: "Документ заказа 1С, на котором стоит эта часть." }),
    paymentId: z.string(), amount: sum, method: z.string(), state: z.string().meta({ description: "requested, approved, submitting, pending, unknown, succeeded, rejected, canceled, failed, external (начат не у нас), reversed (деньги ушли и вернулись к нам)" }), stateText: z.string(), number: z.string(), requestedAt: time, requestedAtLocal: local, finishedAt: time, finishedAtLocal: local, failText: z.string(),
  })
  .meta({ id: "Refund" });

export const RefundAnswer = z
  .object({
    id: z.string().meta({ description: "id из запроса." }),
    orderId: z.string(),
    orderNumber: z.string(),
    amount: sum,
    status: z.string().meta({ description: "Состояние всех частей, если оно одно; иначе mixed." }),
    statusText: z.string(),
    refunds: z.array(refund).meta({ description: "По одному на каждую возвращаемую оплату; когда деньги ушли с нескольких заказов, по одному на заказ." }),
    warnings: z.array(z.string()),
    msg: z.string(),
  })
  .meta({ id: "RefundAnswer" });
export type RefundAnswer = z.output<typeof RefundAnswer>;

export const StatementAnswer = z
  .object({
    status: z.enum(["taken", "known"]).meta({ description: "known: эта выписка уже загружена." }),
    accounts: z.array(z.object({ account: z.string(), dayFrom: z.string(), dayTo: z.string(), lines: z.int(), new: z.int(), known: z.int() }).meta({ id: "StatementAccount" })),
    documents: z.array(
      z
        .object({
          account: z.string(), number: z.string(), date: z.string(), direction: z.enum(["credit", "debit"]), amount: sum, payerName: z.string(), payerInn: z.string(),
          kind: z.string().meta({ description: "candidate: может быть оплатой; acquirer_settlement, sbp_settlement: возмещение банка; остальное к оплатам не относится." }),
          verdict: z.enum(["new", "known"]),
        })
        .meta({ id: "StatementDocument" }),
    ),
    warnings: z.array(z.string()).meta({ description: "Что не разобрано и почему; такие документы пропущены." }),
    msg: z.string(),
  })
  .meta({ id: "StatementAnswer" });
export type StatementAnswer = z.output<typeof StatementAnswer>;

const payment = z
  .object({
    id: z.string(), number: z.string(), method: z.string(), amount: sum, paidAt: time, paidAtLocal: local, acquirer: z.string(), acquirerId: z.string(), rrn: z.string(), maskedPan: z.string(), documentNumber: z.string(),
    exported: z.string().meta({ description: "pending: 1С ещё не забрала, delivered: забрала, confirmed: учла, rejected: отказалась; пусто, если передавать не нужно." }),
  })
  .meta({ id: "Payment" });
const receipt = z
  .object({ id: z.string(), kind: z.string(), purpose: z.string(), state: z.string(), amount: sum, fn: z.string(), fd: z.string(), fp: z.string(), registeredAt: time, registeredAtLocal: z.string(), url: z.string(), failText: z.string() })
  .meta({ id: "Receipt" });
const invoice = z
  .object({ number: z.string(), version: z.int(), state: z.string(), amount: sum, issuedAt: time, validUntil: z.string(), url: z.string(), pdfUrl: z.string() })
  .meta({ id: "Invoice" });
const goods = z.object({ id: z.string().meta({ description: "Документ 1С." }), number: z.string(), date: time, dateLocal: local, amount: sum }).meta({ id: "GoodsDocument" });

export const OrderAnswer = z
  .object({
    id: z.string().meta({ description: "Документ 1С; пусто у заказа, которого в 1С ещё нет." }),
    siteId: z.string(),
    number: z.string().meta({ description: "Номер, который видит покупатель." }),
    onecNumber: z.string(),
    version: z.int(),
    date: time,
    dateLocal: local,
    lifecycle: z.string().meta({ description: "active, reserved, partially_shipped, shipped, completed, cancelled, deleted" }),
    posted: z.boolean(),
    status: z.string().meta({ description: "Состояние в 1С, как она его назвала." }),
    paymentStatus: z.string().meta({ description: "not_paid, awaiting_payment, authorized, partially_paid, paid, overpaid, refunded, nothing_due, inconsistent" }),
    paymentStatusText: z.string(),
    amount: sum,
    currency: z.string(),
    paid: sum,
    refunded: sum,
    due: sum,
    overpaid: sum,
    held: sum.meta({ description: "Заблокировано на карте и ещё не списано." }),
    payUrl: z.string(),
    payUntil: time,
    payUntilLocal: local,
    dueDate: z.string().meta({ description: "Последний день отсрочки; пусто без неё." }),
    methods: z.array(z.string()).meta({ description: "Чем ограничена оплата; пусто: ничем." }),
    manager: z.string().meta({ description: "Кто ведёт заказ, как его назвала 1С." }),
    pilot: z.string().meta({ description: "Отбор пилота, в который вошёл заказ; пусто: заказ вне пилота или магазин работает без него." }),
    isTest: z.boolean(),
    payments: z.array(payment),
    refunds: z.array(refund),
    receipts: z.array(receipt),
    invoice: invoice.nullable(),
    shipments: z.array(goods),
    returns: z.array(goods),
    documents: z.array(z.object({ id: z.string(), kind: z.string(), number: z.string(), date: z.string(), amount: z.string(), version: z.int(), hidden: z.boolean() }).meta({ id: "OrderDocument" })),
    msg: verdict.msg,
  })
  .meta({ id: "OrderAnswer" });
export type OrderAnswer = z.output<typeof OrderAnswer>;
