"use server";
import { revalidatePath } from "next/cache";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { staffActor } from "../../../session/current-staff.ts";
import { runAction, sumNeeded, textOf } from "../../../session/run-action.ts";
import type { ActionResult } from "../../../session/run-action.ts";
import { repeatReceipt } from "@/lib/fiscal/index.ts";
import { conflict, invalid, notFound } from "@/lib/kit/errors.ts";
import { formatCount, formatMoney } from "@/lib/kit/format.ts";
import { assertVisible } from "@/lib/orders/assert-visible.ts";
import { changeTerms } from "@/lib/orders/change-terms.ts";
import { changeRequisites } from "@/lib/orders/edit-buyer.ts";
import { changeContact, changePayBy } from "@/lib/orders/edit-order.ts";
import { revealContact } from "@/lib/orders/reveal-contact.ts";
import { bookTransfer, readAttempt, renewLink } from "@/lib/payments/index.ts";

const seen = { paid: "Банк подтвердил: деньги пришли", not_paid: "Банк ответил: денег по этому платежу нет", unknown: "Банк не ответил. Ничего не изменилось, мы продолжаем спрашивать сами" } as const;

export async function checkAttempt(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("attempt.check", async () => {
    const { ctx, viewer } = await staffActor("orders.see");
    const [attempt] = await ctx.database.sql<{ orderId: string }[]>`select order_id from payment_attempts where id = ${uuidOrNull(textOf(form, "attemptId"))}`;
    if (!attempt) throw notFound("Попытка оплаты не найдена");
    await assertVisible(ctx, viewer, attempt.orderId);
    const result = await readAttempt(ctx, textOf(form, "attemptId"));
    revalidatePath(`/admin/orders/${attempt.orderId}`);
    return seen[result];
  });
}

export async function createLink(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("link.create", async () => {
    const { ctx, viewer } = await staffActor("link.manage");
    const orderId = textOf(form, "orderId");
    await assertVisible(ctx, viewer, orderId);
    const link = await renewLink(ctx, orderId);
    if (!link) throw conflict("Ссылка не нужна: платить нечего, заказ отменён или не проведён в 1С");
    revalidatePath(`/admin/orders/${orderId}`);
    return "Ссылка готова";
  });
}

export async function repeatReceiptAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("receipt.repeat", async () => {
    const { ctx, viewer } = await staffActor("receipt.repeat");
    const receiptId = textOf(form, "receiptId");
    const [receipt] = await ctx.database.sql<{ orderId: string | null }[]>`select order_id from receipts where id = ${uuidOrNull(receiptId)}`;
    if (!receipt) throw notFound("Чек не найден");
    if (receipt.orderId !== null) await assertVisible(ctx, viewer, receipt.orderId);
    else if (viewer.storeId !== null) throw notFound("Чек не найден");
    await repeatReceipt(ctx, { receiptId, contact: textOf(form, "contact") || null });
    revalidatePath("/admin", "layout");
    return "Чек отправляется. Результат появится здесь сам";
  });
}

export async function bookTransferAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("transfer.book", async () => {
    const { ctx, viewer } = await staffActor("transfer.book");
    const orderId = textOf(form, "orderId");
    await assertVisible(ctx, viewer, orderId);
    const booked = await bookTransfer(ctx, {
      orderId, amountKopecks: sumNeeded(form, "amount"), documentNumber: textOf(form, "documentNumber"), documentDate: textOf(form, "documentDate"), note: textOf(form, "note") || null,
    });
    revalidatePath(`/admin/orders/${orderId}`);
    if (booked.overpaidKopecks > 0n) return `Оплата отмечена. Лишних ${formatMoney(booked.overpaidKopecks)}: верните их покупателю`;
    return booked.dueKopecks > 0n ? `Оплата отмечена. Осталось ${formatMoney(booked.dueKopecks)}` : "Оплата отмечена, заказ оплачен полностью";
  });
}

export async function changeTermsAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("terms.change", async () => {
    const { ctx } = await staffActor("terms.change");
    const days = textOf(form, "days");
    if (days !== "" && !/^\d{1,3}$/.test(days)) throw invalid("Срок отсрочки: от 1 до 365 дней", { field: "days" });
    const moved = await changeTerms(ctx, {
      counterpartyId: textOf(form, "counterpartyId"),
      terms: days === "" || Number(days) === 0 ? null : { days: Number(days), dayKind: textOf(form, "dayKind") as "calendar", base: textOf(form, "base") as "order_date" },
    });
    revalidatePath("/admin/orders", "layout");
    return `Условия сохранены, срок изменён: ${formatCount(moved, ["заказ", "заказа", "заказов"])}`;
  });
}

export async function revealContactAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("contact.reveal", async () => {
    const { ctx } = await staffActor("contacts.see");
    return (await revealContact(ctx, textOf(form, "orderId"))) ?? "Контакт не указан";
  });
}

export async function changeContactAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("contact.change", async () => {
    const { ctx } = await staffActor("link.manage");
    const orderId = textOf(form, "orderId");
    await changeContact(ctx, { orderId, contact: textOf(form, "contact") });
    revalidatePath(`/admin/orders/${orderId}`);
    return "Контакт сохранён";
  });
}

export async function changePayByAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("pay_by.change", async () => {
    const { ctx } = await staffActor("link.manage");
    const orderId = textOf(form, "orderId");
    await changePayBy(ctx, { orderId, lastDay: textOf(form, "lastDay") || null });
    revalidatePath(`/admin/orders/${orderId}`);
    return textOf(form, "lastDay") ? "День сохранён, ссылка действует до его конца" : "Срок снят";
  });
}

export async function changeRequisitesAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("requisites.change", async () => {
    const { ctx } = await staffActor("terms.change");
    const orderId = textOf(form, "orderId");
    const text = (name: string) => textOf(form, name);
    await changeRequisites(ctx, { orderId, officialName: text("officialName"), inn: text("inn"), kpp: text("kpp"), address: text("address"), email: text("email"), phone: text("phone") });
    revalidatePath("/admin/orders", "layout");
    return "Реквизиты сохранены";
  });
}
