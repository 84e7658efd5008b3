/** Small readers of an event's detail, shared by the sentences of the timeline. Pure. */
import { formatMoney } from "@/lib/kit/format.ts";
import type { OrderEventKind } from "@/lib/orders/record-event.ts";

export type TimelineEvent = { eventId: string; at: Date; kind: OrderEventKind; actor: string; amountKopecks: bigint | null; subjectId: string | null; detail: Record<string, unknown> };
export type TimelineSign = "ok" | "money" | "bad" | "wait" | "step" | "onec" | "letter";
export type Sentence = { sign: TimelineSign; title: string; note: string | null };
/** `sum` is the event's amount as text, empty when it has none. */
export type WriteSentence = (event: TimelineEvent, sum: string) => Sentence;

export const words = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
export const joined = (...parts: (string | null | undefined | false)[]): string | null => parts.filter(Boolean).join(" · ") || null;
/** A sum that events carry as the text of whole kopecks. */
export const sumText = (value: unknown): string | null => (typeof value === "string" && /^-?\d+$/.test(value) ? formatMoney(BigInt(value)) : null);
export function documentOf(detail: Record<string, unknown>): string | null {
  const number = words(detail["documentNumber"]) ?? words(detail["onecDocumentNumber"]) ?? words(detail["number"]);
  return number && `документ №\u00A0${number}`;
}
