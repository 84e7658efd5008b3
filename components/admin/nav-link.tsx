"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

type Props = { href: string; icon: ReactNode; children: ReactNode; /** How many wait for a person; zero shows nothing. */ badge?: number; badgeLabel?: string };

export function NavLink({ href, icon, children, badge = 0, badgeLabel }: Props) {
  const path = usePathname();
  const isHere = href === "/admin" ? path === href : path === href || path.startsWith(`${href}/`);
  return (
    <Link
      href={href}
      prefetch={false}
      aria-current={isHere ? "page" : undefined}
      className="flex h-9 items-center pointer-coarse:h-11 gap-2.5 rounded-control px-2 font-medium text-muted-foreground hover:bg-muted hover:text-foreground aria-[current]:bg-muted aria-[current]:text-foreground lg:h-8"
    >
      {icon}
      <span className="min-w-0 grow truncate">{children}</span>
      {badge > 0 ? (
        <span className="num h-[18px] rounded-full bg-danger-tint px-1.5 text-caption leading-[18px] text-danger">
          {badge > 999 ? "999+" : badge}
          {badgeLabel ? <span className="sr-only"> {badgeLabel}</span> : null}
        </span>
      ) : null}
    </Link>
  );
}
