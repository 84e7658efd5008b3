import type { ReactNode } from "react";

/** Two columns from 960 px: the order on muted, what to do on card. One column on a phone, in the same order. */
export function PayShell({ summary, children, isTest }: { summary: ReactNode; children: ReactNode; isTest: boolean }) {
  return (
    <div className="min-h-dvh text-customer wide:grid wide:grid-cols-2">
      <section aria-label="Заказ" className="px-4 pt-5 pb-2 wide:flex wide:justify-end wide:bg-muted wide:px-14 wide:py-16">
        <div className="mx-auto w-full max-w-[480px] wide:mx-0 wide:max-w-[420px]">
          {isTest ? <TestPill /> : null}
          {summary}
        </div>
      </section>
      <main className="border-t px-4 pt-6 pb-10 wide:border-t-0 wide:px-14 wide:py-16">
        <div className="mx-auto w-full max-w-[480px] wide:mx-0">{children}</div>
      </main>
    </div>
  );
}

/** Nobody may take a rehearsal for a sale (PIL-03). */
const TestPill = () => (
  <p className="absolute top-5.5 right-4 z-10 rounded-full bg-warning-tint px-3 py-1 text-caption font-semibold text-warning">
    ТЕСТ<span className="sr-only">: деньги не списываются</span>
  </p>
);
