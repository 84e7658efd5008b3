import type { Tone } from "@/components/ui/badge.tsx";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { resultLabels } from "@/lib/onec-messages/states.ts";
import type { MessageResult } from "@/lib/onec-messages/states.ts";

/** ux.md 5, row «1C message». */
export const resultTones: Record<MessageResult, Tone> = { received: "neutral", applied: "success", noop: "neutral", conflict: "warning", error: "danger", waiting_1c: "info", confirmed: "success", skipped: "neutral" };

export const MessageBadge = ({ result }: { result: MessageResult }) => <StateBadge tone={resultTones[result]}>{resultLabels[result]}</StateBadge>;
