/**
 * What the stock exchange or PayKeeper's calls of a 1C base will not book, so that a person has to (CML-32, commerceml.md 7 to 9): never shown as done or as
 * on its way. Reckoned from what stands in the database now, because money, totals and settings change after the message was queued.
 */
import type { Sql, Tx } from "@/db/index.ts";

export const byHandReasons = ["refund", "undone", "part", "excess", "gone", "state", "unknown_number", "no_bill", "skipped"] as const;
export type ByHandReason = (typeof byHandReasons)[number];

/** What people read beside such a message. `skipped` is the one thing that 1C had been given. */
export const byHandTitle = (reason: ByHandReason): string => (reason === "skipped" ? "1С забрала, но не учла: проведите вручную" : "1С этого не примет: проведите вручную");

export const byHandWords: Record<ByHandReason, { why: string; todo: string }> = {
  refund: { why: "Обмен с сайтом возвратов не переносит.", todo: "Проведите в 1С возврат денег покупателю на эту сумму и внесите номер документа." },
  undone: { why: "Обмен с сайтом отмен и списаний по спорам не переносит.", todo: "Исправьте оплату в 1С и внесите номер документа." },
  part: { why: "Эта 1С загружает только полную оплату заказа, а оплачено не всё или часть уже возвращена.", todo: "Проведите сумму в 1С документом оплаты картой на основании заказа и внесите его номер. Если заказ доплатят раньше, 1С загрузит оплату сама." },
  excess: { why: "1С проводит не больше остатка по заказу, а это сверх его суммы.", todo: "Верните лишнее покупателю или проведите его в 1С авансом и внесите номер документа." },
  gone: { why: "Заказ отменён или удалён в 1С: оплату по нему она не загрузит.", todo: "Верните деньги или проведите их в 1С нераспределённой оплатой покупателя и внесите номер документа." },
  state: { why: "УТ загружает оплату, только пока заказ в состоянии «Ожидается согласование», а он уже в работе.", todo: "Проведите в 1С операцию по платёжной карте на основании заказа и внесите её номер." },
  unknown_number: { why: "1С не найдёт заказ: «Номер заказа на сайте» в нём не заполнен или длиннее 11 знаков.", todo: "Проведите оплату в 1С на основании заказа и внесите её номер; чтобы следующие шли сами, заполните в заказах номер и дату на сайте." },
  no_bill: { why: "1С узнаёт только об оплате счетов, которые выставила сама, а у этого заказа такого счёта нет.", todo: "Проведите оплату в 1С на основании заказа и внесите её номер." },
  skipped: { why: "Заказ вернулся из 1С уже после передачи, а номера оплаты в нём нет.", todo: "Проверьте настройку обмена в 1С: загрузка оплат включена (в УТ 11.5 «Загружать онлайн-оплаты») и способ оплаты стоит в таблице соответствия. Проведите оплату в 1С и внесите её номер." },
};

type Fragment = ReturnType<Tx>;

/** How the base's last `query` was answered, else how its settings want it (CML-30). Wants `k` = connections. */
export const flavourSql = (on: Sql | Tx): Fragment => on`coalesce(k.query_flavour, k.settings->>'flavour', 'ut')`;

/**
 * The base does not know the order under our number: УТ would not find it and make a second one (pitfall P4). Wants `o` = orders. An order
 * that was born on the site is new to it, and a long number of its own is written shorter (`siteNumber`).
 */
const unknownNumberSql = (on: Sql | Tx, flavour: Fragment): Fragment => on`(o.shop_connection_id is null and (not o.in_file or (${flavour} = 'ut' and o.onec_guid is not null and length(o.number) > 11)))`;

/**
 * The file may give the order to its base: it is known there by its number, or new and worth telling of. Not worth it: a shop's order that
 * ended without money before 1C ever had it, and an unpaid one where the base wants only paid ones. Wants `o` = orders, `k` = its base.
 */
