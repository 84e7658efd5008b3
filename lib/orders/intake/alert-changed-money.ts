import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { endConflictWrite, raiseConflict } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { isPayableLifecycle, lifecycleLabels } from "@/lib/orders/states.ts";
import type { PlannedOrder } from "./plan-order.ts";

const BIG_KOPECKS = 5_000_000n;

/** CML-22, LOST-17, LOST-18: 1C changed what paid money is for; a person must see the difference, also in the inbox of the exchange. Money itself stays. */
export async function alertChangedMoney(ctx: Ctx, tx: Tx, connectionId: string, { values, moneyMoved, grownKopecks }: PlannedOrder): Promise<void> {
  if (grownKopecks > 0n && isPayableLifecycle(values.lifecycle)) return askForGrowth(ctx, tx, connectionId, values, grownKopecks);
  if (!moneyMoved) return;
  const { orderId, number, lifecycle } = values;
  const { netPaidKopecks, dueKopecks, overpaidKopecks } = moneyMoved;
  const keys = { late: `order:${orderId}:late`, overpaid: `order:${orderId}:overpaid`, underpaid: `order:${orderId}:underpaid` };
  const order = `№${NBSP}${number}`;
  const paid = { connectionId, ours: `оплачено ${formatMoney(netPaidKopecks)}` };
  const end = (field: "lifecycle" | "total") => endConflictWrite(ctx, tx, { connectionId, objectKey: orderId, field }, "1С вернула прежнее");
  if (!isPayableLifecycle(lifecycle)) {
    const what = lifecycle === "deleted" ? `удалён в 1С` : `отменён в 1С`;
    await end("total");
    await raiseConflict(ctx, tx, {
      code: "ALR-05", objectKey: keys.late, orderId, severity: "P1", amountKopecks: netPaidKopecks,
      title: `Заказ ${order} ${what}, а по нему получено ${formatMoney(netPaidKopecks)}`,
      advice: "Верните деньги покупателю или восстановите заказ в 1С.",
    }, { ...paid, field: "lifecycle", theirs: lifecycleLabels[lifecycle] });
    return;
  }
  await Promise.all([resolveAlert(ctx, tx, "ALR-05", keys.late), end("lifecycle")]);
  const theirs = `сумма заказа ${formatMoney(values.totalKopecks)}`;
  if (overpaidKopecks > 0n) {
    await raiseConflict(ctx, tx, {
      code: "ALR-04", objectKey: keys.overpaid, orderId, severity: overpaidKopecks > BIG_KOPECKS ? "P1" : "P2", amountKopecks: overpaidKopecks,
      title: `Сумма заказа ${order} в 1С стала меньше оплаченной: переплата ${formatMoney(overpaidKopecks)}`,
      advice: "Верните разницу покупателю или перенесите её на другой его заказ.",
    }, { ...paid, field: "total", theirs });
  } else await resolveAlert(ctx, tx, "ALR-04", keys.overpaid);
  if (dueKopecks > 0n) {
    await raiseConflict(ctx, tx, {
      code: "ALR-04", objectKey: keys.underpaid, orderId, severity: "P3", amountKopecks: dueKopecks,
      title: `Сумма заказа ${order} в 1С выросла после оплаты: осталось ${formatMoney(dueKopecks)}`,
      advice: "Отправьте покупателю новую ссылку на доплату.",
    }, { ...paid, field: "total", theirs });
  } else await resolveAlert(ctx, tx, "ALR-04", keys.underpaid);
  if (overpaidKopecks === 0n && dueKopecks === 0n) await end("total");
}

const askForGrowth = (ctx: Ctx, tx: Tx, connectionId: string, { orderId, number, totalKopecks, onecPaymentNumber }: PlannedOrder["values"], grownKopecks: bigint) => raiseConflict(ctx, tx, {
  code: "ALR-04", objectKey: `order:${orderId}:underpaid`, orderId, severity: "P2", amountKopecks: grownKopecks,
  title: `Заказ №${NBSP}${number} оплачен по данным 1С и подорожал на ${formatMoney(grownKopecks)}: доплата не запрошена`,
  advice: "Этих денег сайт не видел, поэтому сам доплату не просит, чтобы не взять их второй раз. Примите её там, где принята оплата, или выставьте отдельный заказ на разницу.",
}, { connectionId, ours: `оплачен документом 1С ${onecPaymentNumber ?? ""}`.trim(), field: "total", theirs: `сумма заказа ${formatMoney(totalKopecks)}` });
