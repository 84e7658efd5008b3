"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { runAction, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { runReviewed } from "../../session/run-reviewed.ts";
import type { ReviewResult } from "../../session/run-reviewed.ts";
import { invalid, notFound } from "@/lib/kit/errors.ts";
import { formatDate, formatMoney } from "@/lib/kit/format.ts";
import { bindBankLine, bindSettlement, findBankLineTarget, setBankLineAside } from "@/lib/reconciliation/index.ts";

const UUID = /^[0-9a-f-]{36}$/;
function idOf(form: FormData, name: string, missing: string): string {
  const id = textOf(form, name);
  if (!UUID.test(id)) throw notFound(missing);
  return id;
}
function reasonOf(form: FormData): string {
  const reason = textOf(form, "reason");
  if (reason === "") throw invalid("Напишите, почему вы так решили", { field: "reason" });
  return reason;
}
const refresh = () => revalidatePath("/admin", "layout");

/** A credit of the statement is an order's payment, or an advance of a payer (LOST-23). */
export async function bindBankLineAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("bank_line.bind", form, async () => {
    const { ctx } = await staffActor("payment.bind");
    const bankLineId = idOf(form, "bankLineId", "Поступление не найдено");
    const { line, to } = await findBankLineTarget(ctx, { bankLineId, orderNumber: textOf(form, "orderNumber"), inn: textOf(form, "inn") });
    const reason = reasonOf(form);
    const sum = formatMoney(line.amountKopecks);
    const what = `поступление ${sum} от ${formatDate(line.receivedOn)}`;
    return {
      review:
        to.kind === "order"
          ? {
              text: `Привяжем ${what} к заказу №\u00A0${to.number}, покупатель ${to.buyerName}.`, label: `Привязать ${sum}`,
              notes: [to.payerKind === "individual" ? "Покупателю уйдёт чек по строкам этого заказа." : "Чек не нужен: платит организация или предприниматель.", "В 1С ничего не передаём: выписку она загружает сама."],
            }
          : { text: `Учтём ${what} авансом: ${to.name}.`, label: `Учесть авансом ${sum}`, notes: ["На заказ этого плательщика деньги можно перенести потом. В 1С ничего не передаём: выписку она загружает сама."] },
      act: async () => {
        await bindBankLine(ctx, { bankLineId, orderId: to.kind === "order" ? to.orderId : null, counterpartyId: to.kind === "counterparty" ? to.counterpartyId : null, reason });
        refresh();
        return to.kind === "order" ? `${sum} привязаны к заказу №\u00A0${to.number}` : `${sum} учтены авансом: ${to.name}`;
      },
    };
  });
}

export async function setBankLineAsideAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("bank_line.set_aside", async () => {
    const { ctx } = await staffActor("payment.bind");
    await setBankLineAside(ctx, { bankLineId: idOf(form, "bankLineId", "Поступление не найдено"), reason: reasonOf(form) });
    refresh();
    return "Отмечено: не наш платёж";
  });
}

/** Which payout of the bank a credit is; without a payout it is unbound. */
export async function bindSettlementAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("settlement.bind", async () => {
    const { ctx } = await staffActor("discrepancy.resolve");
    if (textOf(form, "bankLineId") === "") throw invalid("Выберите зачисление", { field: "bankLineId" });
    const bankLineId = idOf(form, "bankLineId", "Поступление не найдено");
    const settlementId = textOf(form, "settlementId") === "" ? null : idOf(form, "settlementId", "Выплата не найдена");
    await bindSettlement(ctx, { bankLineId, settlementId, reason: reasonOf(form) });
    refresh();
    return settlementId === null ? "Зачисление отвязано, сверка запущена" : "Зачисление связано с выплатой, сверка запущена";
  });
}
