import { Check, X } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormArea } from "@/components/admin/form-field.tsx";
import { Panel } from "@/components/admin/page-parts.tsx";
import { Button } from "@/components/ui/button.tsx";
import type { ExitCode, ExitCondition } from "@/lib/pilot/exit-rule.ts";

const places: Partial<Record<ExitCode, { href: string; label: string }>> = {
  refunds: { href: "/admin/payments?tab=refunds", label: "Возвраты" },
  drills: { href: "/admin/receipts", label: "Чеки" },
  days: { href: "/admin/reconciliation", label: "Сверка" },
  problems: { href: "/admin/alerts", label: "События" },
};

/** PIL-06: each condition with its figure, and the way into battle when all of them hold. */
export function ExitCard({ storeId, rule, mayChange, isPilot, change, children }: { storeId: string; rule: readonly ExitCondition[]; mayChange: boolean; isPilot: boolean; change: FormAction; children: ReactNode }) {
  const unmet = rule.filter((condition) => !condition.holds).length;
  return (
    <Panel title="Условия выхода в бой" aside={<span className="num text-dense text-muted-foreground">{rule.length - unmet} из {rule.length}</span>}>
      <ul className="mt-2">
        {rule.map((condition) => {
          const place = places[condition.code];
          return (
            <li key={condition.code} className="grid grid-cols-[20px_minmax(0,1fr)] gap-x-3 border-t px-4 py-2.5 sm:px-5">
              {condition.holds ? <Check size={16} strokeWidth={2.25} className="mt-0.5 text-success" aria-label="Выполнено" /> : <X size={16} strokeWidth={2.25} className="mt-0.5 text-danger" aria-label="Не выполнено" />}
              <div className="min-w-0">
                <p className="font-medium">{condition.title}</p>
                <p className="num text-dense text-muted-foreground wrap-anywhere">
                  <span className="font-medium text-foreground">{condition.figure}</span>, нужно {condition.wanted}
                  {place ? (
                    <>
                      {" · "}
                      <Link href={place.href} prefetch={false} className="inline-flex min-h-6 items-center text-primary underline underline-offset-2 pointer-coarse:min-h-11">
                        {place.label}
                      </Link>
                    </>
                  ) : null}
                </p>
              </div>
            </li>
          );
        })}
      </ul>
      {children}
      {isPilot && mayChange ? (
        <div className="border-t p-4 sm:px-5">
          {unmet === 0 ? (
            <ConfirmDetails summary="В бой…" look="primary">
              <p>Оплата откроется по всем заказам магазина. Вернуться в пилот можно в любую минуту.</p>
              <ActionForm action={change} label="В бой" look="primary" fields={["reason"]}>
                <input type="hidden" name="storeId" value={storeId} />
                <input type="hidden" name="to" value="live" />
                <FormArea id="live-reason" name="reason" label="Чем кончился пилот" />
              </ActionForm>
            </ConfirmDetails>
          ) : (
            <div className="flex flex-wrap items-center gap-3">
              <Button look="primary" disabled aria-describedby="live-why">
                В бой
              </Button>
              <p id="live-why" className="text-dense text-muted-foreground">
                Откроется, когда выполнены все условия
              </p>
            </div>
          )}
        </div>
      ) : null}
    </Panel>
  );
}
