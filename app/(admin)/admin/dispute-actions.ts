"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../session/current-staff.ts";
import { evidenceOf } from "../session/evidence-of.ts";
import { sumNeeded, textOf } from "../session/run-action.ts";
import { runReviewed } from "../session/run-reviewed.ts";
import type { ReviewResult } from "../session/run-reviewed.ts";
import { changeDispute, disputeStateLabels, disputeStates, openDispute } from "@/lib/disputes/index.ts";
import type { DisputeState } from "@/lib/disputes/index.ts";
import { conflict, invalid, notFound } from "@/lib/kit/errors.ts";
import { formatDate, formatMoney } from "@/lib/kit/format.ts";
import { instantOfLocal, localDate } from "@/lib/kit/time.ts";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const UUID = /^[0-9a-f-]{36}$/;

export async function openDisputeAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("dispute.open", form, async () => {
    const { ctx } = await staffActor("dispute.manage");
    const factId = textOf(form, "factId");
    if (!UUID.test(factId)) throw invalid("Выберите платёж", { field: "factId" });
    const providerDisputeId = textOf(form, "providerDisputeId");
    if (providerDisputeId === "") throw invalid("Укажите номер спора из письма банка", { field: "providerDisputeId" });
    const amountKopecks = sumNeeded(form, "amount");
    const deadlineOn = textOf(form, "deadlineOn") || null;
    if (deadlineOn !== null && !DAY.test(deadlineOn)) throw invalid("Укажите срок ответа", { field: "deadlineOn" });
    const day = textOf(form, "openedOn") || localDate(ctx.now(), ctx.zone);
    const occurredAt = instantOfLocal(`${day}T12:00:00`, ctx.zone);
    if (!occurredAt || day > localDate(ctx.now(), ctx.zone)) throw invalid("Укажите день списания, не позже сегодняшнего", { field: "openedOn" });
    const sum = formatMoney(amountKopecks);
    return {
      review: {
        text: `Запишем спор ${providerDisputeId} на ${sum} по заказу №\u00A0${textOf(form, "orderNumber")}: банк уже списал эти деньги.`, label: `Записать спор на ${sum}`,
        notes: [deadlineOn ? `Напомним за три дня до срока ответа ${formatDate(deadlineOn)}.` : "Срок ответа не указан: напоминания не будет.", "Возвраты этого платежа остановятся, пока спор не решён."],
      },
      act: async () => {
        const opened = await openDispute(ctx, { payment: { factId }, providerDisputeId, amountKopecks, occurredAt: occurredAt > ctx.now() ? ctx.now() : occurredAt, reasonText: textOf(form, "reasonText") || null, deadlineOn });
        if (!opened) throw conflict("Спор с этим номером уже записан");
        revalidatePath("/admin", "layout");
        return "Спор записан";
      },
    };
  });
}

const consequences: Partial<Record<DisputeState, string>> = {
  won: "Деньги вернулись к нам: запишем поступление и передадим в 1С.", lost: "Деньги остаются у покупателя. Решение окончательное.", accepted: "Соглашаемся с покупателем: деньги остаются у него. Решение окончательное.",
};

export async function changeDisputeAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("dispute.change", form, async () => {
    const { ctx } = await staffActor("dispute.manage");
    const disputeId = textOf(form, "disputeId");
    if (!UUID.test(disputeId)) throw notFound("Спор не найден");
    const state = disputeStates.find((each) => each === textOf(form, "state"));
    if (!state || state === "opened") throw invalid("Выберите, что произошло", { field: "state" });
    const text = textOf(form, "text");
    if (text === "") throw invalid("Опишите, что произошло", { field: "text" });
    const deadlineOn = textOf(form, "deadlineOn") || null;
    if (deadlineOn !== null && !DAY.test(deadlineOn)) throw invalid("Укажите срок ответа", { field: "deadlineOn" });
    const evidence = await evidenceOf(form, false);
    return {
      review: { text: `Спор на ${textOf(form, "sum")}: «${disputeStateLabels[state]}».`, label: state === "won" ? "Записать выигрыш" : state === "lost" ? "Записать проигрыш" : state === "accepted" ? "Признать спор" : "Записать", notes: [consequences[state] ?? "Спор продолжится.", ...(evidence?.file ? [`Приложим файл «${evidence.file.name}».`] : [])] },
      act: async () => {
        await changeDispute(ctx, { disputeId, state, text, deadlineOn, evidence });
        revalidatePath("/admin", "layout");
        return "Записано";
      },
    };
  });
}
