import type { World } from "../core/world.ts";
import { KEEP, type Payment, type PayKeeperState, type Refund } from "./state.ts";

/** Refunds of the cabinet: which are accepted, when they are done, and one that comes back. */
export function createRefunds(world: World, state: PayKeeperState, touch: () => void) {
  /** A refund that was done comes back from the payer's bank. */
  function bounce(id: string): boolean {
    const one = state.refunds.find((r) => r.id === id);
    const payment = one && state.payments[one.paymentId];
    if (!one || !payment || one.status !== "done") return false;
    one.status = "failed";
    payment.refunded -= one.amount;
    payment.status = payment.refunded === 0n ? "success" : "partially_refunded";
    touch();
    return true;
  }

  /** Why a refund is refused, or the accepted refund. */
  function ask(id: string, amount: bigint, partial: boolean): Refund | string {
    const payment = Object.hasOwn(state.payments, id) ? state.payments[id] : undefined;
    if (!payment) return "Платёж не найден.";
    if (!["success", "stuck", "partially_refunded"].includes(payment.status)) {
      return 'Нельзя сделать возврат по платежу, статус которого не "совершён", "совершён без оповещения" или "частично возвращён".';
    }
    const remainder = payment.amount - payment.refunded;
    if (amount <= 0n || amount > remainder) return "Сумма возврата превышает остаток по платежу.";
    if (!partial && amount !== remainder) return "Сумма полного возврата не равна остатку по платежу.";
    const before = payment.status;
    const one: Refund = {
      id: String(++state.lastRefundId),
      paymentId: id,
      number: state.refunds.filter((r) => r.paymentId === id).length + 1,
      amount,
      remainder: remainder - amount,
      at: world.clock.now(),
      doneAt: world.clock.now() + state.settings.refundSeconds * 1000,
      willFail: world.faults.take("paykeeper", "refund_fails") !== null,
      status: "started",
    };
    payment.status = "refunding";
    state.refunds.push(one);
    if (state.refunds.length > KEEP) state.refunds.splice(0, state.refunds.length - KEEP);
    touch();
    settleLater(payment, one, before);
    return one;
  }

  function settleLater(payment: Payment, one: Refund, before: Payment["status"]): void {
    world.clock.at(one.doneAt, () => {
      if (one.status !== "started") return;
      if (one.willFail) {
        one.status = "failed";
        one.remainder += one.amount;
        payment.status = before;
      } else {
        one.status = "done";
        payment.refunded += one.amount;
        payment.status = payment.refunded === payment.amount ? "refunded" : "partially_refunded";
      }
      world.log("paykeeper", "refund", { id: one.id, payment: payment.id, status: one.status });
      touch();
    });
  }

  /** Refunds that the stop of the sandbox has cut go on. */
  function resume(): void {
    for (const one of state.refunds) {
      const payment = state.payments[one.paymentId];
      if (one.status === "started" && payment) settleLater(payment, one, payment.refunded > 0n ? "partially_refunded" : "success");
    }
  }

  return { ask, bounce, resume };
}
