/** GET /changes and POST /changes/ack: the feed as 1C reads it (json-api.md 4). */
import { z } from "zod";
import { feedTypes } from "@/lib/feed/kinds.ts";
import { cutText } from "@/lib/kit/storable-text.ts";

const SAID_MAX = 500;

const text = z.string();
const sum = text.meta({ description: 'Рубли с двумя знаками: "1220.00"; пусто, если неизвестно.' });
const local = text.meta({ description: "Местное время без смещения: 2026-11-21T15:40:11." });

const order = z.object({ id: text.meta({ description: "Документ заказа 1С; пусто у заказа, которого в 1С ещё нет." }), siteId: text, number: text, onecNumber: text, total: sum, status: text, pilot: text.meta({ description: "Отбор пилота, в который вошёл заказ; иначе пусто." }) }).meta({ id: "ChangeOrder" });
const payment = z
  .object({
    id: text, number: text, method: text.meta({ description: "card, sbp, bank_transfer, cash…" }), kind: text, amount: sum, fee: sum, net: sum, currency: text, paidAt: text, paidAtLocal: local, acquirer: text, acquirerId: text, rrn: text,
    authCode: text, maskedPan: text, sbpId: text, sbpBank: text, documentNumber: text, failReason: text, vat: z.array(z.object({ rate: text, amount: sum, vatAmount: sum })),
  })
  .meta({ id: "ChangePayment" });
const refund = z.object({ id: text, paymentId: text, number: text, method: text, amount: sum, refundedAt: text, refundedAtLocal: local }).meta({ id: "ChangeRefund", description: "Возврат денег. Если платёж стоит на нескольких заказах, у каждого заказа своё событие со своей частью суммы и своим id; под тем же id возврат стоит в GET /orders и GET /refunds. У refund.reversed id возврата, который вернулся." });
const receipt = z.object({ id: text, kind: text, purpose: text, amount: sum, fn: text, fd: text, fp: text, registeredAt: text, registeredAtLocal: text, url: text, failCode: text, failText: text }).meta({ id: "ChangeReceipt" });
const payout = z.object({ id: text, date: text, gross: sum, fee: sum, feeVat: sum, net: sum }).meta({ id: "ChangePayout" });

export const ChangeItem = z
  .object({
    seq: text.meta({ description: "Номер события, растёт." }),
    id: text,
    type: z.enum(feedTypes).meta({ description: "order.expired: срок ссылки вышел, к оплате осталось balance.due; с key order-cancelled:… заказ отменил сам магазин, платить больше нечего." }),
    key: text.meta({ description: "Строка, по которой искать уже записанный документ, например payment:…. Есть такая: ничего не делайте (API-24)." }),
    at: text,
    atLocal: local,
    isTest: z.boolean(),
    order: order.nullable(),
    payment: payment.nullable(),
    refund: refund.nullable(),
    receipt: receipt.nullable(),
    payout: payout.nullable(),
    document: z.record(z.string(), z.unknown()).nullable().meta({ description: "Весь заказ в форме POST /orders, только у order.created; иначе null." }),
    balance: z.object({ paid: sum, refunded: sum, due: sum }).nullable().meta({ description: "Деньги заказа целиком после этого события." }),
  })
  .meta({ id: "ChangeItem" });

export const ChangesAnswer = z
  .object({
    cursor: text.meta({ description: "Передайте в changes/ack, когда записали все items." }),
    hasMore: z.boolean().meta({ description: "Есть ещё: подтвердите и читайте дальше сразу." }),
    serverTime: text,
    items: z.array(ChangeItem),
    msg: text,
  })
  .meta({ id: "ChangesAnswer" });

const said = (description: string) => z.union([z.string(), z.number()], { error: () => "нужен текст" }).transform((value) => cutText(String(value).trim(), SAID_MAX)).meta({ description });
/** Whatever 1C has at hand: an acknowledgement is never refused for it, or the feed would stand still. */
const remark = (description: string) => said(description).nullish().transform((value) => value ?? "").meta({ description });

export const AckRequest = z
  .object(
    {
      cursor: said("cursor из ответа changes."),
      documents: z.array(z.object({ key: said("key события."), number: remark("Номер документа, который создала 1С."), date: z.unknown().optional().meta({ description: "Дата документа; для справки." }) })).max(1_000).nullable().optional(),
      rejected: z.array(z.object({ key: said("key события."), msg: remark("Почему 1С его не проведёт; длиннее 500 знаков обрезается.") })).max(1_000).nullable().optional().meta({ description: "События, которые 1С проводить отказалась: их увидят сотрудники." }),
    },
    { error: () => "нужен объект" },
  )
  .meta({ id: "AckRequest" });

export const AckAnswer = z.object({ ok: z.boolean(), cursor: text, settled: z.array(text).meta({ description: "Из rejected: что бухгалтер уже провёл вручную и назвал документ. Такие события больше не проводите." }), warnings: z.array(text), msg: text }).meta({ id: "AckAnswer" });
