"use server";
import { revalidatePath } from "next/cache";
import { staffActor } from "../../session/current-staff.ts";
import { evidenceOf } from "../../session/evidence-of.ts";
import { runAction, sumNeeded, textOf } from "../../session/run-action.ts";
import type { ActionResult } from "../../session/run-action.ts";
import { runReviewed } from "../../session/run-reviewed.ts";
import type { ReviewResult } from "../../session/run-reviewed.ts";
import { invalid, notFound } from "@/lib/kit/errors.ts";
import { formatCount, formatDateLong, formatMoney, formatNumber } from "@/lib/kit/format.ts";
import { adjustSettlement, closeDay, mendDiscrepancy, readReconciliationDay, reconcileNow, reopenDay, requestRegistry, resolveDiscrepancy } from "@/lib/reconciliation/index.ts";
import type { DiscrepancyState } from "@/lib/reconciliation/index.ts";
import { currentWorld } from "@/lib/reports/world.ts";
import type { Ctx } from "@/lib/context.ts";

const UUID = /^[0-9a-f-]{36}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
function idOf(form: FormData, name: string, missing: string): string {
  const id = textOf(form, name);
  if (!UUID.test(id)) throw notFound(missing);
  return id;
}
function dayOf(form: FormData): string {
  const day = textOf(form, "day");
  if (!DAY.test(day)) throw invalid("День задан неверно");
  return day;
}
const isTestWorld = async (ctx: Ctx): Promise<boolean> => (await currentWorld(ctx)) === "test";
const refresh = () => revalidatePath("/admin", "layout");

export async function reconcileNowAction(_before: ActionResult, _form: FormData): Promise<ActionResult> {
  return runAction("reconcile.now", async () => {
    const { ctx } = await staffActor("discrepancy.resolve");
    const { opened, closed, fixed } = await reconcileNow(ctx);
    refresh();
    return opened + closed + fixed === 0 ? "Сверено, нового нет" : `Сверено: новых расхождений ${formatNumber(opened)}, закрылось ${formatNumber(closed)}, исправлено само ${formatNumber(fixed)}`;
  });
}

const became: Record<DiscrepancyState, string> = {
  open: "Проверено: расхождение осталось, нужно решение", expected: "Проверено: ждём дальше", auto_resolved: "Исправлено", resolved: "Расхождение уже решено", ignored: "Расхождение уже закрыто",
};

export async function mendDiscrepancyAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("discrepancy.mend", async () => {
    const { ctx } = await staffActor("discrepancy.resolve");
    const state = await mendDiscrepancy(ctx, { discrepancyId: idOf(form, "discrepancyId", "Расхождение не найдено") });
    refresh();
    return became[state];
  });
}

export async function resolveDiscrepancyAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("discrepancy.resolve", async () => {
    const { ctx } = await staffActor("discrepancy.resolve");
    const decision = textOf(form, "decision") === "ignored" ? "ignored" : "resolved";
    await resolveDiscrepancy(ctx, { discrepancyId: idOf(form, "discrepancyId", "Расхождение не найдено"), decision, reason: textOf(form, "reason"), evidence: await evidenceOf(form, false) });
    refresh();
    return decision === "resolved" ? "Закрыто как решённое" : "Оставлено как есть";
  });
}

export async function requestRegistryAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("registry.request", async () => {
    const { ctx } = await staffActor("registry.upload");
    const registry = await requestRegistry(ctx, { connectionId: idOf(form, "connectionId", "Подключение не найдено"), day: dayOf(form) });
    refresh();
    return registry && registry.lineCount > 0 ? `Банк прислал ${formatCount(registry.lineCount, ["операцию", "операции", "операций"])}, новых ${formatNumber(registry.newCount)}. Сверка запущена` : "Банк ответил: операций за этот день нет. Сверка запущена";
  });
}

export async function adjustSettlementAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("settlement.adjust", form, async () => {
    const { ctx } = await staffActor("discrepancy.resolve");
    const settlementId = idOf(form, "settlementId", "Выплата не найдена");
    const adjustmentKopecks = sumNeeded(form, "amount");
    const reason = textOf(form, "reason");
    if (reason === "") throw invalid("Напишите, что это за поправка", { field: "reason" });
    const before = /^-?\d{1,18}$/.test(textOf(form, "expected")) ? BigInt(textOf(form, "expected")) : null;
    const result = before === null ? "" : ` К зачислению станет ${formatMoney(before + adjustmentKopecks)}.`;
    return {
      review: {
        text: adjustmentKopecks === 0n ? `Уберём корректировку выплаты ${textOf(form, "payout")}.${result}` : `Корректировка выплаты ${textOf(form, "payout")}: ${formatMoney(adjustmentKopecks, { sign: true })}.${result}`,
        label: adjustmentKopecks === 0n ? "Убрать корректировку" : `Внести ${formatMoney(adjustmentKopecks, { sign: true })}`,
        notes: ["Деньги заказов и чеки не меняются: корректировка только объясняет, почему банк перечислил другую сумму."],
      },
      act: async () => {
        const { expectedKopecks } = await adjustSettlement(ctx, { settlementId, adjustmentKopecks, reason });
        refresh();
        return `Записано. К зачислению ${formatMoney(expectedKopecks)}`;
      },
    };
  });
}

export async function closeDayAction(_before: ReviewResult, form: FormData): Promise<ReviewResult> {
  return runReviewed("day.close", form, async () => {
    const { ctx } = await staffActor("day.close");
    const [day, isTest] = [dayOf(form), await isTestWorld(ctx)];
    const { connections } = await readReconciliationDay(ctx, { day, isTest });
    const net = connections.reduce((total, row) => total + (row.cells.ledger?.netKopecks ?? 0n), 0n);
    const waited = connections.flatMap((row) => row.causes).filter((cause) => cause.state === "expected").reduce((total, cause) => total + cause.count, 0n);
    return {
      review: {
        text: `Закроем ${formatDateLong(day)}: в учёте ${formatMoney(net)} за вычетом возвратов. Итоги дня больше не изменятся.`, label: `Закрыть ${formatDateLong(day)}`,
        notes: ["Деньги, о которых узнаем позже, встанут на следующий открытый день и покажутся как расхождение.", ...(waited > 0n ? [`Ещё ждём ${formatCount(waited, ["операцию", "операции", "операций"])}: банк может прислать их позже.`] : [])],
      },
      act: async () => {
        await closeDay(ctx, { day, isTest });
        refresh();
        return "День закрыт";
      },
    };
  });
}

export async function reopenDayAction(_before: ActionResult, form: FormData): Promise<ActionResult> {
  return runAction("day.reopen", async () => {
    const { ctx } = await staffActor("day.close");
    await reopenDay(ctx, { day: dayOf(form), isTest: await isTestWorld(ctx), reason: textOf(form, "reason") });
    refresh();
    return "День открыт";
  });
}
