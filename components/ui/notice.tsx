import type { ReactNode } from "react";
import { toneClass } from "./badge.tsx";
import type { Tone } from "./badge.tsx";

type Props = { tone: Tone; title: string; children?: ReactNode; icon?: ReactNode; role?: "alert" | "status"; id?: string };

/** A banner in the page: what happened, what is safe, what to do. `role=alert` only for failures. */
export function Notice({ tone, title, children, icon, role, id }: Props) {
  return (
    <div id={id} role={role} tabIndex={id ? -1 : undefined} className={`flex gap-3 rounded-card p-4 ${toneClass[tone]}`}>
      {icon ? <span className="mt-0.5 shrink-0">{icon}</span> : null}
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-semibold">{title}</p>
        {children}
      </div>
    </div>
  );
}
