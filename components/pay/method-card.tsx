import type { ReactNode } from "react";
import { downLine, methodTexts } from "./method-texts.ts";
import type { PayMethodCode } from "./method-texts.ts";

/** One way to pay: a native radio; its panel opens by CSS while it is chosen. */
export function MethodCard({ code, isDown, isChosen, children }: { code: PayMethodCode; isDown: boolean; isChosen: boolean; children: ReactNode }) {
  const { title, line, mark } = methodTexts[code];
  return (
    <div className="group/card rounded-card border bg-card transition-shadow has-checked:border-primary has-checked:shadow-[0_0_0_1px_var(--primary)] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring">
      <label className="flex min-h-16 cursor-pointer items-center gap-3 px-4 py-3">
        <input type="radio" name="method" value={code} defaultChecked={isChosen} className="peer sr-only" />
        <span aria-hidden="true" className="flex size-[18px] shrink-0 items-center justify-center rounded-full border border-input peer-checked:border-primary after:size-2.5 after:rounded-full peer-checked:after:bg-primary" />
        <span className="min-w-0 flex-1">
          <span className="block font-medium">{title}</span>
          <span className={`block text-dense ${isDown ? "text-warning" : "text-muted-foreground"}`}>{isDown ? downLine(code) : line}</span>
        </span>
        <span aria-hidden="true" className="text-caption font-semibold text-muted-foreground">
          {mark}
        </span>
      </label>
      <div className="hidden px-4 pb-4 text-body text-muted-foreground group-has-checked/card:block sm:pl-[46px]">{children}</div>
    </div>
  );
}
