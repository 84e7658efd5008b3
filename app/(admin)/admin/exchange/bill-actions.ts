"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { runAction, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { setUpBills } from "@/lib/onec/paykeeper/index.ts";

export async function setUpBillsAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("bills.set_up", async () => {
    const { ctx } = await staffActor("settings.policies");
    await setUpBills(ctx, { connectionId: textOf(form, "connectionId"), vatRate: textOf(form, "vatRate"), subject: textOf(form, "subject"), booksCash: textOf(form, "cash") === "book" });
    revalidatePath("/admin/exchange");
    return "Сохранено. Новые счета пойдут с этими настройками";
  });
}
