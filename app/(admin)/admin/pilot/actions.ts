"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { requireWorld } from "../../session/world.ts";
import { runAction, sumOf, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { payerKinds } from "@/db/schema/index.ts";
import { NBSP, formatCount } from "@/lib/kit/format.ts";
import { addToBatch, changeStoreMode, closeBatch, makeBatch, removeFromBatch, resumePayments, setExitRule, stopPayments, storeModeLabels, tickItem } from "@/lib/pilot/index.ts";

const refresh = () => revalidatePath("/admin", "layout");
const orders = ["заказ", "заказа", "заказов"] as const;

export async function changeModeAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("store.mode", async () => {
    const { ctx } = await staffActor("pilot.change");
    const { isTest } = await requireWorld();
    const { to } = await changeStoreMode(ctx, { storeId: textOf(form, "storeId"), to: textOf(form, "to"), reason: textOf(form, "reason"), isTest });
    refresh();
    return `Режим магазина: ${storeModeLabels[to].toLowerCase()}`;
  });
}

export async function stopAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("payments.stop", async () => {
    const { ctx } = await staffActor("payments.stop");
    const storeId = textOf(form, "storeId");
    await stopPayments(ctx, { storeId: storeId === "all" ? null : storeId, reason: textOf(form, "reason") });
    refresh();
    return "Приём оплаты остановлен";
  });
}

export async function resumeAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("payments.resume", async () => {
    const { ctx } = await staffActor("payments.resume");
    await resumePayments(ctx, { stopId: textOf(form, "stopId"), reason: textOf(form, "reason") });
    refresh();
    return "Приём оплаты возобновлён, ссылки появятся за минуту";
  });
}

export async function makeBatchAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("pilot.batch", async () => {
    const { ctx } = await staffActor("pilot.change");
    const { isTest } = await requireWorld();
    const refs = textOf(form, "refs");
    const made = await makeBatch(ctx, {
      storeId: textOf(form, "storeId"), isTest, kind: textOf(form, "kind") === "rule" ? "rule" : "list", refs, maxOrders: Number(textOf(form, "maxOrders") || Number.NaN), endsOn: textOf(form, "endsOn"),
      payerKind: payerKinds.find((kind) => kind === textOf(form, "payerKind")) ?? null, counterpartyInn: textOf(form, "counterpartyInn") || null, manager: textOf(form, "manager") || null, totalMaxKopecks: sumOf(form, "totalMax"),
      takesExisting: textOf(form, "takesExisting") === "on",
    });
    refresh();
    return `Пилот №${NBSP}${made.no} создан, в нём ${formatCount(made.taken, orders)}`;
  });
}

export async function addOrdersAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("pilot.add", async () => {
    const { ctx } = await staffActor("pilot.change");
    const { taken, awaited } = await addToBatch(ctx, { batchId: textOf(form, "batchId"), refs: textOf(form, "refs") });
    refresh();
    return [`Добавлено: ${formatCount(taken, orders)}`, awaited > 0 ? `ещё не пришли из 1С: ${awaited}` : ""].filter(Boolean).join(", ");
  });
}

export async function removeOrderAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("pilot.remove", async () => {
    const { ctx } = await staffActor("pilot.change");
    await removeFromBatch(ctx, { batchId: textOf(form, "batchId"), ref: textOf(form, "ref") });
    refresh();
    return "Заказ убран из пилота";
  });
}

export async function closeBatchAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("pilot.close", async () => {
    const { ctx } = await staffActor("pilot.change");
    await closeBatch(ctx, { batchId: textOf(form, "batchId") });
    refresh();
    return "Отбор закрыт, его заказы остались в пилоте";
  });
}

export async function tickAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("pilot.tick", async () => {
    const { ctx } = await staffActor("pilot.tick");
    const { isTest } = await requireWorld();
    const isDone = textOf(form, "isDone") === "yes";
    await tickItem(ctx, { storeId: textOf(form, "storeId"), isTest, item: textOf(form, "item"), isDone });
    refresh();
    return isDone ? "Отмечено" : "Отметка снята";
  });
}

export async function setExitRuleAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("pilot.exit_rule", async () => {
    const { ctx } = await staffActor("pilot.change");
    await setExitRule(ctx, { orders: textOf(form, "orders"), perMethod: textOf(form, "perMethod"), refunds: textOf(form, "refunds"), drills: textOf(form, "drills"), days: textOf(form, "days"), reason: textOf(form, "reason") });
    refresh();
    return "Условия изменены";
  });
}
