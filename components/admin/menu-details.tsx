"use client";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

/** The drawer of narrow screens. It closes itself when another page opens, and works without scripts. */
export function MenuDetails({ children }: { children: ReactNode }) {
  return (
    <details key={usePathname()} className="lg:hidden">
      {children}
    </details>
  );
}
