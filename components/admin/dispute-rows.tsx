import Link from "next/link";
import type { DisputeRow } from "@/lib/disputes/index.ts";
import { disputeStateLabels } from "@/lib/disputes/index.ts";
import { formatDate, formatMoney } from "@/lib/kit/format.ts";
import { Deadline, disputeTones } from "./disputes-card.tsx";
import { Empty } from "./page-parts.tsx";
import { StateBadge } from "./state-badges.tsx";

/** Disputes, open ones and near deadlines first; the steps are made on the order's page. */
export function DisputeRows({ disputes, today }: { disputes: readonly DisputeRow[]; today: string }) {
  if (disputes.length === 0) return <Empty title="Споров нет">Спор появится из реестра банка или когда бухгалтер внесёт письмо банка на странице заказа.</Empty>;
  return (
    <ul className="num text-dense">
      {disputes.map((dispute) => (
        <li key={dispute.disputeId} className="flex flex-col gap-1 border-b px-4 py-3 last:border-b-0 sm:px-5">
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <span className="flex flex-wrap items-center gap-2">
              {dispute.orderId ? (
                <Link href={`/admin/orders/${dispute.orderId}`} prefetch={false} className="inline-flex min-h-6 items-center text-body font-medium hover:underline">
                  №&nbsp;{dispute.orderNumber}
                </Link>
              ) : (
                <span className="text-body font-medium">Без заказа</span>
              )}
              <StateBadge tone={disputeTones[dispute.state]}>{disputeStateLabels[dispute.state]}</StateBadge>
            </span>
            <span className="text-body font-medium whitespace-nowrap">{formatMoney(dispute.amountKopecks)}</span>
          </div>
          <p className="wrap-anywhere text-muted-foreground">{[`Спор ${dispute.providerDisputeId} от ${formatDate(dispute.openedAt)}`, dispute.reasonText, dispute.decisionText].filter(Boolean).join(" · ")}</p>
          <Deadline dispute={dispute} today={today} />
        </li>
      ))}
    </ul>
  );
}
