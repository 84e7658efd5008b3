"use server";
import { revalidatePath } from "next/cache";
import { evidenceOf } from "../session/evidence-of.ts";
import { staffActor } from "../session/current-staff.ts";
import { runAction, sumNeeded, textOf } from "../session/run-action.ts";
import type { ActionResult } from "../session/run-action.ts";
import { runReviewed } from "../session/run-reviewed.ts";
import type { ReviewResult } from "../session/run-reviewed.ts";
import { bindPayment, moveMoney } from "@/lib/allocations/index.ts";
import { captureHold, releaseHold } from "@/lib/holds/index.ts";
import { invalid, notFound } from "@/lib/kit/errors.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { confirmExportByHand } from "@/lib/onec/index.ts";
import { reversePayment } from "@/lib/payments/index.ts";

const UUID = /^[0-9a-f-]{36}$/;
function idOf(form: FormData, name: string, missing: string): string {
  const id = textOf(form, name);
  if (!UUID.test(id)) throw notFound(missing);
  return id;
}
function reasonOf(form: FormData, text: string): string {
  const reason = textOf(form, "reason");
  if (reason === "") throw invalid(text, { field: "reason" });
  return reason;
}

/** An overpayment goes to another order of the buyer (`toOrderId`), or stays as an advance (empty). */
export async function moveMoneyAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("money.move", form, async () => {
    const { ctx } = await staffActor("advance.move");
    const [fromOrderId, factId] = [idOf(form, "orderId", "Заказ не найден"), idOf(form, "factId", "Платёж не найден")];
    // Empty by intent keeps an advance; a form that wants an order and names none says so.
    if (form.has("wantsOrder") && textOf(form, "toOrderId") === "") throw invalid("Выберите заказ", { field: "toOrderId" });
    const toOrderId = textOf(form, "toOrderId") === "" ? null : idOf(form, "toOrderId", "Заказ не найден");
    const amountKopecks = sumNeeded(form, "amount");
    if (amountKopecks <= 0n) throw invalid("Укажите сумму больше нуля", { field: "amount" });
    const reason = reasonOf(form, "Укажите причину переноса");
    const sum = formatMoney(amountKopecks);
    const [to] = toOrderId === null ? [] : await ctx.database.sql<{ number: string }[]>`select number from orders where id = ${toOrderId}`;
    if (toOrderId !== null && !to) throw notFound("Заказ не найден");
    const from = `заказа №\u00A0${textOf(form, "orderNumber")}`;
    return {
      review: {
        text: to ? `Перенесём ${sum} с ${from} на заказ №\u00A0${to.number}.` : `Оставим ${sum} с ${from} авансом этого покупателя.`,
        label: to ? `Перенести ${sum}` : `Оставить авансом ${sum}`,
        notes: ["Деньги никуда не уходят: меняется только то, за что они заплачены. В 1С разнесите оплату так же."],
      },
      act: async () => {
        await moveMoney(ctx, { factId, fromOrderId, toOrderId, amountKopecks, reason });
        revalidatePath("/admin", "layout");
        return to ? `${sum} перенесены на заказ №\u00A0${to.number}` : `${sum} оставлены авансом`;
      },
    };
  });
}

