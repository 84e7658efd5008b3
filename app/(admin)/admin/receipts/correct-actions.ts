"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { runAction, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { makeCorrectionReceipt, reverseReceipt } from "@/lib/fiscal/index.ts";
import { notFound } from "@/lib/kit/errors.ts";

export async function makeCorrectionAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("receipt.correct", async () => {
    const { ctx } = await staffActor("receipt.correct");
    await makeCorrectionReceipt(ctx, { receiptId: receiptOf(form), basis: textOf(form, "basis") === "order" ? "order" : "own", orderNumber: textOf(form, "orderNumber") || null });
    revalidatePath("/admin", "layout");
    return "Чек коррекции отправляется. Результат появится здесь сам";
  });
}

export async function reverseReceiptAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("receipt.reverse", async () => {
    const { ctx } = await staffActor("receipt.correct");
    const { rightId } = await reverseReceipt(ctx, { receiptId: receiptOf(form), reason: textOf(form, "reason") });
    revalidatePath("/admin", "layout");
    return rightId ? "Отменяющий и верный чеки отправляются" : "Отменяющий чек отправляется";
  });
}

function receiptOf(form: FormData): string {
  const receiptId = textOf(form, "receiptId");
  if (!/^[0-9a-f-]{36}$/.test(receiptId)) throw notFound("Чек не найден");
  return receiptId;
}
