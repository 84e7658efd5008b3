"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { runAction, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { removeTotp, setUpTotp } from "@/lib/auth/change-totp.ts";
import { revokeOtherSessions, revokeSession } from "@/lib/auth/sessions.ts";
import { formatCount } from "@/lib/kit/format.ts";

export async function setUpTotpAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("totp.set_up", async () => {
    const { ctx, staff } = await staffActor(null);
    await setUpTotp(ctx, staff, { offer: textOf(form, "offer"), code: textOf(form, "code") });
    revalidatePath("/admin/profile");
    return "Второй фактор включён. При входе понадобится код из приложения";
  });
}

export async function removeTotpAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("totp.remove", async () => {
    const { ctx, staff } = await staffActor(null);
    const password = form.get("password");
    await removeTotp(ctx, staff, { password: typeof password === "string" ? password : "" });
    revalidatePath("/admin/profile");
    return "Второй фактор выключен";
  });
}

export async function revokeSessionAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("session.revoke", async () => {
    const { ctx, staff } = await staffActor(null);
    await revokeSession(ctx, staff.userId, textOf(form, "sessionId"), "session.revoked");
    revalidatePath("/admin/profile");
    return "Сеанс завершён";
  });
}

export async function revokeOthersAction(): Promise<ActionResult> {
  return runAction("session.revoke_others", async () => {
    const { ctx, staff } = await staffActor(null);
    const count = await revokeOtherSessions(ctx, staff);
    revalidatePath("/admin/profile");
    return `Завершено: ${formatCount(count, ["сеанс", "сеанса", "сеансов"])}`;
  });
}
