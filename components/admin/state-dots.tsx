import { toneClass } from "@/components/ui/badge.tsx";
import type { Tone } from "@/components/ui/badge.tsx";
import { shownStateLabels } from "@/lib/exports/by-hand.ts";
import type { ShownExportState } from "@/lib/exports/by-hand.ts";
import { receiptStateLabels } from "@/lib/fiscal/states.ts";
import type { ReceiptState } from "@/lib/fiscal/states.ts";
import { orderBadge } from "@/lib/orders/order-badge.ts";
import type { BadgeOrder } from "@/lib/orders/order-badge.ts";
import { exportTones, receiptTones } from "./state-badges.tsx";

type Props = { order: BadgeOrder; today: string; receiptState: string | null; exportState: string | null };

/** Money, receipt and 1C of an order as three dots: a letter inside, the words in the title. */
export function StateDots({ order, today, receiptState, exportState }: Props) {
  const money = orderBadge(order, today);
  const receipt = receiptState as ReceiptState | null;
  const onec = exportState as ShownExportState | null;
  return (
    <span className="inline-flex gap-1">
      <Dot letter="Д" tone={money.tone} text={`Деньги: ${money.label}`} />
      <Dot letter="Ч" tone={receipt ? receiptTones[receipt] : null} text={`Чек: ${receipt ? receiptStateLabels[receipt] : "нет"}`} />
      <Dot letter="1С" tone={onec ? exportTones[onec] : null} text={`1С: ${onec ? shownStateLabels[onec] : "нечего передавать"}`} />
    </span>
  );
}

/** No tone: there is nothing to tell yet. */
function Dot({ letter, tone, text }: { letter: string; tone: Tone | null; text: string }) {
  const look = tone === null ? "border border-dashed border-input text-muted-foreground" : toneClass[tone];
  return (
    <span title={text} className={`grid h-6 w-6 place-items-center rounded-full text-[11px] leading-none font-semibold ${look}`}>
      <span aria-hidden="true">{letter}</span>
      <span className="sr-only">{text}</span>
    </span>
  );
}
