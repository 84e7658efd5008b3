"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { runAction, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { acknowledgeAlert, closeAlert } from "@/lib/alerts/index.ts";
import { notFound } from "@/lib/kit/errors.ts";

export async function acknowledgeAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("alert.acknowledge", async () => {
    const { ctx } = await staffActor("alerts.acknowledge");
    const alertId = textOf(form, "alertId");
    if (!/^[0-9a-f-]{36}$/.test(alertId)) throw notFound("Событие не найдено");
    await acknowledgeAlert(ctx, alertId);
    revalidatePath("/admin", "layout");
    return "Событие за вами";
  });
}

export async function closeAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("alert.close", async () => {
    const { ctx } = await staffActor("discrepancy.resolve");
    const alertId = textOf(form, "alertId");
    if (!/^[0-9a-f-]{36}$/.test(alertId)) throw notFound("Событие не найдено");
    await closeAlert(ctx, { alertId, reason: textOf(form, "reason") });
    revalidatePath("/admin", "layout");
    return "Событие закрыто";
  });
}
