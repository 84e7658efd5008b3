/** One state for an order's badge: money first, then the term of deferral (ux.md 5). Pure. */
import { formatCount, formatDate } from "@/lib/kit/format.ts";
import { DAY_MS } from "@/lib/kit/time.ts";
import { paymentStatusLabels } from "./states.ts";
import type { Lifecycle, PaymentStatus } from "./states.ts";

export type BadgeTone = "neutral" | "info" | "success" | "warning" | "danger" | "deferred";
export type StateBadge = { tone: BadgeTone; label: string };

export type BadgeOrder = {
  paymentStatus: PaymentStatus;
  lifecycle: Lifecycle;
  /** Last day to pay, `YYYY-MM-DD`; null = no deferral. */
  dueDate: string | null;
  /** Set when 1C itself says that the order is paid. */
  onecPaymentNumber: string | null;
};

const tones: Record<PaymentStatus, BadgeTone> = {
  inconsistent: "danger",
  overpaid: "warning",
  paid: "success",
  refunded: "neutral",
  nothing_due: "neutral",
  partially_paid: "warning",
  authorized: "info",
  awaiting_payment: "info",
  not_paid: "neutral",
};

/** Whole days from one `YYYY-MM-DD` to another. */
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);

/** `today` is the shop's local day. */
export function orderBadge(order: BadgeOrder, today: string): StateBadge {
  const { paymentStatus: status, dueDate } = order;
  if ((order.lifecycle === "cancelled" || order.lifecycle === "deleted") && status !== "overpaid" && status !== "inconsistent" && status !== "refunded") {
    return { tone: "neutral", label: order.lifecycle === "cancelled" ? "Отменён" : "Удалён в 1С" };
  }
  const isOwed = status === "not_paid" || status === "partially_paid" || status === "awaiting_payment";
  if (isOwed && order.onecPaymentNumber !== null) return { tone: "success", label: "Оплачен по данным 1С" };
  if (isOwed && dueDate !== null && dueDate < today) return { tone: "danger", label: `Просрочен на\u00A0${formatCount(daysBetween(dueDate, today), ["день", "дня", "дней"])}` };
  if (status === "not_paid" && dueDate !== null) return { tone: "deferred", label: `Отсрочка до\u00A0${formatDate(dueDate)}` };
  return { tone: tones[status], label: paymentStatusLabels[status] };
}

/** «Иванов И. И.» for a person's full name; firms and odd names stay as they are. */
export function shortName(name: string): string {
  const parts = name.trim().split(/\s+/);
  const isPerson = (parts.length === 2 || parts.length === 3) && parts.every((part) => /^[А-ЯЁ][а-яё]+(?:-[А-ЯЁ]?[а-яё]+)*$/u.test(part));
  return isPerson ? [parts[0], ...parts.slice(1).map((part) => `${part[0]}.`)].join("\u00A0") : name.trim();
}
