import Link from "next/link";
import type { ReactNode } from "react";
import { formatNumber } from "@/lib/kit/format.ts";

/** Title of a page with what stands beside it. */
export function PageHead({ title, note, aside }: { title: ReactNode; note?: ReactNode; aside?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
      <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
        <h1 className="text-h2 wrap-anywhere">{title}</h1>
        {note ? <p className="text-dense text-muted-foreground">{note}</p> : null}
      </div>
      {aside ? <div className="ml-auto">{aside}</div> : null}
    </div>
  );
}

/** A card whose parts reach its edges. */
export function Panel({ title, aside, children, className = "" }: { title?: ReactNode; aside?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={`min-w-0 rounded-card border bg-card shadow-card ${className}`}>
      {title ? (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 pt-4 sm:px-5">
          <h2 className="min-w-0 grow text-body font-semibold wrap-anywhere">{title}</h2>
          {aside}
        </div>
      ) : null}
      {children}
    </section>
  );
}

/** What is empty, why, and what to do about it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <p className="font-medium">{title}</p>
      {children ? <div className="max-w-[52ch] text-dense text-muted-foreground">{children}</div> : null}
      {action}
    </div>
  );
}

export type Tab = { key: string; label: string; href: string; count?: bigint | null };

/** Tabs are links: each has its address and works without scripts. */
export function Tabs({ tabs, current, label }: { tabs: readonly Tab[]; current: string; label: string }) {
  return (
    <nav aria-label={label} className="flex gap-1 overflow-x-auto border-b px-2 sm:px-3">
      {tabs.map((tab) => (
        <Link
          key={tab.key}
          href={tab.href}
          prefetch={false}
          aria-current={tab.key === current ? "page" : undefined}
          className="-mb-px flex h-11 items-center gap-1.5 border-b-2 border-transparent px-2 font-medium whitespace-nowrap text-muted-foreground -outline-offset-2 hover:text-foreground aria-[current]:border-primary aria-[current]:text-foreground"
        >
          {tab.label}
          {tab.count === undefined || tab.count === null ? null : <span className="num text-caption font-normal text-muted-foreground">{formatNumber(tab.count)}</span>}
        </Link>
      ))}
    </nav>
  );
}

/** Chips: one of several, or none. */
export function Chip({ href, isOn, children }: { href: string; isOn: boolean; children: ReactNode }) {
  return (
    <Link
      href={href}
      prefetch={false}
      aria-current={isOn ? "true" : undefined}
      className="inline-flex h-8 items-center pointer-coarse:h-11 rounded-full border px-3 text-dense font-medium whitespace-nowrap text-muted-foreground hover:bg-muted hover:text-foreground aria-[current]:border-primary aria-[current]:bg-info-tint aria-[current]:text-info"
    >
      {children}
    </Link>
  );
}
