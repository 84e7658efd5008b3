import { formatDateTime } from "@/lib/kit/format.ts";
import type { PayStep } from "@/lib/orders/pay-steps.ts";
import { CheckIcon } from "./icons.tsx";

const dots: Record<PayStep["state"], string> = {
  done: "border-success-tint bg-success-tint text-success",
  current: "border-primary bg-card",
  ahead: "border-border bg-card",
};

/** The way of the order, newest last. */
export function OrderSteps({ steps, zone }: { steps: PayStep[]; zone: string }) {
  return (
    <ol className="flex flex-col" aria-label="Что происходит с заказом">
      {steps.map((step, index) => (
        <li key={step.label} aria-current={step.state === "current" ? "step" : undefined} className="relative flex gap-3 pb-4 last:pb-0">
          {index < steps.length - 1 ? <span aria-hidden="true" className="absolute top-6 bottom-0 left-[11px] w-px bg-border" /> : null}
          <span aria-hidden="true" className={`flex size-6 shrink-0 items-center justify-center rounded-full border-2 ${dots[step.state]}`}>
            {step.state === "done" ? <CheckIcon size={14} /> : null}
          </span>
          <span className={`min-w-0 ${step.state === "ahead" ? "text-muted-foreground" : step.state === "current" ? "font-medium" : ""}`}>
            {step.label}
            {step.state === "done" ? <span className="sr-only">, готово</span> : null}
            {step.at ? <span className="block text-dense font-normal text-muted-foreground tabular-nums">{formatDateTime(step.at, zone)}</span> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}
