import type { Tx } from "@/db/index.ts";
import type { DomainError } from "@/lib/kit/errors.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";
import { blockOf } from "./blocks.ts";
import { overLimit, refundableOf } from "./refundable.ts";
import type { RefundMethod } from "./states.ts";

export type Pick = { payment: LockedPayment | null; amountKopecks: bigint };

type Wish = {
  order: LockedOrder | null;
  /** Newest first; locked. */
  payments: readonly LockedPayment[];
  amountKopecks: bigint;
  method: RefundMethod;
  /** The caller named the payment: its own refusal is told, no other is taken. */
  isNamed: boolean;
  /** Returned goods belong to one refund and are not cut. */
  isWhole: boolean;
};

/**
 * Which payments the money goes back from: the newest that covers the sum, else the newest ones one after another. Throws `conflict`
 * (LOST-10, PAY-16, LOST-27) with the exact refundable sum.
 */
export async function pickPayments(tx: Tx, wish: Wish): Promise<Pick[]> {
  const { order, method, amountKopecks } = wish;
  let block: DomainError | null = null;
  const open: { payment: LockedPayment; freeKopecks: bigint }[] = [];
  for (const payment of wish.payments) {
    const blocked = (await blockOf(tx, payment, order)) ?? (method === "instrument" && payment.providerPaymentId === null ? notByInstrument() : null);
    if (blocked && wish.isNamed) throw blocked;
    block ??= blocked;
    const freeKopecks = blocked ? 0n : await refundableOf(tx, { payment, order });
    if (freeKopecks > 0n) open.push({ payment, freeKopecks });
  }
  const orderKopecks = order ? await refundableOf(tx, { payment: null, order }) : null;
  const together = open.reduce((sum, each) => sum + each.freeKopecks, 0n);
  const most = orderKopecks !== null && orderKopecks < together ? orderKopecks : together;
  if (amountKopecks > most) throw most === 0n && block ? block : overLimit(most);
  const whole = open.find((each) => each.freeKopecks >= amountKopecks);
  if (whole) return [{ payment: whole.payment, amountKopecks }];
  // The accountant pays it out in one sum, whatever payments it came by.
  if (method !== "instrument") return [{ payment: null, amountKopecks }];
  if (wish.isWhole) {
    throw conflict(`Одним возвратом можно вернуть не больше ${formatMoney(open[0]!.freeKopecks)}: заказ оплачен несколькими платежами. Укажите сумму без позиций`, { reason: "several_payments", refundableKopecks: open[0]!.freeKopecks.toString() });
  }
  return spread(open, amountKopecks);
}

function spread(open: readonly { payment: LockedPayment; freeKopecks: bigint }[], amountKopecks: bigint): Pick[] {
  let left = amountKopecks;
  const picks: Pick[] = [];
  for (const { payment, freeKopecks } of open) {
    if (left === 0n) break;
    const part = freeKopecks < left ? freeKopecks : left;
    picks.push({ payment, amountKopecks: part });
    left -= part;
  }
  return picks;
}

const notByInstrument = () => conflict("Эти деньги пришли не через банк сайта: верните их переводом или наличными", { reason: "not_by_instrument" });
