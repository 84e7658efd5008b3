import type { DeclineClass } from "@/lib/acquirers/acquirer.ts";

export type DeclineText = { title: string; advice: string; /** What is selected next: another way, or the same again. */ offer: "sbp" | "retry" | "other" };

/** Why a payment was refused, as the buyer reads it (ux.md 6.1). Only refusals that the provider confirmed come here. */
export const declineTexts: Record<DeclineClass, DeclineText> = {
  no_money: { title: "Не хватило денег на карте", advice: "Пополните счёт или выберите другой способ.", offer: "sbp" },
  three_ds: { title: "Платёж не подтверждён", advice: "Код из СМС или пуш-уведомления не введён. Попробуйте ещё раз.", offer: "retry" },
  card_data: { title: "Проверьте номер карты и код с оборота", advice: "Деньги не списаны. Попробуйте ещё раз.", offer: "retry" },
  expired_card: { title: "Срок действия карты истёк", advice: "Возьмите другую карту или заплатите через СБП.", offer: "sbp" },
  limit: { title: "Превышен лимит по карте или кошельку", advice: "Выберите другой способ или повторите завтра.", offer: "other" },
  blocked: { title: "Банк отклонил платёж и не назвал причину", advice: "Позвоните в банк или выберите другой способ.", offer: "other" },
  suspicion: { title: "Платёж отклонён проверкой безопасности", advice: "Выберите другой способ.", offer: "sbp" },
  foreign: { title: "Карты этой страны не принимаются", advice: "Выберите другой способ.", offer: "other" },
  not_finished: { title: "Время на оплату вышло", advice: "Деньги не списаны. Начните ещё раз.", offer: "retry" },
  technical: { title: "Банк временно не отвечает", advice: "Деньги не списаны. Попробуйте ещё раз или выберите другой способ.", offer: "other" },
};

/** An attempt that ended without money; a provider that gave no reason counts as `blocked`, time that ran out as `not_finished`. */
export const declineTextOf = (attempt: { state: string; failClass: DeclineClass | null }): DeclineText =>
  declineTexts[attempt.failClass ?? (attempt.state === "expired" ? "not_finished" : "blocked")];
