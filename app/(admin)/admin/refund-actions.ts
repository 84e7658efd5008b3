"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../session/current-staff.ts";
import { runAction, sumOf, textOf } from "../session/run-action.ts";
import type { ActionResult } from "../session/run-action.ts";
import { runReviewed } from "../session/run-reviewed.ts";
import type { ReviewResult } from "../session/run-reviewed.ts";
import { refundReview } from "@/components/admin/refund-review.ts";
import { previewReturnReceipt } from "@/lib/fiscal/index.ts";
import { notFound } from "@/lib/kit/errors.ts";
import { formatCount, formatMoney } from "@/lib/kit/format.ts";
import { sum } from "@/lib/kit/money.ts";
import { approveRefund, cancelRefund, confirmBankRefund, previewRefund, recordBouncedRefund, rejectRefund, requestRefund } from "@/lib/refunds/index.ts";
import type { RefundMethod, RefundReason, RequestRefund } from "@/lib/refunds/index.ts";

const LINE = /^quantity\.([0-9a-f-]{36})$/;

/** Quantities that were filled in, machine spelling. */
const linesOf = (form: FormData) =>
  [...form.keys()].flatMap((key) => {
    const orderLineId = LINE.exec(key)?.[1];
    const quantity = orderLineId ? textOf(form, key).replace(",", ".").replace(/\s/g, "") : "";
    return orderLineId && quantity !== "" && Number(quantity) !== 0 ? [{ orderLineId, quantity }] : [];
  });

/** Asks for a refund of an order's money, or of an unbound payment when no order is named. */
export async function requestRefundAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("refund.request", form, async () => {
    const { ctx } = await staffActor("refund.request");
    const lines = linesOf(form);
    const orderId = textOf(form, "orderId");
    const wish: RequestRefund & { orderId: string } = {
      orderId, paymentFactId: textOf(form, "paymentFactId") || null, amountKopecks: sumOf(form, "amount"), ...(lines.length > 0 && { lines }), reason: textOf(form, "reason") as RefundReason,
      reasonText: textOf(form, "reasonText") || null, method: textOf(form, "method") as RefundMethod, demandedOn: textOf(form, "demandedOn") || null, formKey: textOf(form, "formKey") || null,
    };
    // Its own check says which field is wrong before anything is read.
    const preview = await previewRefund(ctx, wish);
    const isWhole = preview.parts.length === 1;
    const receipts = [];
    for (const part of preview.parts) receipts.push(await previewReturnReceipt(ctx, { orderId, paymentFactId: part.paymentFactId, amountKopecks: part.amountKopecks, lines: isWhole ? preview.lines : [], reason: wish.reason }));
    return {
      review: refundReview(preview, receipts, wish.method, textOf(form, "orderNumber")),
      act: async () => {
        const made = await requestRefund(ctx, wish);
        revalidatePath("/admin", "layout");
        const total = formatMoney(sum(made.map((refund) => refund.amountKopecks)));
        const how = made.length > 1 ? `, ${formatCount(made.length, ["частью", "частями", "частями"])} по разным платежам` : "";
        if (made.every((refund) => refund.state === "requested")) return `Возврат ${total} запрошен${how}. Его должен одобрить другой сотрудник`;
        return wish.method === "instrument" ? `Возврат ${total} отправляется${how}. Как он идёт, видно в карточке «Возвраты»` : `Возврат ${total} записан. Выплатите деньги и внесите номер документа`;
      },
    };
  });
}

/** Gives an unbound payment back: its whole rest, the way it came. */
export async function refundUnboundAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("refund.unbound", form, async () => {
    const { ctx } = await staffActor("refund.request");
    const amountKopecks = sumOf(form, "amount");
    const method = textOf(form, "method") as RefundMethod;
    const amount = amountKopecks === null ? "" : formatMoney(amountKopecks);
    return {
      review: { text: `Вернём ${amount} ${method === "instrument" ? "тем же способом, каким пришли" : method === "cash" ? "наличными" : "банковским переводом"}. Заказа у этих денег нет.`, label: `Запросить возврат ${amount}`, notes: ["Деньги уйдут после одобрения вторым сотрудником, если сумма выше лимита."] },
      act: async () => {
        await requestRefund(ctx, { orderId: null, paymentFactId: textOf(form, "factId"), amountKopecks, reason: "other", reasonText: textOf(form, "reasonText") || null, method, formKey: textOf(form, "formKey") || null });
        revalidatePath("/admin", "layout");
        return `Возврат ${amount} запрошен`;
      },
    };
  });
}

export async function approveRefundAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("refund.approve", async () => {
    const { ctx } = await staffActor("refund.approve");
    await approveRefund(ctx, { refundId: refundOf(form) });
    revalidatePath("/admin", "layout");
    return "Возврат одобрен";
  });
}

export async function rejectRefundAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("refund.reject", async () => {
    const { ctx } = await staffActor("refund.approve");
    await rejectRefund(ctx, { refundId: refundOf(form), text: textOf(form, "text") });
    revalidatePath("/admin", "layout");
    return "Возврат отклонён, деньги остались у нас";
  });
}

export async function cancelRefundAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("refund.cancel", async () => {
    const { ctx } = await staffActor("refund.request");
    await cancelRefund(ctx, { refundId: refundOf(form), text: textOf(form, "text") });
    revalidatePath("/admin", "layout");
    return "Возврат отменён, деньги остались у нас";
  });
}

export async function confirmBankRefundAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("refund.paid_out", async () => {
    const { ctx } = await staffActor("transfer.book");
    await confirmBankRefund(ctx, { refundId: refundOf(form), documentNumber: textOf(form, "documentNumber"), documentDate: textOf(form, "documentDate") });
    revalidatePath("/admin", "layout");
    return "Выплата учтена";
  });
}

export async function bounceRefundAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("refund.bounced", async () => {
    const { ctx } = await staffActor("money.reverse");
    await recordBouncedRefund(ctx, { refundId: refundOf(form), reason: textOf(form, "reason") });
    revalidatePath("/admin", "layout");
    return "Записано. Новый возврат переводом ждёт одобрения";
  });
}

function refundOf(form: FormData): string {
  const refundId = textOf(form, "refundId");
  if (!/^[0-9a-f-]{36}$/.test(refundId)) throw notFound("Возврат не найден");
  return refundId;
}
