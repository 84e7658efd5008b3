"use client";
import { useState } from "react";
import type { ReactNode } from "react";

const SAID_MS = 2_000;

/** Copies `text`; `label` names the thing for screen readers, `children` stand beside the icon. Hidden where scripts or the clipboard are missing. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: ReactNode }) {
  const [isCopied, setIsCopied] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), SAID_MS);
  }
  return (
    <button
      type="button"
      onClick={() => void copy().catch(() => undefined)}
      className="inline-flex h-9 min-w-9 items-center justify-center gap-2 rounded-control px-2 text-body text-muted-foreground hover:bg-muted hover:text-foreground [@media(scripting:none)]:hidden"
      aria-label={isCopied ? `${label}: скопировано` : `Скопировать: ${label}`}
    >
      <svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
        {isCopied ? <path d="m5 12.5 4.5 4.5L19 7.5" /> : <path d="M9 9h10v11H9zM5 15V4h10" />}
      </svg>
      {children ? <span aria-hidden="true">{isCopied ? "Скопировано" : children}</span> : null}
    </button>
  );
}
