import type { Tone } from "@/components/ui/badge.tsx";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { resultLabels } from "@/lib/onec-messages/states.ts";
import type { MessageResult } from "@/lib/onec-messages/states.ts";

/** ux.md 5, row «1C message». */
export const resultTones: Record<MessageResult, Tone> = { received: "neutral", applied: "success", noop: "neutral", conflict: "warning", error: "danger", waiting_1c: "info", confirmed: "success", skipped: "neutral" };

/** `isTypedIn`: a person booked it in 1C, so 1C has confirmed nothing of ours. */
export const MessageBadge = ({ result, isTypedIn }: { result: MessageResult; isTypedIn: boolean }) => <StateBadge tone={resultTones[result]}>{isTypedIn ? "Проведено вручную" : resultLabels[result]}</StateBadge>;
