"use client";
import { Panel } from "@/components/admin/page-parts.tsx";
import { Button } from "@/components/ui/button.tsx";

/** What failed, what still works, and the id that is in the log. */
export default function StaffError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <Panel>
      <div role="alert" className="flex flex-col items-center gap-3 px-6 py-12 text-center">
        <h1 className="text-h3">Страница не открылась</h1>
        <p className="max-w-[52ch] text-dense text-muted-foreground">Приём оплат, чеки и обмен с 1С от этой страницы не зависят. Попробуйте ещё раз.</p>
        {error.digest ? <p className="text-caption text-muted-foreground">Код для поддержки: {error.digest}</p> : null}
        <Button onClick={reset}>Повторить</Button>
      </div>
    </Panel>
  );
}
