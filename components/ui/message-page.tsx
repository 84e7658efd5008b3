import type { ReactNode } from "react";

/** A whole page that only says something: not found, failed, signed out. */
export function MessagePage({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-[520px] flex-col justify-center gap-4 px-4 py-10 text-customer">
      <h1 className="text-h2">{title}</h1>
      <div className="flex flex-col gap-2 text-muted-foreground">{children}</div>
      {action}
    </main>
  );
}
