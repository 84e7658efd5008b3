import { Check, Clock, Lock, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge.tsx";
import type { Tone } from "@/components/ui/badge.tsx";
import { shownStateLabels } from "@/lib/exports/by-hand.ts";
import type { ShownExportState } from "@/lib/exports/by-hand.ts";
import { receiptStateLabels } from "@/lib/fiscal/states.ts";
import type { ReceiptState } from "@/lib/fiscal/states.ts";
import { formatTime } from "@/lib/kit/format.ts";
import { orderBadge } from "@/lib/orders/order-badge.ts";
import type { BadgeOrder } from "@/lib/orders/order-badge.ts";
import { attemptStateLabels } from "@/lib/payments/states.ts";
import type { AttemptState } from "@/lib/payments/states.ts";

const size = { size: 12, strokeWidth: 2.25, "aria-hidden": true } as const;
const icons: Partial<Record<Tone, ReactNode>> = { success: <Check {...size} />, danger: <X {...size} />, warning: <TriangleAlert {...size} />, info: <Clock {...size} />, deferred: <Lock {...size} /> };

export function StateBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <Badge tone={tone} icon={icons[tone]}>
      {children}
    </Badge>
  );
}

export function OrderBadge({ order, today }: { order: BadgeOrder; today: string }) {
  const { tone, label } = orderBadge(order, today);
  return <StateBadge tone={tone}>{label}</StateBadge>;
}

export const attemptTones: Record<AttemptState, Tone> = { created: "info", unknown: "warning", pending: "info", authorized: "info", succeeded: "success", failed: "danger", canceled: "neutral", expired: "neutral" };

export const AttemptBadge = ({ state }: { state: AttemptState }) => <StateBadge tone={attemptTones[state]}>{attemptStateLabels[state]}</StateBadge>;

export const receiptTones: Record<ReceiptState, Tone> = { planned: "info", queued: "info", sent: "info", unknown: "warning", registered: "success", failed_retryable: "danger", failed_final: "danger", cancelled: "neutral", not_required: "neutral" };

/** `nextTryAt`: when a failed one goes again; `fdNumber` names the document once it is printed. */
export function ReceiptBadge({ state, nextTryAt = null, fdNumber = null }: { state: ReceiptState; nextTryAt?: Date | null; fdNumber?: string | null }) {
  const label = state === "failed_retryable" && nextTryAt ? `Ошибка, повтор в\u00A0${formatTime(nextTryAt)}` : state === "registered" && fdNumber ? `ФД\u00A0${fdNumber}` : receiptStateLabels[state];
  return <StateBadge tone={receiptTones[state]}>{label}</StateBadge>;
}

export const exportTones: Record<ShownExportState, Tone> = { pending: "info", delivered: "info", confirmed: "success", rejected: "danger", by_hand: "danger" };

export const ExportBadge = ({ state }: { state: ShownExportState }) => <StateBadge tone={exportTones[state]}>{shownStateLabels[state]}</StateBadge>;
