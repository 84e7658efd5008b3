import type { Tone } from "@/components/ui/badge.tsx";

export type Severity = "P1" | "P2" | "P3" | "P4";

/** Severities of domain 6.1 in words. */
export const severityLabels: Record<Severity, string> = { P1: "Срочно", P2: "Решить сегодня", P3: "В порядке очереди", P4: "К сведению" };
export const severityTones: Record<Severity, Tone> = { P1: "danger", P2: "warning", P3: "info", P4: "neutral" };
export const severityDots: Record<Severity, string> = { P1: "bg-danger-solid", P2: "bg-chart-3", P3: "bg-chart-1", P4: "bg-input" };
