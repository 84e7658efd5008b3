import { Panel } from "@/components/admin/page-parts.tsx";
import { receiptName } from "@/components/admin/receipt-words.ts";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import type { ReceiptKind } from "@/lib/fiscal/cash-register.ts";
import type { ReceiptPurpose } from "@/lib/fiscal/external-id.ts";
import { settlementMethodLabels } from "@/lib/fiscal/states.ts";
import { formatMoney, formatQuantity } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import type { PayMethodCode } from "@/lib/ledger/kinds.ts";
import type { DryRunRow } from "@/lib/rehearsal/index.ts";

/** Receipts and documents that would have gone out for an order that is not in work here (PIL-01). */
export function DryRunsCard({ runs }: { runs: readonly DryRunRow[] }) {
  if (runs.length === 0) return null;
  return (
    <Panel title="Пробный прогон">
      <p className="px-4 pt-1 text-dense text-muted-foreground sm:px-5">Так ушло бы, если бы деньги шли через сайт. Никуда не отправлено.</p>
      <ul className="num mt-2 text-dense">
        {runs.map((run) => (
          <li key={run.dryRunId} className="flex flex-col gap-1 border-t px-4 py-2.5 sm:px-5">
            <p className="flex flex-wrap items-center gap-2 font-medium">
              {run.kind === "export" ? `Документ для 1С${run.method ? `, ${(payMethodLabels[run.method as PayMethodCode] ?? "оплата").toLowerCase()}` : ""}` : receiptName({ kind: run.receiptKind as ReceiptKind, purpose: run.purpose as ReceiptPurpose })}
              <span>{formatMoney(run.amountKopecks)}</span>
              {run.isProblem ? <StateBadge tone="danger">Не собрался</StateBadge> : null}
            </p>
            {run.problem ? <p className={run.isProblem ? "text-danger" : "text-muted-foreground"}>{run.problem}</p> : null}
            {run.documentNumber ? <p className="text-muted-foreground">По документу 1С {run.documentNumber}</p> : null}
            {run.lines.length > 0 ? (
              <ul className="flex flex-col gap-0.5 text-muted-foreground">
                {run.lines.map((line, i) => (
                  <li key={i} className="flex gap-3">
                    <span className="min-w-0 grow wrap-anywhere">
                      {line.name}, {formatQuantity(line.quantity)} · {settlementMethodLabels[line.method as keyof typeof settlementMethodLabels]}
                    </span>
                    <span className="shrink-0">{formatMoney(BigInt(line.sumKopecks))}</span>
                  </li>
                ))}
              </ul>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