export const isForBaseSql = (on: Sql | Tx, flavour: Fragment = flavourSql(on)): Fragment => on`(not ${unknownNumberSql(on, flavour)}
  and (o.onec_guid is not null or o.exported_version > 0 or o.captured_kopecks > 0
    or (o.lifecycle not in ('cancelled', 'deleted') and coalesce(k.settings->>'siteOrders', '') <> 'when_paid')))`;

/** The order is paid as far as a bill of its base is concerned (`billStatusSql`). Wants `o` = orders. */
const isBillPaidSql = (on: Sql | Tx): Fragment => on`(o.captured_kopecks > o.reversed_kopecks + o.charged_back_kopecks
  and (o.lifecycle in ('cancelled', 'deleted') or o.captured_kopecks - o.reversed_kopecks - o.charged_back_kopecks >= o.total_kopecks - o.goods_returned_kopecks))`;

/** PayKeeper's calls say of a bill that it is paid, and a notification says of a payment of a bill that it came; they have no other words. */
const billByHandSql = (on: Sql | Tx): Fragment => on`case
  when m.state <> 'pending' then null
  when not exists (select 1 from bills b where b.order_id = o.id and b.connection_id = k.id and b.close_reason is distinct from 'replaced') then 'no_bill'
  when not ${isBillPaidSql(on)} and not exists (select 1 from bill_notices n where n.fact_id = f.id and n.taken_at is null) then 'part' end`;

/** УТ loads no payment of an order that is so far on its way; null is no. Wants `o` = orders, `k` = its base. */
export const isPastPaymentSql = (on: Sql | Tx, flavour: Fragment = flavourSql(on)): Fragment => on`(${flavour} = 'ut' and (o.lifecycle in ('partially_shipped', 'shipped', 'completed') or (trim(o.onec_state) <> ''
     and not coalesce(k.settings->'paymentStates', '["Ожидается согласование", "Не согласован"]'::jsonb) ? trim(o.onec_state))))`;

/** A ByHandReason, or null: the exchange carries it, or 1C has it. Wants `m` = export_messages, `f` = its fact, `o` = its order, `k` = its base. */
export const byHandSql = (on: Sql | Tx, flavour: Fragment = flavourSql(on)): Fragment => on`case
  when m.state not in ('pending', 'delivered') or k.money_channel = 'json' then null
  when f.kind = 'refund_succeeded' then 'refund'
  when f.kind <> 'payment_captured' then 'undone'
  when k.money_channel = 'paykeeper' then ${billByHandSql(on)}
  when m.state = 'delivered' then case when m.skipped_at is not null then 'skipped' end
  when ${unknownNumberSql(on, flavour)} then 'unknown_number'
  when ${flavour} = 'unf' then null
  when o.lifecycle in ('cancelled', 'deleted') then 'gone'
  when o.captured_kopecks - o.reversed_kopecks - o.refunded_kopecks - o.charged_back_kopecks < o.total_kopecks then 'part'
  when (select sum(p.amount_kopecks) from export_messages p join money_facts pf on pf.id = p.fact_id where p.order_id = m.order_id and p.seq <= m.seq and pf.kind = 'payment_captured')
     + (select coalesce(sum(a.amount_kopecks), 0) from allocations a join money_facts d on d.id = a.fact_id where a.order_id = m.order_id and d.kind = 'payment_captured' and d.document_key is not null)
     > (select max(r.total_kopecks) from order_revisions r where r.order_id = m.order_id) then 'excess'
  when ${isPastPaymentSql(on, flavour)} then 'state'
end`;

/** The state that a list shows: the message's own, or `by_hand`. */
export const shownStateSql = (on: Sql | Tx): Fragment => on`case when ${byHandSql(on)} is not null then 'by_hand' else m.state end`;

/** Worst first: what a whole order shows. */
export const shownStates = ["rejected", "by_hand", "pending", "delivered", "confirmed"] as const;
export type ShownExportState = (typeof shownStates)[number];

export const shownStateLabels: Record<ShownExportState, string> = {
  rejected: "1С не приняла",
  by_hand: "Проведите вручную",
  pending: "Ждёт 1С",
  delivered: "Передано в 1С",
  confirmed: "Учтено в 1С",
};
