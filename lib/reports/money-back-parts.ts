/** Parts of «Где деньги» about money after the payment: refunds, disputes, reversals. Pure. */
import { openDisputeStates } from "@/lib/disputes/states.ts";
import { formatDate, formatMoney } from "@/lib/kit/format.ts";
import { sum } from "@/lib/kit/money.ts";
import type { RefundState } from "@/lib/refunds/states.ts";
import type { MoneyStory, Part } from "./where-is-money.ts";

const underWay: readonly RefundState[] = ["requested", "approved", "submitting", "pending", "unknown"];

/** Money of refunds that were asked for and are not over: it needs no further «нужно вернуть». */
export const promisedKopecks = (refunds: MoneyStory["refunds"]): bigint => sum(refunds.filter((refund) => underWay.includes(refund.state)).map((refund) => refund.amountKopecks));

/** `isWhollyBack`: the sentence has begun with the whole sum's return, which is not told twice. */
export function backParts({ order, refunds, disputes }: Pick<MoneyStory, "order" | "refunds" | "disputes">, isWhollyBack: boolean): Part[] {
  const parts: Part[] = [];
  if (order.refundedKopecks > 0n && !isWhollyBack) parts.push({ tone: "neutral", text: `возвращено ${formatMoney(order.refundedKopecks)}` });
  if (order.reversedKopecks > 0n) parts.push({ tone: "warning", text: `${formatMoney(order.reversedKopecks)} отменены: деньги не поступили` });
  if (order.chargedBackKopecks > 0n) parts.push(chargedBack(order.chargedBackKopecks, disputes));
  for (const [state, text, tone] of phases) {
    const same = refunds.filter((refund) => state(refund));
    if (same.length > 0) parts.push({ tone, text: text(formatMoney(sum(same.map((refund) => refund.amountKopecks)))) });
  }
  // A refusal that a later refund has not made good yet.
  const [newest] = refunds;
  if (newest?.state === "failed") parts.push({ tone: "danger", text: `возврат ${formatMoney(newest.amountKopecks)} не исполнен, деньги у нас` });
  return parts;
}

function chargedBack(kopecks: bigint, disputes: MoneyStory["disputes"]): Part {
  const open = disputes.find((dispute) => (openDisputeStates as readonly string[]).includes(dispute.state));
  if (!open) return { tone: "neutral", text: `${formatMoney(kopecks)} списаны банком по спору` };
  return { tone: "danger", text: `${formatMoney(kopecks)} списаны по спору, он ещё идёт${open.deadlineOn && open.state !== "under_review" ? `, ответить до ${formatDate(open.deadlineOn)}` : ""}` };
}

type Refund = MoneyStory["refunds"][number];
const phases: readonly [is: (refund: Refund) => boolean, text: (sum: string) => string, tone: Part["tone"]][] = [
  [(refund) => refund.state === "requested", (amount) => `возврат ${amount} ждёт одобрения`, "warning"],
  [(refund) => refund.state === "approved" && refund.method !== "instrument", (amount) => `возврат ${amount} одобрен, ждёт выплаты бухгалтером`, "warning"],
  [(refund) => refund.state === "submitting" || (refund.state === "approved" && refund.method === "instrument"), (amount) => `возврат ${amount} отправляется в банк`, "info"],
  [(refund) => refund.state === "pending", (amount) => `возврат ${amount} выполняет банк`, "info"],
  [(refund) => refund.state === "unknown", (amount) => `результат возврата ${amount} неизвестен, спрашиваем банк`, "warning"],
  [(refund) => refund.state === "external", (amount) => `найден возврат ${amount}, начатый не у нас`, "warning"],
];
