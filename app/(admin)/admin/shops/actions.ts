"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { runAction, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { resendEvent } from "@/lib/feed/index.ts";

/** «Отправить ещё раз»: the shop gets the event anew under the same id. */
export async function resendAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("feed.resend", async () => {
    const { ctx } = await staffActor("onec.repeat");
    await resendEvent(ctx, textOf(form, "eventId"));
    revalidatePath("/admin/shops");
    return "Отправляем ещё раз";
  });
}
