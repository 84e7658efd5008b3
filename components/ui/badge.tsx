import type { ReactNode } from "react";

/** Tones of states (ux.md 5). Colour is never the only sign: the text says it too. */
export type Tone = "neutral" | "info" | "success" | "warning" | "danger" | "deferred";

export const toneClass: Record<Tone, string> = {
  neutral: "bg-neutral-tint text-neutral",
  info: "bg-info-tint text-info",
  success: "bg-success-tint text-success",
  warning: "bg-warning-tint text-warning",
  danger: "bg-danger-tint text-danger",
  deferred: "bg-deferred-tint text-deferred",
};

/** A state in one or two words, with an optional 12 px icon. */
export function Badge({ tone = "neutral", icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={`inline-flex h-5 items-center gap-1 rounded-full px-2 text-caption font-medium whitespace-nowrap ${toneClass[tone]}`}>
      {icon}
      {children}
    </span>
  );
}
