import type { RefundView } from "@/lib/refunds/index.ts";
import { Panel } from "./page-parts.tsx";
import { RefundItem } from "./refund-item.tsx";
import type { RefundRights } from "./refund-item.tsx";

export function RefundsCard({ refunds, rights }: { refunds: readonly RefundView[]; rights: RefundRights }) {
  if (refunds.length === 0) return null;
  return (
    <Panel title="Возвраты">
      <ul className="flex flex-col p-4 pt-2 sm:px-5">
        {refunds.map((refund) => (
          <li key={refund.refundId} className="border-b py-3 first:pt-0 last:border-b-0 last:pb-0">
            <RefundItem refund={refund} rights={rights} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
