import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import type { LockedAttempt } from "./lock-attempt.ts";

const NBSP = "\u00A0";

type Words = { class: "STATUS_MISMATCH" | "AMOUNT_MISMATCH" | "MISSING_IN_REGISTRY"; title: string; advice: string };
type Case = "contradiction" | "unconfirmed" | "stranger" | "second" | "amount";

/** What the bank tells against what we booked. Nothing is undone by a message: a person decides with evidence (LOST-29). */
const words: Record<Case, (seen: SeenPayment, order: string) => Words> = {
  contradiction: (seen, order) => ({
    class: "STATUS_MISMATCH",
    title: `Банк называет оплаченный платёж «${seen.rawState.slice(0, 40)}», ${order}`,
    advice: "Заказ остаётся оплаченным. Проверьте платёж в кабинете банка и решите с бухгалтером.",
  }),
  unconfirmed: (_seen, order) => ({
    class: "MISSING_IN_REGISTRY",
    title: `Банк уведомил об оплате, но не показывает её, ${order}`,
    advice: "Заказ остаётся оплаченным. Найдите платёж в кабинете банка, прежде чем отгружать. Мы продолжаем спрашивать банк сами.",
  }),
  stranger: (seen, order) => ({
    class: "STATUS_MISMATCH",
    title: `Под номером платежа у банка другой заказ («${seen.reference?.slice(0, 40) ?? ""}»), ${order}`,
    advice: "Оплата не подтверждена. Найдите платёж в кабинете банка, прежде чем отгружать.",
  }),
  second: (seen, order) => ({
    class: "STATUS_MISMATCH",
    title: `Ещё один платёж ${formatMoney(seen.amountKopecks ?? 0n)} по уже оплаченной попытке, ${order}`,
    advice: "Деньги учтены. Сверьте оба платежа в кабинете банка: если второй лишний, верните его покупателю.",
  }),
  amount: (seen, order) => ({
    class: "AMOUNT_MISMATCH",
    title: `В кабинете банка ${formatMoney(seen.amountKopecks ?? 0n)}, а уведомление называло другую сумму, ${order}`,
    advice: "Оплата не подтверждена. Сверьте сумму в кабинете банка; возвраты по этому платежу закрыты до решения.",
  }),
};

/** ALR-16 about an attempt, one alert per attempt and case. */
export async function alertOfBank(ctx: Ctx, tx: Tx, attempt: LockedAttempt, about: Case, seen: SeenPayment): Promise<void> {
  const { class: kind, title, advice } = words[about](seen, `заказ №${NBSP}${attempt.order.number}`);
  await raiseAlert(ctx, tx, {
    code: "ALR-16",
    objectKey: `attempt:${attempt.attemptId}:${about}`,
    orderId: attempt.order.orderId,
    severity: "P1",
    amountKopecks: attempt.amountKopecks,
    title,
    advice,
    detail: { class: kind, providerPaymentId: seen.providerPaymentId },
  });
}

/** NUM-01: money in another currency is no fact of ours; a person looks at it. */
export async function alertCurrency(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment): Promise<void> {
  await raiseAlert(ctx, tx, {
    code: "ALR-16",
    objectKey: `attempt:${attempt.attemptId}:currency`,
    orderId: attempt.order.orderId,
    severity: "P1",
    title: `Платёж в валюте ${seen.currency.slice(0, 8)} по заказу №${NBSP}${attempt.order.number}`,
    advice: "Платёж не учтён: магазин принимает только рубли. Свяжитесь с банком.",
    detail: { class: "CURRENCY_MISMATCH" },
  });
}
