"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { runAction, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { applyByHand, decideConflict, dropRule, repeatMessage, rehearse, REHEARSAL_BYTES_MAX, sendAgain, settleConflict, skipMessage, textOfFile } from "@/lib/onec/inbox/index.ts";
import type { Rehearsed } from "@/lib/onec/inbox/index.ts";
import { assertConflictVisible, assertConnectionOfWorld, assertExchangeVisible } from "./visible.ts";

const refresh = () => revalidatePath("/admin", "layout");

export async function decideConflictAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("conflict.decide", async () => {
    const { ctx } = await staffActor("conflict.decide");
    const side = textOf(form, "side");
    if (side !== "ours" && side !== "theirs") throw invalid("Выберите, чьё значение верно");
    await assertConflictVisible(textOf(form, "conflictId"));
    await decideConflict(ctx, { conflictId: textOf(form, "conflictId"), side, seen: textOf(form, "seen"), always: textOf(form, "always") === "yes" });
    refresh();
    return side === "ours" ? "Оставлено наше" : "Взято из 1С";
  });
}

export async function settleConflictAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("conflict.settle", async () => {
    const { ctx } = await staffActor("onec.repeat");
    await assertConflictVisible(textOf(form, "conflictId"));
    await settleConflict(ctx, { conflictId: textOf(form, "conflictId"), reason: textOf(form, "reason") });
    refresh();
    return "Закрыто";
  });
}

export async function dropRuleAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("conflict.rule", async () => {
    const { ctx } = await staffActor("conflict.decide");
    await assertConnectionOfWorld(textOf(form, "connectionId"));
    await dropRule(ctx, { connectionId: textOf(form, "connectionId"), field: textOf(form, "field") });
    refresh();
    return "Правило снято, будем спрашивать";
  });
}

const outcomes = { created: "Заказ создан", revised: "Заказ изменён", status: "Применено", unchanged: "Ничего нового в документе нет", skipped: "Документ пропущен", refused: "Снова не принято" } as const;

export async function repeatMessageAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("message.repeat", async () => {
    const { ctx } = await staffActor("onec.repeat");
    await assertExchangeVisible(textOf(form, "messageId"));
    const { outcome, reason } = await repeatMessage(ctx, textOf(form, "messageId"));
    refresh();
    if (outcome === "refused") throw invalid(`${outcomes.refused}: ${reason ?? ""}`);
    return outcomes[outcome];
  });
}

const sentWords = { push: "Отправляем в 1С ещё раз", notice: "Отправляем в 1С ещё раз", fetch: "Отдадим, когда 1С придёт за изменениями", file: "Отдадим при следующем обмене", asked: "1С спросит сама" } as const;

/** «Повторить» for what went to 1C. */
export async function sendAgainAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("message.send_again", async () => {
    const { ctx } = await staffActor("onec.repeat");
    await assertExchangeVisible(textOf(form, "messageId"));
    const way = await sendAgain(ctx, textOf(form, "messageId"));
    refresh();
    return sentWords[way];
  });
}

export async function applyByHandAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("message.apply", async () => {
    const { ctx } = await staffActor("onec.repeat");
    await assertExchangeVisible(textOf(form, "messageId"));
    const { outcome, reason } = await applyByHand(ctx, textOf(form, "messageId"), { bindToNumber: textOf(form, "bindToNumber"), number: textOf(form, "number") });
    refresh();
    if (outcome === "refused") throw invalid(`${outcomes.refused}: ${reason ?? ""}`);
    return outcomes[outcome];
  });
}

export async function skipMessageAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("message.skip", async () => {
    const { ctx } = await staffActor("onec.repeat");
    await assertExchangeVisible(textOf(form, "messageId"));
    await skipMessage(ctx, { messageId: textOf(form, "messageId"), reason: textOf(form, "reason") });
    refresh();
    return "Пропущено";
  });
}

async function fileBytes(file: File): Promise<Uint8Array> {
  if (file.size > REHEARSAL_BYTES_MAX) throw invalid("Файл больше 1\u00A0МБ: проверьте его часть", { field: "text" });
  return new Uint8Array(await file.arrayBuffer());
}

export type RehearsalResult = (NonNullable<ActionResult> & { found?: Rehearsed[] }) | null;

export async function rehearseAction(_before: RehearsalResult, form: FormData): Promise<RehearsalResult> {
  let found: Rehearsed[] | null = null;
  const result = await runAction("exchange.rehearse", async () => {
    const { ctx } = await staffActor("onec.repeat");
    await assertConnectionOfWorld(textOf(form, "connectionId"));
    const file = form.get("file");
    const text = file instanceof File && file.size > 0 ? textOfFile(await fileBytes(file)) : textOf(form, "text");
    found = await rehearse(ctx, { connectionId: textOf(form, "connectionId"), text });
    return "Проверено. Ничего не записано";
  });
  return found ? { ...result, found } : result;
}
