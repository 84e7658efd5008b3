import Link from "next/link";
import type { ReactNode } from "react";
import { buttonClass } from "@/components/ui/button.tsx";

/** The next page of a list; `note` says what this one left out. */
export const MoreLink = ({ href, label = "Показать ещё", note }: { href: string; label?: string; note?: ReactNode }) => (
  <div className="flex flex-wrap items-center justify-center gap-x-4 gap-y-2 border-t p-3 text-dense">
    {note ? <p className="text-muted-foreground">{note}</p> : null}
    <Link href={href} prefetch={false} className={buttonClass("plain")}>
      {label}
    </Link>
  </div>
);
