/** «Где деньги» (A3): one sentence that answers what became of an order's money. Pure. */
import { shownStates } from "@/lib/exports/by-hand.ts";
import { formatCount, formatDate, formatDateLong, formatDayMonth, formatMoney, formatTime } from "@/lib/kit/format.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import type { FactKind, PayMethodCode } from "@/lib/ledger/kinds.ts";
import { daysBetween } from "@/lib/orders/order-badge.ts";
import type { BadgeTone } from "@/lib/orders/order-badge.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle, PaymentStatus } from "@/lib/orders/states.ts";
import type { DisputeState } from "@/lib/disputes/states.ts";
import type { RefundMethod, RefundState } from "@/lib/refunds/states.ts";
import { backParts, promisedKopecks } from "./money-back-parts.ts";

export type MoneyStory = {
  order: {
    lifecycle: Lifecycle; paymentStatus: PaymentStatus; totalKopecks: bigint; capturedKopecks: bigint; reversedKopecks: bigint; refundedKopecks: bigint; chargedBackKopecks: bigint; goodsReturnedKopecks: bigint;
    dueDate: string | null; onecPaymentNumber: string | null; isPosted: boolean;
  };
  /** Newest first. */
  facts: readonly { kind: FactKind; method: PayMethodCode; amountKopecks: bigint; occurredAt: Date; providerName: string | null; documentNumber: string | null }[];
  receipts: readonly { state: string; nextTryAt: Date | null }[];
  exports: readonly { state: string; /** Why the exchange will not book it. */ byHand: string | null }[];
  attempts: readonly { state: string; amountKopecks: bigint; providerName: string }[];
  refunds: readonly { state: RefundState; method: RefundMethod; amountKopecks: bigint }[];
  disputes: readonly { state: DisputeState; amountKopecks: bigint; deadlineOn: string | null }[];
  /** Held at the bank and neither taken nor let go; what is being done with it. */
  holds: readonly { heldKopecks: bigint; asked: "capture" | "void" | null }[];
  /** Money went back and 1C has not sent the new sum yet (PAY-06). */
  awaitsRevision: boolean;
  /** What the bank's papers say: the payment stands in a registry, its payout came to the account on this day. */
  bank: { isInRegistry: boolean; creditedOn: string | null };
  hasInvoice: boolean;
  /** Until when the link may be paid; null = no active link. */
  linkValidUntil: Date | null;
  now: Date;
  zone: string;
};

export type WhereIsMoney = { tone: BadgeTone; text: string };

const by: Record<PayMethodCode, string> = {
  card: "картой", sbp: "через СБП", sbp_b2b: "через СБП для бизнеса", digital_ruble: "цифровыми рублями", bank_transfer: "переводом по счёту", cash: "наличными", card_pos: "картой в магазине", offset: "взаимозачётом",
};

export function whereIsMoney(story: MoneyStory): WhereIsMoney {
  const { order } = story;
  const { netPaidKopecks, dueKopecks, overpaidKopecks } = orderBalance(order);
  if (order.capturedKopecks === 0n) return notPaid(story, dueKopecks);
  const isWhollyBack = netPaidKopecks === 0n && order.refundedKopecks === order.capturedKopecks;
  const parts: (Part | null)[] = isWhollyBack
    ? [{ tone: "neutral", text: `${formatMoney(order.capturedKopecks)} были приняты и возвращены покупателю полностью` }]
    : [came(story), receiptPart(story.receipts, story), exportPart(story.exports), netPaidKopecks > 0n ? bankPart(story.bank) : null];
  parts.push(...backParts(story, isWhollyBack));
  const surplus = overpaidKopecks - promisedKopecks(story.refunds);
  if (surplus > 0n) {
    const why = isPayableLifecycle(order.lifecycle) ? `лишние ${formatMoney(surplus)} нужно вернуть` : "заказ отменён, деньги нужно вернуть";
    parts.push({ tone: "warning", text: why });
  }
  for (const hold of story.holds) parts.push({ tone: "info", text: heldText(hold) });
  if (dueKopecks > 0n) parts.push(story.awaitsRevision ? { tone: "info", text: "ждём новую сумму из\u00A01С" } : { tone: "warning", text: `осталось ${formatMoney(dueKopecks)}` });
  const told = parts.filter((part) => part !== null);
  return { tone: worstTone(told.map((part) => part.tone)), text: told.map((part) => part.text).join(", ") };
}

/** The bank's own papers: the last step of a payment's way. */
function bankPart({ isInRegistry, creditedOn }: MoneyStory["bank"]): Part | null {
  if (creditedOn !== null) return { tone: "success", text: `зачислено на счёт ${formatDate(creditedOn)}` };
  return isInRegistry ? { tone: "success", text: "есть в реестре банка" } : null;
}

const heldText = ({ heldKopecks, asked }: MoneyStory["holds"][number]): string =>
  asked === "capture" ? `${formatMoney(heldKopecks)} заблокированы на карте, списываем` : asked === "void" ? `снимаем блокировку ${formatMoney(heldKopecks)}` : `${formatMoney(heldKopecks)} заблокированы на карте`;

export type Part = { tone: BadgeTone; text: string };

const rank: BadgeTone[] = ["danger", "warning", "info", "deferred", "success", "neutral"];
const worstTone = (tones: BadgeTone[]): BadgeTone => rank.find((tone) => tones.includes(tone)) ?? "neutral";

