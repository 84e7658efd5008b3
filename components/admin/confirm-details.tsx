"use client";
import { useRef } from "react";
import type { ReactNode } from "react";
import { buttonClass } from "@/components/ui/button.tsx";
import type { ButtonLook } from "@/components/ui/button.tsx";

/** A button that opens its question with its form; «Не сейчас» has the focus. Works without scripts as a plain disclosure. */
export function ConfirmDetails({ summary, look = "plain", children }: { summary: string; look?: ButtonLook; children: ReactNode }) {
  const details = useRef<HTMLDetailsElement>(null);
  const back = useRef<HTMLButtonElement>(null);
  return (
    <details ref={details} onToggle={(event) => event.currentTarget.open && back.current?.focus()} className="open:w-full">
      <summary className={buttonClass(look)}>{summary}</summary>
      <div className="mt-2 flex flex-col gap-3 rounded-control border p-3 text-body">
        {children}
        <div className="[@media(scripting:none)]:hidden">
          <button
            ref={back}
            type="button"
            className={buttonClass("quiet")}
            onClick={() => {
              if (!details.current) return;
              details.current.open = false;
              details.current.querySelector("summary")?.focus();
            }}
          >
            Не сейчас
          </button>
        </div>
      </div>
    </details>
  );
}
