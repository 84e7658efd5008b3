import { formatCount, formatMoney } from "@/lib/kit/format.ts";
import { sum } from "@/lib/kit/money.ts";
import type { RefundView } from "@/lib/refunds/index.ts";
import { Panel } from "./page-parts.tsx";
import { RefundItem } from "./refund-item.tsx";
import type { RefundRights } from "./refund-item.tsx";

/** What waits for a person, before the list itself: decisions, then payouts by hand. */
export function RefundQueues({ toApprove, toPayOut, rights }: { toApprove: readonly RefundView[]; toPayOut: readonly RefundView[]; rights: RefundRights }) {
  return (
    <>
      <Queue title="Ждут одобрения" refunds={toApprove} rights={rights} />
      <Queue title="Ждут выплаты бухгалтером" refunds={toPayOut} rights={rights} />
    </>
  );
}

function Queue({ title, refunds, rights }: { title: string; refunds: readonly RefundView[]; rights: RefundRights }) {
  if (refunds.length === 0) return null;
  return (
    <Panel title={title} aside={<span className="num text-dense text-muted-foreground">{formatCount(refunds.length, ["возврат", "возврата", "возвратов"])} на {formatMoney(sum(refunds.map((refund) => refund.amountKopecks)))}</span>}>
      <ul className="grid gap-x-8 px-4 py-2 sm:px-5 lg:grid-cols-2">
        {refunds.map((refund) => (
          <li key={refund.refundId} className="border-b py-3 last:border-b-0">
            <RefundItem refund={refund} rights={rights} showsOrder />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
