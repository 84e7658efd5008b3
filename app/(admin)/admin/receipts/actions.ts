"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { runAction, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { closeReceipt } from "@/lib/fiscal/index.ts";

export async function closeReceiptAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("receipt.close", async () => {
    const { ctx } = await staffActor("receipt.close");
    await closeReceipt(ctx, { receiptId: textOf(form, "receiptId"), note: textOf(form, "note") });
    revalidatePath("/admin", "layout");
    return "Чек закрыт, причина записана в журнал";
  });
}