export async function bindPaymentAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("payment.bind", form, async () => {
    const { ctx } = await staffActor("payment.bind");
    const factId = idOf(form, "factId", "Платёж не найден");
    const number = textOf(form, "orderNumber").replace(/^№\s*/u, "");
    if (number === "") throw invalid("Укажите номер заказа", { field: "orderNumber" });
    const found = await ctx.database.sql<{ id: string; buyerName: string; number: string }[]>`
      select o.id, o.buyer_name, o.number from orders o join money_facts f on f.id = ${factId} and f.is_test = o.is_test where o.number = ${number} or o.onec_number = ${number} limit 2`;
    const [order] = found;
    if (!order) throw invalid("Заказа с таким номером нет", { field: "orderNumber" });
    if (found.length > 1) throw invalid("Заказов с таким номером несколько: укажите номер в 1С", { field: "orderNumber" });
    const reason = reasonOf(form, "Укажите, почему это платёж по этому заказу");
    const sum = textOf(form, "sum");
    return {
      review: { text: `Привяжем платёж ${sum} к заказу №\u00A0${order.number}, покупатель ${order.buyerName}.`, label: `Привязать ${sum}`, notes: ["Чек уйдёт по строкам этого заказа, оплата передастся в 1С."] },
      act: async () => {
        await bindPayment(ctx, { factId, orderId: order.id, contact: textOf(form, "contact") || null, reason });
        revalidatePath("/admin", "layout");
        return `Платёж привязан к заказу №\u00A0${order.number}`;
      },
    };
  });
}

/** The accountant says that booked money never came. */
export async function reversePaymentAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("money.reverse", form, async () => {
    const { ctx } = await staffActor("money.reverse");
    const factId = idOf(form, "factId", "Платёж не найден");
    const orderId = idOf(form, "orderId", "Заказ не найден");
    const amountKopecks = sumNeeded(form, "amount");
    if (amountKopecks <= 0n) throw invalid("Укажите сумму больше нуля", { field: "amount" });
    const reason = reasonOf(form, "Напишите, откуда известно, что денег нет");
    const evidence = await evidenceOf(form, true);
    const sum = formatMoney(amountKopecks);
    return {
      review: {
        text: `Отменим оплату ${sum} по заказу №\u00A0${textOf(form, "orderNumber")}: деньги не поступили, заказ снова будет к оплате.`, label: `Отменить оплату ${sum}`,
        notes: ["Покупателю ничего не возвращается. Чек сам не отменится: решите о нём отдельно, в карточке «Чеки»."],
      },
      act: async () => {
        await reversePayment(ctx, { factId, orderId, amountKopecks, reason, evidence });
        revalidatePath("/admin", "layout");
        return `Оплата ${sum} отменена`;
      },
    };
  });
}

export async function captureHoldAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("hold.capture", form, async () => {
    const { ctx } = await staffActor("hold.manage");
    const attemptId = idOf(form, "attemptId", "Платёж не найден");
    const amountKopecks = sumNeeded(form, "amount");
    if (amountKopecks <= 0n) throw invalid("Укажите сумму больше нуля", { field: "amount" });
    const sum = formatMoney(amountKopecks);
    return {
      review: { text: `Спишем ${sum} с карты покупателя и пробьём чек на эту сумму.`, label: `Списать ${sum}`, notes: ["Остаток блокировки банк вернёт покупателю. Списать больше потом не выйдет."] },
      act: async () => {
        await captureHold(ctx, { attemptId, amountKopecks });
        revalidatePath("/admin/orders", "layout");
        return "Списываем. Результат появится здесь сам";
      },
    };
  });
}

export async function releaseHoldAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("hold.release", form, async () => {
    const { ctx } = await staffActor("hold.manage");
    const attemptId = idOf(form, "attemptId", "Платёж не найден");
    const reason = reasonOf(form, "Напишите причину");
    const sum = textOf(form, "sum");
    return {
      review: { text: `Снимем блокировку ${sum}: деньги останутся у покупателя, чека не будет.`, label: "Снять блокировку" },
      act: async () => {
        await releaseHold(ctx, { attemptId, reason });
        revalidatePath("/admin/orders", "layout");
        return "Снимаем блокировку. Результат появится здесь сам";
      },
    };
  });
}

export async function confirmExportAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("export.confirm", async () => {
    const { ctx } = await staffActor("transfer.book");
    await confirmExportByHand(ctx, { exportId: textOf(form, "exportId"), documentNumber: textOf(form, "documentNumber") });
    revalidatePath("/admin/orders", "layout");
    return "Отмечено: учтено в 1С";
  });
}
