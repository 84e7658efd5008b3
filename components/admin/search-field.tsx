"use client";
import { Search } from "lucide-react";
import { useEffect, useRef } from "react";

/** Finds anything by its number or sum. ⌘K and Ctrl+K by key place, so that a Russian layout works too. */
export function SearchField() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      const isTyping = target !== null && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
      const isCommand = event.code === "KeyK" && (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey;
      const isSlash = event.code === "Slash" && event.key === "/" && !isTyping;
      if (!isCommand && !isSlash) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <form action="/admin/search" role="search" className="relative w-full max-w-[420px]">
      <Search size={16} strokeWidth={1.5} aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 text-muted-foreground" />
      <input
        ref={field}
        type="search"
        name="q"
        maxLength={100}
        required
        autoComplete="off"
        aria-label="Найти заказ, платёж, сумму, ИНН"
        aria-keyshortcuts="Control+K Meta+K"
        placeholder="Найти заказ, платёж, сумму, ИНН…"
        className="h-9 w-full rounded-control border border-input bg-card pr-14 pl-9 text-dense placeholder:text-muted-foreground"
      />
      <kbd aria-hidden className="pointer-events-none absolute top-2 right-2 hidden rounded-inner border px-1.5 font-sans text-caption leading-[18px] text-muted-foreground sm:block">⌘K</kbd>
    </form>
  );
}