/** «6 631,00 ₽ приняты PayKeeper сегодня в 14:05 картой» */
function came({ order, facts, now, zone }: MoneyStory): Part {
  const captures = facts.filter((fact) => fact.kind === "payment_captured");
  const [last] = captures;
  const sum = formatMoney(order.capturedKopecks);
  if (!last) return { tone: "success", text: `${sum} приняты` };
  const through = last.providerName === null || last.method === "bank_transfer" ? (last.documentNumber ? `по документу №\u00A0${last.documentNumber}` : "") : last.providerName;
  const when = moment(last.occurredAt, now, zone, last.method === "bank_transfer");
  const text = captures.length === 1 ? [`${sum} приняты`, through, when, by[last.method]].filter(Boolean).join(" ") : `${sum} приняты ${formatCount(captures.length, ["платежом", "платежами", "платежами"])}, последний ${when} ${by[last.method]}`;
  return { tone: "success", text };
}

/** «сегодня в 14:05», «вчера в 14:05», «21 ноября в 14:05», with the year when it is another one. A transfer has a day, no minute. */
function moment(at: Date, now: Date, zone: string, dayOnly: boolean): string {
  const [day, today] = [localDate(at, zone), localDate(now, zone)];
  const name = day === today ? "сегодня" : day === addDays(today, -1) ? "вчера" : day.slice(0, 4) === today.slice(0, 4) ? formatDayMonth(at, zone) : formatDateLong(at, zone);
  return dayOnly ? name : `${name} в\u00A0${formatTime(at, zone)}`;
}

const worstOf = (states: readonly string[], order: readonly string[]): string | null => order.find((state) => states.includes(state)) ?? null;

function receiptPart(receipts: MoneyStory["receipts"], { zone }: MoneyStory): Part | null {
  const worst = worstOf(receipts.map((r) => r.state), ["failed_final", "failed_retryable", "unknown", "planned", "queued", "sent", "registered", "not_required"]);
  switch (worst) {
    case null: return null;
    case "failed_final": return { tone: "danger", text: "чек не пробит, нужно решение" };
    case "failed_retryable": {
      const next = receipts.find((r) => r.state === worst)?.nextTryAt;
      return { tone: "danger", text: next ? `чек не пробит, повтор в\u00A0${formatTime(next, zone)}` : "чек не пробит, будет повтор" };
    }
    case "unknown": return { tone: "warning", text: "касса не ответила о чеке, спрашиваем её" };
    case "registered": return { tone: "success", text: receipts.length > 1 ? "чеки пробиты" : "чек пробит" };
    case "not_required": return { tone: "success", text: "чек не требуется" };
    default: return { tone: "info", text: "чек формируется" };
  }
}

function exportPart(exports: MoneyStory["exports"]): Part | null {
  switch (worstOf(exports.map((e) => (e.byHand === null ? e.state : "by_hand")), shownStates)) {
    case null: return null;
    case "by_hand": return { tone: "danger", text: "1С этого не примет: нужно провести вручную" };
    case "rejected": return { tone: "danger", text: "1С не приняла оплату" };
    case "pending": return { tone: "info", text: "ждёт обмена с 1С" };
    case "delivered": return { tone: "info", text: "передано в 1С, ждём учёта" };
    default: return { tone: "success", text: "в 1С учтено" };
  }
}

function notPaid({ order, attempts, holds, hasInvoice, linkValidUntil, now, zone }: MoneyStory, dueKopecks: bigint): WhereIsMoney {
  if (!isPayableLifecycle(order.lifecycle)) return { tone: "neutral", text: `Денег не было: заказ ${order.lifecycle === "deleted" ? "удалён в 1С" : "отменён"}` };
  if (order.onecPaymentNumber !== null) return { tone: "success", text: `Оплачен по данным 1С, документ №\u00A0${order.onecPaymentNumber}: через нас деньги не шли` };
  if (dueKopecks === 0n) return { tone: "neutral", text: "Оплата не требуется" };
  const [hold] = holds;
  if (hold?.asked) return { tone: "info", text: heldText(hold) };
  const live = attempts.find((attempt) => ["unknown", "pending", "authorized", "created"].includes(attempt.state));
  if (live?.state === "authorized") return { tone: "info", text: `${formatMoney(live.amountKopecks)} заблокированы на карте, ${live.providerName} ещё не списал их` };
  if (live?.state === "unknown") return { tone: "warning", text: `Результат платежа ${formatMoney(live.amountKopecks)} неизвестен: спрашиваем ${live.providerName}` };
  const today = localDate(now, zone);
  const sum = formatMoney(dueKopecks);
  if (order.dueDate !== null && order.dueDate < today) return { tone: "danger", text: `${sum} не поступили: просрочка ${formatCount(daysBetween(order.dueDate, today), ["день", "дня", "дней"])}, срок был ${formatDate(order.dueDate)}` };
  if (order.dueDate !== null) return { tone: "deferred", text: `Ждём ${sum}: отсрочка до\u00A0${formatDate(order.dueDate)}` };
  if (live) return { tone: "info", text: `Покупатель платит ${sum} через ${live.providerName}, ждём подтверждения` };
  if (!order.isPosted) return { tone: "neutral", text: "Заказ не проведён в 1С: платить ещё нельзя" };
  if (hasInvoice) return { tone: "neutral", text: `Счёт выставлен, ждём поступления ${sum}` };
  if (linkValidUntil === null) return { tone: "warning", text: `Денег нет: к оплате ${sum}, а действующей ссылки у покупателя нет` };
  return { tone: "neutral", text: `Денег нет: ждём ${sum}, ссылка действует до\u00A0${formatDayMonth(linkValidUntil, zone)}, ${formatTime(linkValidUntil, zone)}` };
}
